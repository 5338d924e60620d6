// The reader's choices of theme and of folded navigation; both are cookies, so the server draws the page right at once.
import { setCookie } from "./cookies.js";

function resolved(choice) {
  if (choice === "light" || choice === "dark") return choice;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function startThemes() {
  const page = document.documentElement;
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-theme-form]");
    if (!form) return;
    event.preventDefault();
    const choice = event.submitter.value;
    setCookie("theme", choice);
    page.dataset.themeChoice = choice;
    page.dataset.bsTheme = resolved(choice);
    for (const button of document.querySelectorAll("form[data-theme-form] button")) button.setAttribute("aria-pressed", String(button.value === choice));
    document.dispatchEvent(new CustomEvent("gam:theme"));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fold-nav]");
    if (!button) return;
    const folded = page.dataset.nav !== "folded";
    page.dataset.nav = folded ? "folded" : "open";
    button.setAttribute("aria-expanded", String(!folded));
    setCookie("nav", page.dataset.nav);
    window.dispatchEvent(new Event("resize"));
  });
  new MutationObserver(() => document.dispatchEvent(new CustomEvent("gam:theme"))).observe(page, { attributeFilter: ["data-bs-theme"] });
}
