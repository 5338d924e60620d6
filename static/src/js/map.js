// Where in the world: countries shaded by one hue, small ones as dots large enough to press.
import world from "virtual:world";
import { svg } from "./svg.js";
import { dataOf, say, short } from "./words.js";

const STEPS = 5;
const DOT = 5; // radius on the page, in pixels
const REACH = 13; // what a finger may miss by
const SMALL = 36; // below this area on the page (square pixels) a country is a dot

/** Upper bounds of the shades: equal counts of countries in each, so one giant does not wash out the rest. */
function bounds(values) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  if (!sorted.length) return [];
  const all = Array.from({ length: STEPS }, (_, at) => sorted[Math.min(Math.ceil(((at + 1) * sorted.length) / STEPS) - 1, sorted.length - 1)]);
  return [...new Set(all)];
}

function shade(value, limits) {
  if (value === null) return "q-unknown";
  if (value <= 0) return "q0";
  const at = limits.findIndex((limit) => value <= limit);
  return `q${limits.length === 1 ? STEPS : Math.round((at / (limits.length - 1)) * (STEPS - 1)) + 1}`;
}

function frame(items, zoomed) {
  // Where there is something to see: far territories without a figure would shrink the rest.
  const seen = items.some((item) => item.value !== 0) ? items.filter((item) => item.value !== 0) : items;
  const boxes = seen.map((item) => world.countries[item.country]?.box).filter(Boolean);
  if (!zoomed || !boxes.length) return [0, 0, world.width, world.height];
  let [left, top, right, bottom] = [Math.min(...boxes.map((b) => b[0])), Math.min(...boxes.map((b) => b[1])), Math.max(...boxes.map((b) => b[2])), Math.max(...boxes.map((b) => b[3]))];
  const margin = Math.max(right - left, bottom - top) * 0.06 + 80;
  [left, top, right, bottom] = [left - margin, top - margin, right + margin, bottom + margin];
  const ratio = 1.6;
  if ((right - left) / (bottom - top) < ratio) {
    const more = (bottom - top) * ratio - (right - left);
    [left, right] = [left - more / 2, right + more / 2];
  } else {
    const more = (right - left) / ratio - (bottom - top);
    [top, bottom] = [top - more / 2, bottom + more / 2];
  }
  return [left, top, right - left, bottom - top];
}

function patterns() {
  return svg("defs", {}, svg("pattern", { id: "map-unknown", width: 5, height: 5, patternUnits: "userSpaceOnUse" },
    svg("rect", { class: "map-unknown-ground", width: 5, height: 5 }), svg("circle", { class: "map-unknown-dot", cx: 2.5, cy: 2.5, r: 0.9 })));
}

function placed(item, shape, limits) {
  const css = shade(item.value, limits);
  // A row of a table that leads to the same place is the keyboard's way; two hundred countries are no tab stops.
  const twin = document.querySelector(`tr[data-country="${CSS.escape(item.key)}"] a[href]`);
  const link = svg("a", { ...(twin ? { tabindex: -1 } : {}), "data-key": item.key, "aria-label": `${item.name}: ${item.text}`, ...(item.url ? { href: item.url } : { tabindex: 0, role: "img" }) });
  link.append(svg("path", { class: `country ${css}`, d: shape.d }));
  link.append(svg("circle", { class: `country dot ${css}`, cx: shape.at[0], cy: shape.at[1] }), svg("circle", { class: "reach", cx: shape.at[0], cy: shape.at[1] }));
  return link;
}

/** Dots keep their size on the page however large the map is drawn. */
function sizeDots(picture, items) {
  const scale = picture.viewBox.baseVal.width / (picture.clientWidth || 1);
  picture.querySelector("pattern").setAttribute("patternTransform", `scale(${scale})`);
  for (const link of picture.querySelectorAll("a")) {
    // A small country without a figure needs no dot: a hundred rings would hide the few that count.
    const small = items.get(link).area / (scale * scale) < SMALL && items.get(link).value !== 0;
    const [dot, reach] = link.querySelectorAll("circle");
    dot.setAttribute("r", small ? DOT * scale : 0);
    reach.setAttribute("r", small ? REACH * scale : 0);
    if (!small) continue;
    link.parentNode.append(link); // dots lie above their neighbours
  }
}

function key(limits, items) {
  const box = document.createElement("div");
  box.className = "map-key";
  const add = (css, words) => {
    const span = document.createElement("span");
    const dots = css === "q-unknown" ? [2.5, 8, 13.5].flatMap((cx) => [3, 7].map((cy) => svg("circle", { class: "map-unknown-dot", cx, cy, r: 1 }))) : [];
    span.append(svg("svg", { viewBox: "0 0 16 10", "aria-hidden": "true" }, svg("rect", { class: `key-box ${dots.length ? "map-unknown-ground" : css}`, width: 16, height: 10, rx: 2 }), ...dots), words);
    box.append(span);
  };
  limits.forEach((limit) => add(shade(limit, limits), `≤ ${short(limit)}`));
  if (items.some((item) => item.value !== null && item.value <= 0)) add("q0", say("none"));
  if (items.some((item) => item.value === null)) add("q-unknown", say("unknown"));
  return box;
}

function tips(element, picture, items) {
  const tip = document.createElement("div");
  tip.className = "map-tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  element.append(tip);
  const light = (link, on) => document.dispatchEvent(new CustomEvent("gam:light", { detail: { key: items.get(link).key, on, from: "map" } }));
  const show = (link, x, y) => {
    const item = items.get(link);
    const name = document.createElement("b");
    name.textContent = item.name;
    tip.replaceChildren(name, item.text);
    tip.hidden = false;
    const room = element.clientWidth - tip.offsetWidth;
    tip.style.transform = `translate(${Math.max(0, Math.min(x + 12, room)) - (document.dir === "rtl" ? room : 0)}px, ${Math.max(0, y - tip.offsetHeight - 8)}px)`;
  };
  picture.addEventListener("pointermove", (event) => {
    const link = event.target.closest("a");
    const box = element.getBoundingClientRect();
    if (link) show(link, event.clientX - box.left, event.clientY - box.top);
    else tip.hidden = true;
  });
  picture.addEventListener("pointerleave", () => { tip.hidden = true; });
  for (const kind of ["pointerover", "pointerout", "focusin", "focusout"]) {
    picture.addEventListener(kind, (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      const on = kind === "pointerover" || kind === "focusin";
      if (kind === "focusin") {
        const [at, box] = [link.getBoundingClientRect(), element.getBoundingClientRect()];
        show(link, at.left - box.left, at.top - box.top);
      } else if (kind === "focusout") tip.hidden = true;
      light(link, on);
    });
  }
}

export function drawMap(element) {
  const items = dataOf(element) ?? [];
  const limits = bounds(items.map((item) => item.value ?? 0));
  const known = new Map(items.map((item) => [item.country, item]));
  const plain = Object.entries(world.countries).filter(([code]) => !known.has(code)).map(([, shape]) => shape.d).join("");
  const picture = svg("svg", { viewBox: frame(items, element.classList.contains("map-zoomed")).map((n) => Math.round(n)).join(" ") }, patterns(), svg("path", { class: "land", d: plain + world.others }));
  const links = new Map();
  const ground = svg("g");
  for (const item of [...items].sort((a, b) => (world.countries[b.country]?.area ?? 0) - (world.countries[a.country]?.area ?? 0))) {
    const shape = world.countries[item.country];
    if (!shape) continue;
    const link = placed(item, shape, limits);
    links.set(link, { ...item, area: shape.area });
    ground.append(link);
  }
  picture.append(ground);
  element.append(picture, key(limits, items));
  tips(element, picture, links);
  sizeDots(picture, links);
  new ResizeObserver(() => sizeDots(picture, links)).observe(element);
  document.addEventListener("gam:light", (event) => {
    for (const [link, item] of links) if (item.key === event.detail.key) link.classList.toggle("lit", event.detail.on);
  });
}
