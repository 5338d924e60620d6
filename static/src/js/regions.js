// Dragging regions and countries to their place: fills in the same form that the page offers without it.
const TARGETS = "[data-drop], [data-drop-root], [data-drop-nowhere]";

function submit(form, values) {
  for (const input of form.querySelectorAll("input[name]")) {
    if (input.name !== "csrfmiddlewaretoken") input.value = values[input.name] ?? "";
  }
  form.submit();
}

/** What a drop would do, or null: a region goes below another or to the root, a country into a region or out of all. */
function meant(dragged, target) {
  const { dragRegion: region, dragCountry: country } = dragged.dataset;
  if (country) {
    if (target.dataset.drop !== undefined) return { do: "move_country", country, region: target.dataset.drop };
    return target.dataset.dropNowhere !== undefined ? { do: "move_country", country, region: "/" } : null;
  }
  if (target.dataset.dropRoot !== undefined) return { do: "move_region", region, parent: "/" };
  const isBelow = dragged.closest(".branch")?.contains(target);
  return target.dataset.drop === undefined || isBelow ? null : { do: "move_region", region, parent: target.dataset.drop };
}

export function draggable(page) {
  const form = page.querySelector("[data-drag-form]");
  const zone = page.querySelector("[data-drop-root]");
  let dragged = null;
  let target = null;

  function aim(next) {
    target?.classList.remove("is-target");
    target = next;
    target?.classList.add("is-target");
  }

  page.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-drag-region], [data-drag-country]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.textContent.trim());
    dragged.classList.add("is-dragged");
    if (zone && dragged.dataset.dragRegion) zone.hidden = false;
  });
  page.addEventListener("dragover", (event) => {
    const over = event.target.closest?.(TARGETS);
    const fits = dragged && over && meant(dragged, over);
    aim(fits ? over : null);
    if (fits) event.preventDefault();
  });
  page.addEventListener("drop", (event) => {
    const values = dragged && target && meant(dragged, target);
    if (!values) return;
    event.preventDefault();
    submit(form, values);
  });
  page.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    aim(null);
    if (zone) zone.hidden = true;
  });
}
