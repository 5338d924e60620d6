// The structure of a customer as a horizontal tree: folds, zooms, searches; only what is in view is drawn.
import { hierarchy, tree as layout } from "d3-hierarchy";
import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { card, defs, link, more } from "./tree_cards.js";
import { ask, draggable } from "./tree_drag.js";
import { TOP, Units } from "./tree_units.js";
import { svg } from "./svg.js";
import { dataOf, say } from "./words.js";

const STEP_DOWN = 68;
const STEP_ACROSS = 304;
const CARD = { width: 248, height: 56 };
const FIRST = 8; // children shown before "show more"
const BATCH = 40;
const ROWS = 11; // what is unfolded at first

class Structure {
  constructor(element, units) {
    this.element = element;
    this.units = new Units(units, element.dataset);
    this.open = new Map(); // unit id → how many of its children are shown
    this.found = new Set();
    this.current = this.units.roots[0]?.id ?? null;
    this.build();
    this.unfoldFirst();
    this.render();
    this.fit();
  }

  build() {
    this.links = svg("g", { "aria-hidden": "true" });
    this.cards = svg("g", { role: "tree", "aria-label": this.element.dataset.label });
    this.ground = svg("g", {}, this.links, this.cards);
    this.picture = svg("svg", {}, defs(), this.ground);
    this.movable = Boolean(this.element.dataset.move);
    this.element.prepend(this.picture);
    this.zoom = zoom().scaleExtent([0.25, 2]).filter((event) => !event.button && !(this.movable && event.type === "mousedown" && event.target.closest(".tree-node")) && (event.type !== "wheel" || event.ctrlKey || event.metaKey)).on("zoom", (event) => {
      this.ground.setAttribute("transform", event.transform);
      this.place = event.transform;
      this.draw();
    });
    select(this.picture).call(this.zoom).on("dblclick.zoom", null);
    this.cards.addEventListener("click", (event) => this.clicked(event));
    this.cards.addEventListener("keydown", (event) => this.pressed(event));
    this.cards.addEventListener("focusin", (event) => { this.current = event.target.closest("[data-id]")?.dataset.id ?? this.current; });
    if (this.movable) draggable(this);
    new ResizeObserver(() => this.draw()).observe(this.picture);
  }

  /** Unfold what matters most first (most money in gaps, then most value) while the rows stay few enough to be read. */
  unfoldFirst() {
    const { units } = this;
    const rows = (unit) => Math.min(units.countOf(unit), FIRST + 1) - 1;
    this.open.set(TOP, BATCH);
    const waiting = [...units.roots];
    let shown = waiting.length;
    while (waiting.length) {
      const unit = waiting.shift();
      if (!unit.below.length || (unit.parent !== TOP && shown + rows(unit) > ROWS)) continue;
      this.open.set(unit.id, FIRST);
      shown += rows(unit);
      waiting.push(...unit.below.slice(0, FIRST));
    }
  }

  /** The tree that shows: opened units, and a stand-in for those beyond a batch. */
  shown() {
    const grow = (unit, depth) => {
      const asked = this.open.get(unit.id) ?? 0;
      const all = this.units.countOf(unit);
      const count = asked && all - asked <= 2 ? all : asked; // nobody wants to press for one
      const children = unit.below.slice(0, count).map((child) => grow(child, depth + 1));
      const rest = count ? all - children.length : 0;
      if (rest > 0) children.push({ id: `${unit.id}\u0000more`, of: unit, rest, depth: depth + 1, children: [] });
      return { id: unit.id, unit, depth, children };
    };
    return grow(this.units.top, -1);
  }

  render() {
    const top = hierarchy(this.shown());
    layout().nodeSize([STEP_DOWN, STEP_ACROSS]).separation(() => 1)(top);
    this.nodes = top.descendants().slice(1).map((node) => ({ ...node.data, x: (node.depth - 1) * STEP_ACROSS, y: node.x, up: node.depth > 1 ? { x: (node.depth - 2) * STEP_ACROSS, y: node.parent.x } : null }));
    this.byId = new Map(this.nodes.map((node) => [node.id, node]));
    this.drawn?.clear();
    this.cards.replaceChildren();
    this.drawn = new Map();
    this.draw();
  }

  inView(node) {
    const place = this.place ?? zoomIdentity;
    const [width, height] = [this.picture.clientWidth, this.picture.clientHeight];
    const [x, y] = place.apply([node.x, node.y]);
    return x > -CARD.width * place.k - 200 && x < width + 200 && y > -120 && y < height + 120;
  }

  draw() {
    if (!this.nodes) return;
    const focused = document.activeElement?.closest?.("[data-id]")?.dataset.id;
    const lines = [];
    for (const node of this.nodes) {
      const keep = this.inView(node) || node.id === this.current || node.id === focused;
      const there = this.drawn.get(node.id);
      if (keep && !there) {
        const group = node.unit ? card(node, { size: CARD, count: this.units.countOf(node.unit), open: this.open.has(node.id), found: this.found.has(node.id), chosen: node.id === this.chosen, movable: this.movable }) : more(node, CARD);
        group.setAttribute("tabindex", node.id === this.current ? 0 : -1);
        this.drawn.set(node.id, group);
        this.cards.append(group);
      } else if (!keep && there) {
        there.remove();
        this.drawn.delete(node.id);
      }
      if (node.up && (keep || this.inView(node.up))) lines.push(link(node, CARD));
    }
    this.links.replaceChildren(...lines);
  }

  clicked(event) {
    const group = event.target.closest("[data-id]");
    if (!group) return;
    const id = group.dataset.id;
    if (!this.units.get(id)) this.showMore(id);
    else if (event.target.closest(".tree-fold")) this.fold(id);
    else this.choose(id);
  }

  async showMore(id) {
    const unit = this.byId.get(id).of;
    const before = Math.min(this.open.get(unit.id), unit.below.length);
    await this.units.need(unit, before + BATCH);
    this.open.set(unit.id, before + BATCH);
    this.render();
    this.focus(unit.below[Math.min(before, unit.below.length - 1)].id);
  }

  async fold(id) {
    const unit = this.units.get(id);
    if (!this.units.countOf(unit)) return;
    if (!this.open.has(id)) await this.units.need(unit, FIRST);
    const before = this.byId.get(id);
    if (this.open.has(id)) this.open.delete(id);
    else this.open.set(id, FIRST);
    this.render();
    const after = this.byId.get(id);
    // The folded card stays under the reader's eye.
    const place = this.place ?? zoomIdentity;
    select(this.picture).call(this.zoom.transform, zoomIdentity.translate(place.x, place.y + (before.y - after.y) * place.k).scale(place.k));
    this.focus(id, false);
  }

  choose(id) {
    this.chosen = id;
    for (const [key, group] of this.drawn) if (group.hasAttribute("aria-selected")) group.setAttribute("aria-selected", String(key === id));
    const unit = this.units.get(id);
    this.element.dispatchEvent(new CustomEvent("gam:unit", { bubbles: true, detail: { id } }));
    if (!unit.url) return;
    if (this.element.dataset.panel) {
      // On a narrow page the panel stands below the chart: bring it into view.
      const show = () => { if (matchMedia("(width < 1100px)").matches) document.querySelector(this.element.dataset.panel)?.scrollIntoView({ block: "start" }); };
      window.htmx.ajax("GET", unit.url, { target: this.element.dataset.panel, swap: "innerHTML" }).then(show);
    }
    else location.assign(unit.url);
  }

  focus(id, moved = true) {
    this.current = id;
    const node = this.byId.get(id);
    if (!node) return;
    this.draw();
    for (const [key, group] of this.drawn) group.setAttribute("tabindex", key === id ? 0 : -1);
    if (moved) this.bring(node);
    this.drawn.get(id)?.focus({ preventScroll: true });
  }

  bring(node) {
    const place = this.place ?? zoomIdentity;
    const [x, y] = place.apply([node.x, node.y]);
    const [width, height] = [this.picture.clientWidth, this.picture.clientHeight];
    const right = x + CARD.width * place.k;
    const across = x < 16 ? 16 - x : right > width - 16 ? Math.max(width - 16 - right, 16 - x) : 0;
    const down = y < 48 ? 48 - y : y > height - 48 ? height - 48 - y : 0;
    if (across || down) select(this.picture).call(this.zoom.transform, zoomIdentity.translate(place.x + across, place.y + down).scale(place.k));
  }

  pressed(event) {
    const id = event.target.closest("[data-id]")?.dataset.id;
    const node = this.byId.get(id);
    if (!node) return;
    const unit = node.unit;
    const siblings = this.nodes.filter((other) => other.depth === node.depth).sort((a, b) => a.y - b.y);
    const at = siblings.indexOf(node);
    const moves = {
      ArrowDown: () => siblings[at + 1] && this.focus(siblings[at + 1].id),
      ArrowUp: () => siblings[at - 1] && this.focus(siblings[at - 1].id),
      ArrowRight: () => (unit && this.units.countOf(unit) && !this.open.has(id) ? this.fold(id) : node.children.length && this.focus(node.children[0].id)),
      ArrowLeft: () => (unit && this.open.has(id) ? this.fold(id) : this.focus((unit ? unit.parent : node.of.id) || id)),
      Home: () => this.focus(this.units.roots[0].id),
      m: () => unit && this.movable && ask(this.element, unit),
      Enter: () => (unit ? this.choose(id) : this.showMore(id)),
      " ": () => (unit ? this.choose(id) : this.showMore(id)),
    };
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key]();
  }

  fit() {
    const xs = this.nodes.map((node) => node.x);
    const ys = this.nodes.map((node) => node.y);
    if (!xs.length) return;
    const [width, height] = [this.picture.clientWidth || 800, this.picture.clientHeight || 480];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs) + CARD.width, Math.min(...ys) - 36, Math.max(...ys) + 36];
    // Cards stay legible: rather move about than shrink much.
    const scale = Math.max(Math.min((width - 48) / (right - left), (height - 32) / (bottom - top), 1), 0.85);
    const fits = (bottom - top) * scale <= height;
    const down = fits ? (height - (top + bottom) * scale) / 2 : height / 2 - this.byId.get(this.units.roots[0].id).y * scale;
    select(this.picture).call(this.zoom.transform, zoomIdentity.translate(24 - left * scale, down).scale(scale));
  }

  zoomBy(factor) {
    select(this.picture).call(this.zoom.scaleBy, factor);
  }

  async search(text) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const { count, hits } = await this.units.search(text);
    if (turn !== this.turn) return null; // more was typed meanwhile
    this.found = new Set(hits);
    const first = hits.slice(0, 30);
    for (const id of first) this.reveal(id);
    this.render();
    if (first.length) this.bring(this.byId.get(first[0]));
    this.at = -1;
    return count;
  }

  next() {
    const ids = [...this.found];
    if (!ids.length) return;
    this.at = (this.at + 1) % ids.length;
    this.reveal(ids[this.at]);
    this.render();
    this.focus(ids[this.at]);
  }

  reveal(id) {
    for (let unit = this.units.get(id); unit && unit.id !== TOP; unit = this.units.get(unit.parent)) {
      const above = this.units.get(unit.parent);
      this.open.set(above.id, Math.max(this.open.get(above.id) ?? Math.min(FIRST, above.below.length), above.below.indexOf(unit) + 1));
    }
  }
}

const PAUSE = 200; // ms without a key before the server is asked

export function drawTree(element) {
  const units = dataOf(element) ?? [];
  if (!units.length) return;
  const structure = new Structure(element, units);
  const frame = element.closest(".structure") ?? element;
  const count = frame.querySelector("[data-tree-count]");
  const box = frame.querySelector("[data-tree-search]");
  const all = structure.units.total;
  let waiting = 0;
  const find = async () => {
    const found = await structure.search(box.value);
    if (found !== null) count.textContent = box.value.trim() ? say("found", { count: found }) : say("units", { count: all });
  };
  const findSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, element.dataset.search ? PAUSE : 0);
  };
  if (count) count.textContent = say("units", { count: all });
  box?.addEventListener("input", findSoon);
  if (box?.value) find(); // typed while this script was on its way
  box?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    structure.next();
  });
  frame.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tree-zoom]");
    if (button) ({ in: () => structure.zoomBy(1.3), out: () => structure.zoomBy(1 / 1.3), fit: () => structure.fit() })[button.dataset.treeZoom]();
  });
}
