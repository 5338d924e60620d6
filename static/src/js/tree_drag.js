// A card dragged onto another opens the form that moves its unit there; nothing changes before that form is sent.
import { svg } from "./svg.js";

const FAR = 6; // pixels from which a press is a drag

export function draggable(structure) {
  const { picture, units, element } = structure;
  let pressed = null;
  let target = null;

  function aim(next) {
    target?.classList.remove("is-target");
    target = next;
    target?.classList.add("is-target");
  }

  function end() {
    pressed?.ghost?.remove();
    pressed?.card.classList.remove("is-dragged");
    element.classList.remove("is-dragging");
    document.removeEventListener("keydown", givenUp);
    aim(null);
    pressed = null;
  }

  function givenUp(event) {
    if (event.key === "Escape") end();
  }

  function begin(event) {
    pressed.ghost = svg("g", { class: "tree-ghost", "aria-hidden": "true" });
    for (const part of pressed.card.children) if (part.tagName !== "title") pressed.ghost.append(part.cloneNode(true));
    structure.ground.append(pressed.ghost);
    pressed.card.classList.add("is-dragged");
    element.classList.add("is-dragging");
    picture.setPointerCapture(event.pointerId);
    document.addEventListener("keydown", givenUp);
  }

  /** The card under the pointer that the unit may come under. */
  function goal(event) {
    const over = document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".tree-node[data-id]");
    const onto = over && units.get(over.dataset.id);
    return onto && !units.isBelow(onto.id, pressed.id) && units.get(pressed.id).parent !== onto.id ? over : null;
  }

  picture.addEventListener("pointerdown", (event) => {
    const card = event.target.closest(".tree-node[data-id]");
    if (!card || event.button || event.pointerType === "touch" || !units.get(card.dataset.id) || event.target.closest(".tree-fold")) return;
    pressed = { card, id: card.dataset.id, x: event.clientX, y: event.clientY };
  });
  picture.addEventListener("pointermove", (event) => {
    if (!pressed) return;
    const [across, down] = [event.clientX - pressed.x, event.clientY - pressed.y];
    if (!pressed.ghost && Math.hypot(across, down) < FAR) return;
    if (!pressed.ghost) begin(event);
    const node = structure.byId.get(pressed.id);
    const scale = structure.place?.k ?? 1;
    pressed.ghost.setAttribute("transform", `translate(${node.x + across / scale}, ${node.y + down / scale})`);
    aim(goal(event));
  });
  picture.addEventListener("pointercancel", end);
  picture.addEventListener("pointerup", () => {
    if (!pressed) return;
    const [moved, onto] = [units.get(pressed.id), target && units.get(target.dataset.id)];
    if (pressed.ghost) swallowClick(picture);
    end();
    if (onto) ask(element, moved, onto);
  });
}

/** The click that ends a drag chooses nothing. */
function swallowClick(picture) {
  const swallow = (event) => event.stopPropagation();
  picture.addEventListener("click", swallow, { capture: true });
  setTimeout(() => picture.removeEventListener("click", swallow, { capture: true }), 0);
}

/** The form that moves a unit, in the sheet; `onto` is filled in as its parent. */
export function ask(element, unit, onto) {
  const url = new URL(element.dataset.move, location.href);
  url.searchParams.set("unit", unit.code);
  if (onto) url.searchParams.set("parent", onto.code);
  window.htmx.ajax("GET", `${url.pathname}${url.search}`, { target: "#sheet-content", swap: "innerHTML" });
}
