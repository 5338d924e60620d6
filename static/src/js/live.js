// Open dashboards stay current: a stream says that there is news, and the page asks for it ([data-news] names the stream).
// Without a stream (the server is away, a proxy cuts it) the page asks from time to time.
const LEAST = 1000; // between two questions of a page, however much happens
const WITHOUT_STREAM = 3000;
// What comes after the figures comes when every open page has hers, and no more often than a server can bear: the more pages are
// told the same news, the longer the period in which all of it has its turn. Pages that show the same ask at the same moment, so
// that it is computed once for all of them.
const FIGURES_FIRST = 1500;
const REST_EACH = 50;
const PART_EACH = 200;
const LEAST_PERIOD = 3000;
const MOST_PERIOD = 48_000;
const TIMES_AS_LONG = 30; // as a part took the last time

/** Milliseconds until it is the turn of `what`, in a period that holds so many of them. */
function untilTurn(what, least) {
  let period = LEAST_PERIOD;
  while (period < least && period < MOST_PERIOD) period *= 2;
  let place = 0;
  for (const letter of what) place = (place * 31 + letter.codePointAt(0)) % 65_521;
  const earliest = Date.now() + FIGURES_FIRST;
  const since = (earliest - (place * period) / 65_521) % period;
  return FIGURES_FIRST + (period - since);
}

const line = () => document.querySelector("[data-news]");

export function startLive(htmx) {
  let source = null;
  let failures = 0;
  let asked = 0;
  let timer = 0;
  let asking = false;
  let again = false;
  let resting = 0;
  let took = 0;
  const following = new Map();
  const begun = new Map();
  let told = 1;

  function ask() {
    timer = 0;
    const element = line();
    if (!element || document.hidden) return;
    asked = Date.now();
    htmx.trigger(element, "news");
  }

  /** At once when the last question is a while ago, else when a moment has passed; one at a time. */
  function news() {
    if (asking) again = true;
    else timer ||= setTimeout(ask, Math.max(0, asked + LEAST - Date.now()));
  }

  /** Where all figures take long, the page has those of its tiles so far. */
  function rest() {
    resting ||= setTimeout(() => {
      resting = 0;
      const element = line();
      const address = element?.dataset.rest;
      if (address) htmx.ajax("GET", address, { source: element, target: "#freshness", swap: "outerHTML" });
    }, untilTurn(location.pathname + location.search, REST_EACH * told));
  }

  function follow() {
    for (const part of document.querySelectorAll("[data-later]")) {
      if (following.has(part.id)) continue;
      following.set(part.id, setTimeout(() => askFor(part.id), untilTurn(part.getAttribute("hx-get"), Math.max(PART_EACH * told, TIMES_AS_LONG * took))));
    }
  }

  function askFor(id) {
    following.delete(id);
    const part = document.getElementById(id);
    if (!part) return;
    begun.set(id, Date.now());
    htmx.trigger(part, "later");
  }

  /** A part has been answered; with nothing where too many waited for such parts, so it is asked for again, ever later. */
  function arrived(part, status) {
    if (begun.has(part.id)) took = Math.max(took / 2, Date.now() - begun.get(part.id));
    if (status !== 204) {
      delete part.dataset.tries;
      return;
    }
    const tries = (part.dataset.tries = Number(part.dataset.tries ?? 0) + 1);
    const wait = Math.min(MOST_PERIOD / 2, FIGURES_FIRST * 2 ** (tries - 1)) * (1 + Math.random());
    setTimeout(() => htmx.trigger(part, "later"), wait);
  }

  function open() {
    const element = line();
    if (!element || source || document.hidden) return;
    source = new EventSource(element.dataset.news);
    source.addEventListener("open", () => (failures = 0));
    source.addEventListener("news", (event) => {
      told = Number(event.data) || 1;
      news();
    });
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      close();
      failures += 1;
      setTimeout(open, Math.min(LONGEST_WAIT, 2000 * 2 ** failures) * (0.5 + Math.random()));
    });
  }

  function close() {
    source?.close();
    source = null;
  }

  // Not the event's own element: the answer has put another in its place by then.
  const isAsking = (event) => event.detail.requestConfig?.elt?.dataset?.news !== undefined;
  document.addEventListener("htmx:beforeRequest", (event) => isAsking(event) && (asking = true));
  document.addEventListener("htmx:afterRequest", (event) => {
    const part = event.detail.requestConfig?.elt;
    if (part?.dataset?.later !== undefined) arrived(part, event.detail.xhr.status);
    if (!isAsking(event)) return;
    asking = false;
    if (event.detail.xhr.status === 200) (line()?.dataset.rest ? rest : follow)();
    if (again) news();
    again = false;
  });

  let leaving = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(leaving);
    if (document.hidden) leaving = setTimeout(close, HIDDEN);
    else if (source) news();
    else open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  setInterval(() => source?.readyState === EventSource.OPEN || news(), WITHOUT_STREAM);
  open();
}
