// Short notes in the corner: from the server (HX-Trigger: {"toast": {"text": …, "level": …}}) or when a request fails.
import { say } from "./words.js";

const STAY = { info: 6000, success: 6000, warning: 12000, error: 0 };

function later(note, level) {
  if (STAY[level]) setTimeout(() => note.remove(), STAY[level]);
}

export function toast(text, level = "info") {
  const template = document.getElementById("toast");
  const corner = document.getElementById("toasts");
  if (!template || !corner) return;
  const note = template.content.firstElementChild.cloneNode(true);
  note.classList.add(`level-${level}`);
  note.querySelector("p").textContent = text;
  corner.append(note);
  later(note, level);
}

/** A part that asks again by itself does not complain each time. */
const isQuiet = (event) => event.detail.elt?.dataset?.quiet !== undefined;

export function startToasts() {
  for (const note of document.querySelectorAll(".toast-note[data-level]")) later(note, note.dataset.level);
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast-note")?.remove());
  document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail.level));
  document.addEventListener("htmx:responseError", (event) => {
    if (isQuiet(event)) return;
    const status = event.detail.xhr.status;
    toast(say(status === 403 ? "refused" : status === 404 ? "missing" : "failed"), "error");
  });
  document.addEventListener("htmx:sendError", (event) => isQuiet(event) || toast(say("offline"), "error"));
}
