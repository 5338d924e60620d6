// One card of the structure: name, place, value, and who of us covers it.
import { svg } from "./svg.js";
import { say } from "./words.js";

const measure = document.createElement("canvas").getContext("2d");

/** `text` cut to `room` pixels; the whole of it stays in the title. */
function fitted(text, room, font) {
  measure.font = font;
  if (measure.measureText(text).width <= room) return text;
  const letters = [...text];
  while (letters.length > 1 && measure.measureText(`${letters.join("")}…`).width > room) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

const NAME = '550 13px "Inter Variable", sans-serif';
const LINE = '400 12px "Inter Variable", sans-serif';

export function defs() {
  return svg("defs", {},
    svg("pattern", { id: "tree-hatch", width: 4, height: 4, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("rect", { class: "tree-hatch-ground", width: 4, height: 4 }), svg("line", { class: "tree-hatch-line", x1: 0, y1: 0, x2: 0, y2: 4 })),
    svg("pattern", { id: "tree-dots", width: 4, height: 4, patternUnits: "userSpaceOnUse" }, svg("circle", { class: "tree-dot", cx: 2, cy: 2, r: 1 })));
}

function coverage(unit) {
  if (unit.state === "gap") return unit.gapText ? `${say("gap")} · ${unit.gapText}` : say("gap");
  if (unit.state === "unknown" || !unit.state) return say("unknown");
  const first = unit.coverage?.[0];
  const others = (unit.coverage?.length ?? 0) > 1 ? ` +${unit.coverage.length - 1}` : "";
  return first ? `${unit.state === "inherited" ? "↳ " : ""}${first.name}${others}` : say(unit.state);
}

function spoken(unit) {
  const parts = [unit.name, unit.city, unit.countryName ?? unit.country, unit.valueText, unit.state ? say(unit.state) : say("unknown"), unit.state === "gap" ? unit.gapText : null, ...(unit.coverage ?? []).map((one) => [one.name, one.role].filter(Boolean).join(", "))];
  return parts.filter(Boolean).join(" · ");
}

function foldButton(count, size, open) {
  const radius = count > 99 ? 14 : 11;
  return svg("g", { class: "tree-fold", transform: `translate(${size.width}, 0)` }, svg("circle", { r: radius }), svg("text", { y: 4 }, open ? "−" : String(count > 999 ? "1k" : count)));
}

export function card(node, { size, count, open, found, chosen, movable }) {
  const unit = node.unit;
  const state = ["covered", "inherited", "gap"].includes(unit.state) ? unit.state : "unknown";
  const top = -size.height / 2;
  const inner = size.width - 28;
  const place = unit.countryName ?? unit.country ?? "";
  measure.font = LINE;
  const valueWidth = unit.valueText ? measure.measureText(unit.valueText).width + 8 : 0;
  const bottom = coverage(unit);
  const group = svg("g", {
    class: `tree-node is-${state}${found ? " found" : ""}`, transform: `translate(${node.x}, ${node.y})`, "data-id": node.id, role: "treeitem",
    "aria-level": node.depth + 1, "aria-selected": String(Boolean(chosen)), "aria-expanded": count ? String(open) : null, "aria-label": spoken(unit), "aria-keyshortcuts": movable ? "m" : null,
  });
  group.append(
    svg("title", {}, spoken(unit)),
    ...(state === "gap" ? [svg("rect", { class: "tree-gap-halo", x: 0, y: top, width: size.width, height: size.height, rx: 6 })] : []),
    svg("rect", { class: "tree-card", x: 0, y: top, width: size.width, height: size.height, rx: 6 }),
    svg("rect", { class: `tree-edge-${state}`, x: 6, y: top + 8, width: 4, height: size.height - 16, rx: 2 }),
    svg("text", { class: "tree-name", x: 18, y: -6, direction: "auto" }, fitted(unit.name, inner - (count ? 6 : 0), NAME)),
    svg("text", { class: "tree-line", x: 18, y: 14 }, ...lineParts(place, bottom, inner - valueWidth - (count ? 8 : 0))),
    ...(unit.valueText ? [svg("text", { class: "tree-value", x: size.width - (count ? 18 : 10), y: 14 }, unit.valueText)] : []),
    ...(count ? [foldButton(count, size, open)] : []),
  );
  return group;
}

/** Country, then who covers it, in the room there is. */
function lineParts(place, bottom, room) {
  const code = place ? fitted(place, room * 0.42, LINE) : "";
  const rest = fitted(bottom, room - (code ? measure.measureText(`${code} · `).width : 0), LINE);
  return [code ? `${code} · ` : null, svg("tspan", { class: "tree-state" }, rest)];
}

export function more(node, size) {
  const group = svg("g", { class: "tree-node tree-more", transform: `translate(${node.x}, ${node.y})`, "data-id": node.id, role: "treeitem", "aria-level": node.depth + 1, "aria-label": say("more", { count: node.rest }) });
  group.append(svg("rect", { class: "tree-card", x: 0, y: -16, width: size.width, height: 32, rx: 6 }), svg("text", { x: 18, y: 4 }, say("more", { count: node.rest })));
  return group;
}

export function link(node, size) {
  const [fromX, fromY] = [node.up.x + size.width, node.up.y];
  const bend = (fromX + node.x) / 2;
  return svg("path", { class: "tree-link", d: `M${fromX},${fromY}C${bend},${fromY} ${bend},${node.y} ${node.x},${node.y}` });
}
