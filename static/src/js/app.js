// What every page needs. Charts, maps, trees and long choice lists come as chunks of their own when a page shows one.
import htmx from "htmx.org/dist/htmx.esm.js";
import { startClocks } from "./clocks.js";
import { startDialogs } from "./dialogs.js";
import { startFind } from "./find.js";
import { startKeys } from "./keys.js";
import { startLinks } from "./links.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { startTables } from "./tables.js";
import { startThemes } from "./themes.js";
import { startToasts } from "./toasts.js";

window.htmx = htmx;

const LAZY = [
  ["[data-chart]", () => import("./charts.js"), "drawChart"],
  ["[data-map]", () => import("./map.js"), "drawMap"],
  ["[data-tree]", () => import("./tree.js"), "drawTree"],
  ["[data-regions]", () => import("./regions.js"), "draggable"],
  ["[data-board]", () => import("./board.js"), "alignmentBoard"],
  ["[data-deals]", () => import("./deals.js"), "dealBoard"],
  ["[data-compared]", () => import("./compared.js"), "decidable"],
  ["[data-work]", () => import("./work.js"), "workList"],
  ["select[data-search]", () => import("./choices.js"), "searchable"],
];

function draw(root) {
  for (const [selector, load, name] of LAZY) {
    const found = [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)].filter((element) => !element.dataset.drawn);
    if (!found.length) continue;
    for (const element of found) element.dataset.drawn = "yes";
    load().then((module) => {
      for (const element of found) {
        module[name](element);
        element.dataset.ready = "yes";
      }
    });
  }
}

startThemes();
startMenus();
startFind();
startKeys();
startDialogs(htmx);
startToasts();
startTables();
startLinks();
startClocks();
startLive(htmx);
draw(document);
document.addEventListener("htmx:load", (event) => draw(event.detail.elt));
