// Puts the chat on another site: a button in the corner that opens the chat's page in a frame.
(() => {
  "use strict";
  const own = document.currentScript;
  if (!own || window.superfanChat) return;
  window.superfanChat = true;
  const base = new URL(own.src).origin;
  const language = own.dataset.lang || document.documentElement.lang || "";
  const label = own.dataset.label || "?";

  function build() {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-label", own.dataset.title || "Chat");
    Object.assign(button.style, {
      position: "fixed", insetInlineEnd: "20px", bottom: "20px", zIndex: "2147483000",
      minWidth: "56px", height: "56px", padding: "0 18px", border: "0", borderRadius: "28px",
      background: "#0b5cad", color: "#fff", font: "600 20px system-ui, sans-serif",
      cursor: "pointer", boxShadow: "0 4px 14px rgba(0,0,0,.3)",
    });
    let frame = null;
    button.addEventListener("click", () => {
      if (!frame) {
        frame = document.createElement("iframe");
        frame.src = base + "/chat" + (language ? "?lang=" + encodeURIComponent(language) : "");
        frame.title = own.dataset.title || "Chat";
        Object.assign(frame.style, {
          position: "fixed", insetInlineEnd: "20px", bottom: "88px", zIndex: "2147483000",
          width: "min(400px, calc(100vw - 40px))", height: "min(620px, calc(100vh - 120px))",
          border: "0", borderRadius: "12px", boxShadow: "0 8px 30px rgba(0,0,0,.35)",
          background: "#fff", display: "none",
        });
        document.body.append(frame);
      }
      const opens = frame.style.display === "none";
      frame.style.display = opens ? "block" : "none";
      button.setAttribute("aria-expanded", String(opens));
      if (opens) frame.focus();
    });
    document.body.append(button);
  }

  if (document.body) build();
  else document.addEventListener("DOMContentLoaded", build);
})();
