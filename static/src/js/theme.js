// Runs before the first paint. A reader who has chosen a theme has it from the server already.
(() => {
  const page = document.documentElement;
  if (page.dataset.bsTheme) return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (page.dataset.themeChoice !== "light" && page.dataset.themeChoice !== "dark") page.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  follow();
  dark.addEventListener("change", follow);
})();
