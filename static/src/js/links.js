// Copies a figure; prints the page; remembers which local tab is open.
import { toast } from "./toasts.js";
import { say } from "./words.js";

function choose(tab) {
  for (const other of tab.closest("[role=tablist]").querySelectorAll("[role=tab]")) {
    const on = other === tab;
    other.setAttribute("aria-selected", String(on));
    other.tabIndex = on ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls"));
    if (panel) panel.hidden = !on;
  }
}

export function startLinks() {
  document.addEventListener("click", async (event) => {
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      await navigator.clipboard.writeText(copier.dataset.copy);
      toast(say("copied"), "success");
    }
    if (event.target.closest("[data-print]")) window.print();
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const tabs = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
    const forward = (event.key === "ArrowRight") === (document.documentElement.dir !== "rtl");
    const next = tabs[(tabs.indexOf(tab) + (forward ? 1 : -1) + tabs.length) % tabs.length];
    next.focus();
    choose(next);
    next.click();
  });
}
