// The work list by keyboard: j and k or the arrows walk its lines, Enter opens, a acts, s puts off. What was done leaves the
// reader where she was, though the list is drawn anew.
let place = -1;

const lines = (list) => [...list.querySelectorAll(".work-line")];

function go(list, at) {
  const found = lines(list);
  if (!found.length) return;
  place = Math.max(0, Math.min(at, found.length - 1));
  found[place].focus();
}

function unfold(line, selector) {
  const menu = line.querySelector(selector);
  if (!menu) return;
  if (menu.matches("button")) return void menu.focus();
  menu.open = true;
  menu.querySelector("input:not([type=hidden]), button, select, textarea")?.focus();
}

function pressed(list, event) {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("details[open]")) return;
  const line = event.target.closest?.(".work-line");
  const here = line ? lines(list).indexOf(line) : -1;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (step && (line || event.key.length === 1)) {
    event.preventDefault();
    go(list, here < 0 ? (place < 0 ? 0 : place) : here + step);
  } else if (line && event.target === line && event.key === "Enter") {
    line.querySelector("[data-open-line]")?.click();
  } else if (line && event.key === "a") {
    event.preventDefault();
    unfold(line, "[data-act]");
  } else if (line && event.key === "s") {
    event.preventDefault();
    unfold(line, "[data-snooze]");
  }
}

export function workList(list) {
  const onKey = (event) => (list.isConnected ? pressed(list, event) : document.removeEventListener("keydown", onKey));
  document.addEventListener("keydown", onKey);
  list.dataset.keys = "heard";
  list.addEventListener("focusin", (event) => {
    const line = event.target.closest(".work-line");
    if (line) place = lines(list).indexOf(line);
  });
  const open = list.querySelector("[data-act][open]");
  if (open) open.querySelector("[aria-invalid], input:not([type=hidden])")?.focus();
  else if (place >= 0 && list.querySelector(".work-said .note")) go(list, place);
}
