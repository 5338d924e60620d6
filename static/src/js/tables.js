// "As table" beside a picture, rows that light their country on the map, and forms that send themselves.
export function startTables() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-as-table]");
    if (!button) return;
    const picture = button.closest(".picture");
    const shown = picture.classList.toggle("show-table");
    picture.querySelector(".as-table").hidden = !shown;
    button.setAttribute("aria-pressed", String(shown));
  });
  document.addEventListener("change", (event) => event.target.closest("[data-auto-submit]")?.form?.requestSubmit());
  for (const kind of ["pointerover", "pointerout", "focusin", "focusout"]) {
    document.addEventListener(kind, (event) => {
      const row = event.target.closest?.("tr[data-country]");
      if (!row) return;
      const on = kind === "pointerover" || kind === "focusin";
      row.classList.toggle("lit", on);
      document.dispatchEvent(new CustomEvent("gam:light", { detail: { key: row.dataset.country, on, from: "table" } }));
    });
  }
  document.addEventListener("gam:light", (event) => {
    if (event.detail.from !== "map") return;
    for (const row of document.querySelectorAll("tr[data-country]")) {
      if (row.dataset.country === event.detail.key) row.classList.toggle("lit", event.detail.on);
    }
  });
}
