// The units that the chart knows: all of a small tree, of a large one those that were sent; the rest is asked for when it is to show.
import { toast } from "./toasts.js";
import { say } from "./words.js";

export const TOP = "";

const byRank = (a, b) => (a.at ?? 0) - (b.at ?? 0);
const byGap = (a, b) => (b.gap ?? 0) - (a.gap ?? 0) || (b.value ?? 0) - (a.value ?? 0) || a.name.localeCompare(b.name);

export class Units {
  constructor(units, { branch, search, total, roots }) {
    this.branch = branch;
    this.searchUrl = search;
    this.top = { id: TOP, below: [], count: Number(roots) || 0 };
    this.known = new Map([[TOP, this.top]]);
    this.add(units);
    this.total = Number(total) || units.length;
  }

  get(id) {
    return this.known.get(id);
  }

  get roots() {
    return this.top.below;
  }

  add(units) {
    const fresh = units.filter((unit) => !this.known.has(unit.id));
    for (const unit of fresh) this.known.set(unit.id, { ...unit, below: [] });
    const touched = new Set();
    for (const { id } of fresh) {
      const unit = this.known.get(id);
      const above = this.known.get(unit.parent ?? TOP) ?? this.top;
      unit.parent = above.id;
      above.below.push(unit);
      touched.add(above);
    }
    for (const above of touched) {
      above.below.sort(fresh[0].at === undefined ? byGap : byRank);
      above.count = Math.max(above.count ?? 0, above.below.length);
    }
  }

  /** How many units stand below, whether they were sent or not. */
  countOf(unit) {
    return Math.max(unit.count ?? 0, unit.below.length);
  }

  /** Ask for units below until the first `wanted` of them are there. */
  async need(unit, wanted) {
    const goal = Math.min(wanted, this.countOf(unit));
    for (let there = gapless(unit); this.branch && there < goal; ) {
      const { nodes } = await asked(this.branch, { unit: unit.id, since: there });
      this.add(nodes);
      const now = gapless(unit);
      if (now === there) return;
      there = now;
    }
  }

  async search(text) {
    const wanted = text.trim().toLocaleLowerCase();
    if (!wanted) return { count: 0, hits: [] };
    if (this.searchUrl) {
      const found = await asked(this.searchUrl, { q: text.trim() });
      this.add(found.nodes);
      return found;
    }
    const holds = (unit) => `${unit.name} ${unit.code ?? ""} ${unit.countryName ?? unit.country ?? ""} ${unit.city ?? ""}`.toLocaleLowerCase().includes(wanted);
    const hits = [...this.known.values()].filter((unit) => unit.id !== TOP && holds(unit)).map((unit) => unit.id);
    return { count: hits.length, hits };
  }

  /** Whether one unit stands anywhere below another, as far as is known. */
  isBelow(id, above) {
    for (let unit = this.get(id); unit && unit.id !== TOP; unit = this.get(unit.parent)) if (unit.id === above) return true;
    return false;
  }
}

/** How many of the first units below were sent: a search may have brought later ones before them. */
function gapless(unit) {
  let count = 0;
  while (count < unit.below.length && (unit.below[count].at ?? count) === count) count += 1;
  return count;
}

async function asked(address, values) {
  const url = new URL(address, location.href);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) return answer.json();
  toast(say(answer ? "failed" : "offline"), "error");
  return { nodes: [], count: 0, hits: [] };
}
