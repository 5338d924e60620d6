// <details class="menu">: closes when the reader turns elsewhere; arrows walk its items.
const ITEMS = ".menu-item, .menu-list input, .menu-list select, .menu-list button, .menu-list a";

function closeOthers(kept) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== kept && !menu.contains(kept)) menu.open = false;
  }
}

function keepOnScreen(menu) {
  const list = menu.querySelector(".menu-list");
  if (!list || menu.closest(".bottom-bar")) return;
  menu.classList.remove("flipped");
  const box = list.getBoundingClientRect();
  const beyond = box.right > window.innerWidth - 4 || box.left < 4;
  if (beyond) menu.classList.toggle("from-end");
}

function walk(menu, key) {
  const items = [...menu.querySelectorAll(ITEMS)].filter((item) => item.offsetParent);
  if (!items.length) return;
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[key];
  items[(next + items.length) % items.length].focus();
}

export function startMenus() {
  document.addEventListener("click", (event) => closeOthers(event.target.closest("details.menu") ?? document.body));
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.menu") && event.target.open) {
      closeOthers(event.target);
      keepOnScreen(event.target);
    }
  }, true);
  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu");
    if (!menu) return;
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && !event.target.matches("input:not([type=checkbox]), select, textarea")) {
      event.preventDefault();
      menu.open = true;
      walk(menu, event.key);
    }
  });
}
