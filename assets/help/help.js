// Searches while the reader types. Without it the form does the same.
(() => {
  "use strict";
  const form = document.getElementById("search");
  const field = document.getElementById("q");
  const found = document.getElementById("found");
  let timer = 0;
  let running = null;

  async function look() {
    const query = new URLSearchParams(new FormData(form));
    if (running) running.abort();
    running = new AbortController();
    try {
      const answer = await fetch("/help?" + query + "&fragment", { signal: running.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      found.replaceChildren(...page.body.childNodes);
      history.replaceState(null, "", "/help?" + query);
    } catch { /* a later letter took over, or there is no connection: the form still works */ }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 180);
  });
})();
