// Lines of a comparison by keyboard: J and K walk, A accepts, R rejects, U opens again, 1 to 9 choose a candidate.
const DOES = { a: "accept", r: "reject", u: "open" };

export function decidable(page) {
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const lines = [...page.querySelectorAll("[data-line]")];
    const line = event.target.closest("[data-line]");
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      const next = line ? lines.indexOf(line) + (key === "j" ? 1 : -1) : 0;
      lines[Math.min(Math.max(next, 0), lines.length - 1)]?.focus();
    } else if (line) {
      const wanted = DOES[key] ? `button[value="${DOES[key]}"], button[data-key="${key}"]` : /^[1-9]$/.test(key) ? `button[data-key="${key}"]` : null;
      const button = wanted && line.querySelector(wanted);
      if (!button) return;
      line.focus(); // after the swap the focus stays on this line
      button.click();
    } else {
      return;
    }
    event.preventDefault();
  });
}
