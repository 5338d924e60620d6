// Builds static/src into static/dist/gam: two style sheets (left-to-right, right-to-left), the page
// scripts with lazy chunks, and one sprite of the icons that templates and code name.
import { build, context } from "esbuild";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { geoArea, geoNaturalEarth1, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "static/src");
const output = join(root, "static/dist/gam");
const watching = process.argv.includes("--watch");

const SKIPPED = new Set(["node_modules", "static", "var", "dist", ".git", ".venv", "tests", "bench", "locale"]);
const ICON_IN_TEXT = /(?:\bicon\s+|\bicon\s*=\s*|["']icon["']\s*:\s*|data-icon=)["']([a-z0-9-]+)["']/g;

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name) && !entry.name.startsWith(".")) yield* filesBelow(join(folder, entry.name));
    } else if (/\.(html|py)$/.test(entry.name)) yield join(folder, entry.name);
  }
}

function iconNames() {
  const names = new Set(JSON.parse(readFileSync(join(source, "icons.json"), "utf8")));
  for (const file of filesBelow(root)) {
    for (const match of readFileSync(file, "utf8").matchAll(ICON_IN_TEXT)) names.add(match[1]);
  }
  return [...names].sort();
}

function writeSprite() {
  const folder = join(root, "node_modules/@tabler/icons/icons");
  const symbols = iconNames().flatMap((name) => {
    const file = [join(folder, "outline", `${name}.svg`)].find(existsSync);
    if (!file) {
      console.warn(`icon "${name}" is not a Tabler icon`);
      return [];
    }
    const body = readFileSync(file, "utf8").replace(/<!--[\s\S]*?-->/g, "").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
    const shapes = body.replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "").replace(/\s*\n\s*/g, "");
    return [`<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`];
  });
  writeFileSync(join(output, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

// Countries by ISO alpha-2, already projected (Natural Earth) so that browsers need no geography code.
// Whole numbers on a wide page and steps from point to point keep the file small.
const WIDTH = 16000;
const HEIGHT = 7800;
const SHORTEST = 6; // points nearer than this on the page say nothing

function thinned(ring) {
  const kept = [];
  for (const [x, y] of ring) {
    const last = kept.at(-1);
    if (!last || Math.hypot(x - last[0], y - last[1]) >= SHORTEST) kept.push([x, y]);
  }
  return kept.length >= 3 ? kept : ring.slice(0, 3);
}

function pathText(rings) {
  return rings.map((ring) => {
    let [x, y] = [0, 0];
    const steps = thinned(ring).map(([toX, toY]) => {
      const step = [Math.round(toX) - x, Math.round(toY) - y];
      [x, y] = [Math.round(toX), Math.round(toY)];
      return step[1] < 0 ? `${step[0]}${step[1]}` : `${step[0]} ${step[1]}`;
    });
    return `M${steps[0]}l${steps.slice(1).reduce((text, step) => (text && !step.startsWith("-") ? `${text} ${step}` : text + step), "")}z`;
  }).join("");
}

/** The rings of a shape as the projection draws them (clipped at the antimeridian). */
function projectedRings(path, shape) {
  const rings = [];
  for (const part of (path(shape) ?? "").split("M").slice(1)) {
    rings.push(part.replace("Z", "").split("L").map((pair) => pair.split(",").map(Number)));
  }
  return rings;
}

function worldMap() {
  const atlas = JSON.parse(readFileSync(join(root, "node_modules/world-atlas/countries-50m.json"), "utf8"));
  const alpha2 = JSON.parse(readFileSync(join(source, "iso-numeric.json"), "utf8"));
  const shapes = feature(atlas, atlas.objects.countries).features.filter((shape) => shape.id !== "010");
  const projection = geoNaturalEarth1().fitExtent([[40, 40], [WIDTH - 40, HEIGHT - 40]], { type: "FeatureCollection", features: shapes });
  const path = geoPath(projection);
  const countries = {};
  const others = [];
  for (const shape of shapes) {
    const rings = projectedRings(path, shape);
    const code = alpha2[shape.id];
    if (!code) {
      others.push(pathText(rings));
      continue;
    }
    // The largest part stands for the country: France is in Europe, the United States not in Alaska's sea.
    const parts = shape.geometry.type === "MultiPolygon"
      ? shape.geometry.coordinates.map((coordinates) => ({ type: "Polygon", coordinates }))
      : [shape.geometry];
    const main = parts.reduce((best, part) => (geoArea(part) > geoArea(best) ? part : best));
    const round = (value) => Math.round(value);
    const drawn = { d: pathText(rings), at: path.centroid(main).map(round), box: path.bounds(main).flat().map(round), area: Math.round(path.area(main)) };
    // Some territories carry their country's code: they are drawn with it, the larger one says where it lies.
    const [greater, lesser] = !countries[code] || drawn.area > countries[code].area ? [drawn, countries[code]] : [countries[code], drawn];
    countries[code] = { ...greater, d: greater.d + (lesser?.d ?? "") };
  }
  return { width: WIDTH, height: HEIGHT, countries, others: others.join("") };
}

const world = {
  name: "world",
  setup(builder) {
    builder.onResolve({ filter: /^virtual:world$/ }, () => ({ path: "world", namespace: "world" }));
    builder.onLoad({ filter: /.*/, namespace: "world" }, () => ({ contents: JSON.stringify(worldMap()), loader: "json" }));
  },
};

const shared = {
  bundle: true,
  minify: !watching,
  outdir: output,
  absWorkingDir: root,
  sourcemap: false,
  legalComments: "none",
  target: ["chrome115", "firefox115", "safari16"],
  logLevel: "warning",
};

const jobs = [
  {
    ...shared,
    entryPoints: { app: "static/src/js/app.js" },
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    plugins: [world],
  },
  { ...shared, entryPoints: { theme: "static/src/js/theme.js" }, format: "iife" },
  {
    ...shared,
    entryPoints: { app: "static/src/css/app.css", "app.rtl": "static/src/css/app.rtl.css" },
    assetNames: "fonts/[name]-[hash]",
    loader: { ".woff2": "file", ".svg": "dataurl" },
  },
];

/** Files of earlier builds go last: a page that is being read meanwhile misses nothing. */
function removeOlder(folder, than) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeOlder(path, than);
    else if (statSync(path).mtimeMs < than) rmSync(path);
  }
}

const started = Date.now() - 1000; // clocks of file systems are coarse
mkdirSync(output, { recursive: true });
writeSprite();
writeFileSync(join(output, "favicon.svg"), readFileSync(join(root, "static/src/favicon.svg")));
if (watching) {
  for (const job of jobs) await (await context(job)).watch();
} else {
  await Promise.all(jobs.map((job) => build(job)));
  removeOlder(output, started);
}
