// The alignment board: one stop for Tab, arrows within it, rows that fold, and members carried onto slots. All that a drop does,
// the links do too: it opens the same form.

const PAUSE = 120; // ms over a slot before the server is asked what a drop would change

const isRtl = () => document.documentElement.dir === "rtl";

export function alignmentBoard(root) {
  const htmx = window.htmx;
  const folded = new Set();
  let chosen = "";
  let carried = null;
  let over = null;
  let asked = 0;

  const grid = () => root.querySelector(".board-grid");
  const rows = () => [...(grid()?.querySelectorAll("tbody > tr[data-unit]") ?? [])];
  const stops = (row) => [...row.querySelectorAll("[data-stop]")];
  const cellOf = (key) => [...root.querySelectorAll("td[data-slot]")].find((cell) => cell.dataset.slot === key);
  const showing = (row) => !row.hidden;

  // -- folding

  function fold() {
    const away = new Set();
    for (const row of rows()) {
      const { unit, above } = row.dataset;
      row.hidden = above !== undefined && away.has(above);
      if (row.hasAttribute("aria-expanded")) row.setAttribute("aria-expanded", String(!folded.has(unit)));
      if (row.hidden || folded.has(unit)) away.add(unit);
    }
  }

  function turn(row, shut = !folded.has(row.dataset.unit)) {
    if (shut) folded.add(row.dataset.unit);
    else folded.delete(row.dataset.unit);
    fold();
  }

  // -- one stop for Tab, arrows within

  function settle(stop) {
    for (const one of grid()?.querySelectorAll("[data-stop]") ?? []) one.tabIndex = one === stop ? 0 : -1;
  }

  function go(stop) {
    if (!stop) return;
    settle(stop);
    stop.focus();
    stop.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function vertical(stop, step) {
    const shown = rows().filter(showing);
    const column = stop.dataset.stop;
    for (let at = shown.indexOf(stop.closest("tr")) + step; at >= 0 && at < shown.length; at += step) {
      const found = shown[at].querySelector(`[data-stop="${column}"]`);
      if (found) return found;
    }
    return null;
  }

  function horizontal(stop, step) {
    const row = stop.closest("tr");
    const isHead = stop.dataset.stop === "0";
    if (isHead && row.hasAttribute("aria-expanded")) {
      const isShut = folded.has(row.dataset.unit);
      if ((step > 0) === isShut) {
        turn(row, !isShut);
        return stop;
      }
    }
    if (isHead && step < 0) return rows().find((one) => one.dataset.unit === row.dataset.above)?.querySelector("[data-stop]");
    const line = stops(row);
    return line[line.indexOf(stop) + step];
  }

  function next(stop, event) {
    const forward = isRtl() ? -1 : 1;
    const line = stops(stop.closest("tr"));
    const shown = rows().filter(showing);
    switch (event.key) {
      case "ArrowDown": return vertical(stop, 1);
      case "ArrowUp": return vertical(stop, -1);
      case "ArrowRight": return horizontal(stop, forward);
      case "ArrowLeft": return horizontal(stop, -forward);
      case "Home": return event.ctrlKey ? stops(shown[0])[0] : line[0];
      case "End": return event.ctrlKey ? stops(shown.at(-1))[0] : line.at(-1);
      default: return undefined;
    }
  }

  root.addEventListener("keydown", (event) => {
    const stop = event.target.closest?.("[data-stop]");
    if (stop && !event.altKey && !event.metaKey) {
      const found = next(stop, event);
      if (found !== undefined) {
        event.preventDefault();
        go(found);
      }
    } else if (event.key === "Escape" && event.target.closest?.(".board-panel") && cellOf(chosen)) {
      go(cellOf(chosen).querySelector("a"));
    }
  });

  // -- choosing a slot

  function mark() {
    for (const cell of root.querySelectorAll("td.is-chosen")) cell.classList.remove("is-chosen");
    cellOf(chosen)?.classList.add("is-chosen");
  }

  function choose(link) {
    chosen = link.closest("[data-slot]")?.dataset.slot ?? "";
    mark();
    htmx.ajax("GET", link.href, { target: "#board-slot", swap: "innerHTML" }).then(() => {
      const panel = root.querySelector("#board-slot");
      (panel.querySelector("[data-choice]") ?? panel.querySelector("h2"))?.focus();
    });
  }

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fold]");
    if (button) return turn(button.closest("tr"));
    const link = event.target.closest("td[data-slot] > a, a[data-slot-link]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
    event.preventDefault();
    if (link.dataset.stop) settle(link);
    return choose(link);
  });

  // -- where an inherited slot comes from

  for (const [kind, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
    root.addEventListener(kind, (event) => {
      const link = event.target.closest?.("a[data-from]");
      if (link) cellOf(link.dataset.from)?.classList.toggle("is-source", on);
    });
  }

  // -- carrying a member onto a slot

  const preview = root.querySelector("#board-preview");

  function query(cell) {
    const [unit, role] = cell.dataset.slot.split("|");
    const values = new URLSearchParams({ unit, role, member: carried.dataset.drag });
    if (root.dataset.on) values.set("on", root.dataset.on);
    return values;
  }

  function aim(cell) {
    if (cell === over) return;
    over?.classList.remove("is-target");
    over = cell;
    over?.classList.add("is-target");
    clearTimeout(asked);
    if (!over) return;
    asked = setTimeout(() => {
      const values = query(over);
      values.set("instead", "yes");
      preview.hidden = false;
      htmx.ajax("GET", `${root.dataset.preview}?${values}`, { target: preview, swap: "innerHTML" });
    }, PAUSE);
  }

  if (root.dataset.editable !== undefined) {
    root.addEventListener("dragstart", (event) => {
      carried = event.target.closest("[data-drag]");
      if (!carried) return;
      event.dataTransfer.effectAllowed = "copy";
      event.dataTransfer.setData("text/plain", carried.textContent.trim());
      carried.classList.add("is-dragged");
    });
    root.addEventListener("dragover", (event) => {
      if (!carried) return;
      const cell = event.target.closest?.("td[data-slot]") ?? null;
      aim(cell);
      if (cell) event.preventDefault();
    });
    root.addEventListener("drop", (event) => {
      const cell = event.target.closest?.("td[data-slot]");
      if (!carried || !cell) return;
      event.preventDefault();
      chosen = cell.dataset.slot;
      mark();
      htmx.ajax("GET", `${root.dataset.cover}?${query(cell)}`, { target: "#sheet-content", swap: "innerHTML" });
    });
    root.addEventListener("dragend", () => {
      carried?.classList.remove("is-dragged");
      carried = null;
      aim(null);
      preview.hidden = true;
    });
  }

  // -- after a change, and after every swap

  document.body.addEventListener("coverage-changed", () => document.getElementById("sheet")?.close());
  root.addEventListener("htmx:afterSettle", (event) => {
    if (!event.target.closest?.(".board") && !event.target.querySelector?.(".board-grid")) return;
    prepare();
    if (document.activeElement === document.body && cellOf(chosen)) go(cellOf(chosen).querySelector("a"));
  });

  function prepare() {
    fold();
    mark();
    settle(cellOf(chosen)?.querySelector("a") ?? grid()?.querySelector("[data-stop]"));
  }

  prepare();
}
