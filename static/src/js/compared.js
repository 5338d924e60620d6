// Lines of a comparison by keyboard: J and K walk, A accepts, R rejects, U opens again, 1 to 9 choose a candidate.
const DOES = { a: "accept", r: "reject", u: "open" };

export function decidable(page) {
  // On the document: after loading, and after a swap, nothing of the page has the focus, and the keys are promised there too.
  document.addEventListener("keydown", function heard(event) {
    if (!page.isConnected) {
      document.removeEventListener("keydown", heard);
      return;
    }
    if (event.target !== document.body && !page.contains(event.target)) return;
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
