// The web chat's page: opens a session, posts, and shows what the server streams.
// Everything from outside becomes text nodes; nothing is ever parsed as HTML.
(() => {
  "use strict";
  const KEY = "superfan-chat";
  const words = document.body.dataset;
  const log = document.getElementById("log");
  const field = document.getElementById("text");
  const shown = new Map();
  let kept = load();
  let source = null;
  let opening = null;

  function load() {
    try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; }
  }

  function keep() {
    try { localStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* private mode: lasts as long as the page */ }
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // One session, however many messages ask for it at once.
  function session() {
    if (kept.token) return Promise.resolve(kept.token);
    opening = opening || fetch("/chat/sessions", { method: "POST" })
      .then((answer) => { if (!answer.ok) throw new Error(String(answer.status)); return answer.json(); })
      .then((made) => { kept = { token: made.token, session: made.session, pressed: {} }; keep(); listen(); return made.token; })
      .finally(() => { opening = null; });
    return opening;
  }

  async function post(body) {
    const token = await session();
    const answer = await fetch("/chat/messages", {
      method: "POST",
      headers: { "Authorization": "Bearer " + token, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.status === 401) forget();
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  function forget() {
    if (source) source.close();
    source = null;
    kept = {};
    keep();
  }

  function listen() {
    if (source || !kept.token) return;
    source = new EventSource("/chat/events?token=" + encodeURIComponent(kept.token));
    source.addEventListener("open", () => note(null));
    source.addEventListener("message", (event) => show(JSON.parse(event.data)));
    source.addEventListener("typing", (event) => {
      document.getElementById("typing").hidden = !JSON.parse(event.data).typing;
    });
    source.addEventListener("state", (event) => state(JSON.parse(event.data).state));
    source.addEventListener("error", () => {
      note(words.offline);
      if (source && source.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(again, 3000);
      }
    });
  }

  // The browser reconnects by itself, except after an answer that was no stream. An empty post
  // tells whether the session is still known: 401 if not, 422 if it is.
  async function again() {
    if (!kept.token) return;
    await post({}).catch(() => {});
    listen();
  }

  let stateText = null;
  function state(name) {
    stateText = { waiting: words.waiting, human: words.human, stopped: words.stopped }[name] || null;
    note(null);
  }

  function note(text) {
    const line = document.getElementById("state");
    line.textContent = text || stateText || "";
    line.hidden = !line.textContent;
  }

  function place(box) {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    log.append(box);
    if (atEnd) log.scrollTop = log.scrollHeight;
  }

  function show(message) {
    const own = message.direction === "in";
    const key = own && message.client_id ? "in:" + message.client_id : message.id;
    const box = shown.get(key);
    if (box) {
      box.classList.remove("failed");
      return;
    }
    place(own ? said(key, message.text) : reply(message));
  }

  function said(key, text) {
    const box = element("div", "message in", text);
    box.dir = "auto";
    shown.set(key, box);
    return box;
  }

  function reply(message) {
    const box = element("div", "message out");
    box.dir = "auto";
    if (message.lang) box.lang = message.lang;
    if (message.human) box.append(element("div", "who", message.human));
    for (const part of blocks(message.text || "")) box.append(part);
    if (message.credit) box.append(credit(message.credit));
    if (message.buttons && message.buttons.length) box.append(buttons(message));
    shown.set(message.id, box);
    return box;
  }

  function credit(from) {
    const line = element("p", "credit", from.line);
    if (from.licence) line.append(" · " + words.licence + ": " + from.licence);
    if (from.url && /^https?:/i.test(from.url)) {
      line.append(" · ", link(from.url, words.original));
    }
    return line;
  }

  function link(address, text) {
    const made = element("a", "", text);
    made.href = address;
    made.rel = "noopener nofollow";
    made.target = "_blank";
    return made;
  }

  function buttons(message) {
    const row = element("div", "buttons");
    const pressed = (kept.pressed || {})[message.id];
    for (const button of message.buttons) {
      const made = element("button", "", button.label);
      made.type = "button";
      made.dir = "auto";
      made.setAttribute("aria-pressed", String(pressed === button.id));
      made.disabled = Boolean(pressed);
      made.addEventListener("click", () => press(message.id, button.id, row, made));
      row.append(made);
    }
    return row;
  }

  function press(id, button, row, made) {
    for (const one of row.children) one.disabled = true;
    made.setAttribute("aria-pressed", "true");
    post({ press: button, message_id: id }).then(() => {
      kept.pressed = Object.assign(kept.pressed || {}, { [id]: button });
      keep();
      field.focus();
    }).catch(() => {
      for (const one of row.children) one.disabled = false;
      made.setAttribute("aria-pressed", "false");
      note(words.offline);
    });
  }

  // Light Markdown: paragraphs, lists, fenced and inline code, bare links.
  function blocks(text) {
    const made = [];
    text.split("```").forEach((piece, n) => {
      if (n % 2) {
        const code = element("pre");
        code.append(element("code", "", piece.replace(/^[a-z0-9+-]*\n/i, "").replace(/\n$/, "")));
        code.dir = "ltr";
        made.push(code);
      } else {
        for (const paragraph of piece.split(/\n{2,}/)) made.push(...lines(paragraph.trim()));
      }
    });
    return made;
  }

  function lines(paragraph) {
    if (!paragraph) return [];
    const made = [];
    let open = null;
    for (const line of paragraph.split("\n")) {
      const item = /^\s*(?:[-*]|(\d+)[.)])\s+(.*)$/.exec(line);
      const kind = item ? (item[1] ? "ol" : "ul") : "p";
      if (!open || open.kind !== kind) {
        open = { kind, box: element(kind) };
        if (item && item[1]) open.box.start = Number(item[1]);
        open.box.dir = "auto";
        made.push(open.box);
      } else if (kind === "p") {
        open.box.append(element("br"));
      }
      const target = item ? open.box.appendChild(element("li")) : open.box;
      inline(target, item ? item[2] : line);
    }
    return made;
  }

  function inline(target, text) {
    for (const piece of text.split(/(`[^`]+`|https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/)) {
      if (/^`[^`]+`$/.test(piece)) target.append(element("code", "", piece.slice(1, -1)));
      else if (/^https?:\/\//.test(piece)) target.append(link(piece, piece));
      else if (piece) target.append(piece);
    }
  }

  function freshId() {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function send(text, id) {
    const key = "in:" + id;
    const box = shown.get(key) || said(key, text);
    if (!box.parentNode) place(box);
    box.classList.remove("failed");
    log.scrollTop = log.scrollHeight;
    post({ client_id: id, text }).catch(() => {
      box.classList.add("failed");
      box.title = words.notSent;
      note(words.notSent);
      box.addEventListener("click", () => { note(null); send(text, id); }, { once: true });
    });
  }

  document.getElementById("write").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    field.focus();
    send(text, freshId());
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      document.getElementById("write").requestSubmit();
    }
  });
  document.getElementById("new-chat").addEventListener("click", () => {
    forget();
    shown.clear();
    log.replaceChildren();
    document.getElementById("typing").hidden = true;
    state("bot");
    field.focus();
  });

  listen();
})();
