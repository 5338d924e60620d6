// The board of deals: cards carried from stage to stage by hand or by keys. What a move asks for comes as a sheet, and its
// button does the same.

const ENDS = new Set(["won", "lost"]);
const EDGE = 64; // pixels from the board's end within which a carried card pulls the columns along
const PULL = 24;
const isRtl = () => document.documentElement.dir === "rtl";

export function dealBoard(root) {
  const htmx = window.htmx;
  let carried = null;
  let over = null;
  let kept = "";

  const part = () => root.querySelector("[data-board-part]");
  const columns = () => [...root.querySelectorAll(".deal-column")];
  const stops = (column) => [...column.querySelectorAll("[data-stop]")];
  const cardOf = (element) => element?.closest?.(".deal-card");
  const token = () => root.querySelector("[data-token] input").value;

  // -- moving

  function move(card, column) {
    if (!card?.dataset.move || !column || column === card.closest(".deal-column") || "closed" in column.dataset) return;
    kept = card.dataset.deal;
    const { stage, outcome } = column.dataset;
    const sheet = { target: "#sheet-content", swap: "innerHTML" };
    if (ENDS.has(outcome)) {
      // On which day it was won or lost is not for a gesture to say.
      htmx.ajax("GET", `${card.dataset.move}?${new URLSearchParams({ stage })}`, sheet);
      return;
    }
    const values = { stage, version: card.dataset.version, reason: "", csrfmiddlewaretoken: token() };
    htmx.ajax("POST", card.dataset.move, { ...sheet, values });
  }

  function aim(column) {
    if (column === over) return;
    over?.classList.remove("is-target");
    over = column;
    over?.classList.add("is-target");
  }

  function pull(board, x) {
    const { left, right } = board.getBoundingClientRect();
    if (x < left + EDGE) board.scrollLeft -= PULL;
    else if (x > right - EDGE) board.scrollLeft += PULL;
  }

  // The end of a drag does not come when the board was drawn anew under it: a drop ends it too.
  function letGo() {
    carried?.classList.remove("is-dragged");
    carried = null;
    aim(null);
  }

  root.addEventListener("dragstart", (event) => {
    carried = cardOf(event.target);
    if (!carried?.dataset.move) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", carried.querySelector(".deal-name").textContent.trim());
    carried.classList.add("is-dragged");
  });
  root.addEventListener("dragover", (event) => {
    if (!carried) return;
    const column = event.target.closest?.(".deal-column") ?? null;
    aim(column);
    if (column) event.preventDefault();
    const board = event.target.closest?.(".deal-board");
    if (board) pull(board, event.clientX);
  });
  root.addEventListener("drop", (event) => {
    const column = event.target.closest?.(".deal-column");
    if (!carried || !column) return;
    event.preventDefault();
    const card = carried;
    letGo();
    move(card, column);
  });
  root.addEventListener("dragend", letGo);

  // -- keys: arrows go from card to card, with Ctrl they carry the card along

  function beside(column, step) {
    const all = columns();
    return all[all.indexOf(column) + step];
  }

  function sideways(stop, step) {
    const at = stops(stop.closest(".deal-column")).indexOf(stop);
    for (let column = beside(stop.closest(".deal-column"), step); column; column = beside(column, step)) {
      const found = stops(column);
      if (found.length) return found[Math.min(at, found.length - 1)];
    }
    return undefined;
  }

  root.addEventListener("keydown", (event) => {
    const stop = event.target.closest?.("[data-stop]");
    if (!stop || event.altKey || event.metaKey) return;
    const column = stop.closest(".deal-column");
    const step = { ArrowRight: isRtl() ? -1 : 1, ArrowLeft: isRtl() ? 1 : -1 }[event.key] ?? 0;
    if (event.ctrlKey && step) {
      event.preventDefault();
      move(cardOf(stop), beside(column, step));
      return;
    }
    if (event.key.toLowerCase() === "m" && !event.ctrlKey) {
      const link = cardOf(stop).querySelector(".deal-move");
      if (!link) return;
      event.preventDefault();
      kept = cardOf(stop).dataset.deal;
      link.click();
      return;
    }
    const line = stops(column);
    const next = { ArrowDown: line[line.indexOf(stop) + 1], ArrowUp: line[line.indexOf(stop) - 1] }[event.key] ?? (step ? sideways(stop, step) : undefined);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  // -- after a move the board is drawn anew, and the card that was moved is the one that is chosen

  document.body.addEventListener("deal-moved", (event) => {
    document.getElementById("sheet")?.close();
    kept = String(event.detail.pk ?? kept);
    htmx.ajax("GET", location.href, { target: part(), swap: "outerHTML" }).then(() => {
      const card = root.querySelector(`[data-deal="${kept}"] [data-stop]`);
      card?.focus();
      card?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  });
}
