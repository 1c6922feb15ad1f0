// Makes the console quicker, never possible: every act works without this file.
"use strict";

// Live parts: the page is loaded again and its [data-live] elements are swapped.
const about = document.body.dataset.about;
let pending = null;
let again = false;

async function refresh() {
  if (pending) { again = true; return; }
  pending = fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
  try {
    const response = await pending;
    if (response.ok) swap(new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch { /* the next hint, or the next minute, tries again */ }
  pending = null;
  if (again) { again = false; later(); }
}

function swap(fresh) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const part = fresh.getElementById(old.id);
    // Whoever stands inside with the keyboard is not thrown out.
    if (!part || old.contains(document.activeElement) || old.innerHTML === part.innerHTML) continue;
    const isAtEnd = old.scrollTop + old.clientHeight >= old.scrollHeight - 8;
    old.innerHTML = part.innerHTML;
    if (isAtEnd) old.scrollTop = old.scrollHeight;
  }
  const count = fresh.getElementById("menu-queue");
  if (count) document.getElementById("menu-queue").innerHTML = count.innerHTML;
}

let timer = 0;
function later() { clearTimeout(timer); timer = setTimeout(refresh, 150); }

if (about) {
  const source = new EventSource("/live?about=" + encodeURIComponent(about));
  source.addEventListener("changed", later);
  // What changed before the connection stood, or while it was down.
  source.addEventListener("open", later);
  setInterval(refresh, 60000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) later(); });
}

// What a customer will read, and what closes their question, leaves after a moment in which it can
// be taken back. Whoever leaves the page meanwhile meant it.
const UNDO_MS = 4000;
let held = null;

function hold(form, button) {
  const note = document.createElement("p");
  note.id = "undo";
  note.className = "actions";
  note.setAttribute("role", "status");
  const undo = document.createElement("button");
  undo.type = "button";
  undo.textContent = "Undo";
  undo.addEventListener("click", takeBack);
  note.append("This leaves in a moment.", undo);
  form.after(note);
  held = { form, button, note, timer: setTimeout(release, UNDO_MS) };
  undo.focus();
}

function takeBack() {
  if (!held) return;
  clearTimeout(held.timer);
  held.note.remove();
  held.button.focus();
  held = null;
}

function release() {
  const { form, button, note } = held;
  held = null;
  note.remove();
  form.dataset.meant = "1";
  form.requestSubmit(button);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-undo]") || form.dataset.meant) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!held) hold(form, event.submitter);
}, true);

window.addEventListener("pagehide", () => {
  if (!held) return;
  clearTimeout(held.timer);
  navigator.sendBeacon(held.form.action, new URLSearchParams(new FormData(held.form, held.button)));
  held = null;
});

// A form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post") {
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 5000);
  }
});

// Keys, where nothing is being typed.
const byId = (id) => document.getElementById(id);
const reply = byId("reply");

function sendAnswer(number) {
  (byId("send-" + number) ?? byId("judge-" + number))?.click();
}

// The answer that is about to leave, else what stands in the box, else the best answer.
function edit() {
  const number = held?.button.id.match(/^send-(\d)$/)?.[1];
  if (held) takeBack();
  const link = byId("use-" + (number ?? 1));
  if (link && (number || !reply.value)) { location.href = link.href; return; }
  reply.focus();
  reply.setSelectionRange(reply.value.length, reply.value.length);
}

function write(text) {
  reply.value = text;
  if (byId("chosen")) byId("chosen").value = "";
  reply.focus();
}

// Opens a part of the card and puts the cursor into its first field.
function unfold(box) {
  const part = byId(box);
  if (!part) return;
  part.open = true;
  (part.querySelector("select, input:not([type=hidden])") ?? part.querySelector("summary")).focus();
}

const keys = {
  1: () => sendAnswer(1),
  2: () => sendAnswer(2),
  3: () => sendAnswer(3),
  e: edit,
  w: () => write(""),
  a: () => { if (!byId("ask")) return; if (!reply.value || byId("chosen").value) write(reply.dataset.question); byId("ask").focus(); },
  t: () => unfold("transfer-box"),
  s: () => unfold("snooze-box"),
  c: () => byId("claim")?.click(),
  x: () => { const outcome = byId("outcome"); if (outcome) { outcome.value = "spam"; byId("close").click(); } },
  u: takeBack,
  r: () => byId("release")?.click(),
  d: () => byId("drop-wrong")?.click(),
  k: () => byId("drop")?.click(),
  n: () => { location.href = "/next"; },
  "/": () => { const box = byId("search"); if (box) box.focus(); else location.href = "/answers"; },
  "?": () => { const list = byId("keys"); if (list) { list.open = !list.open; list.querySelector("summary").focus(); } },
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === reply) {
    // Else the same press would reach the button that takes it back.
    event.preventDefault();
    byId("send")?.click();
    return;
  }
  if (event.key === "Escape" && held) { takeBack(); return; }
  if (event.key === "Escape" && event.target === reply) { reply.blur(); return; }
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = keys[event.key];
  if (!act || (!reply && ["e", "w", "a"].includes(event.key))) return;
  event.preventDefault();
  act();
});

// A chosen answer stands in the box to be edited.
if (reply && reply.value && new URLSearchParams(location.search).has("use")) edit();
