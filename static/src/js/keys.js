// ⌘K or Ctrl-K, and "/", go to the search box.
export function startKeys() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const wanted = (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) || (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey);
    const box = document.getElementById("find");
    if (!wanted || !box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  const hint = document.querySelector(".find kbd");
  if (hint && !/Mac|iP(hone|ad)/.test(navigator.platform)) hint.textContent = "Ctrl K";
}
