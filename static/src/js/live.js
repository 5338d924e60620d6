// Open dashboards stay current: a stream says that there is news, and the page asks for it ([data-news] names the stream).
// Without a stream (the server is away, a proxy cuts it) the page asks from time to time.
const LEAST = 1000; // between two questions of a page, however much happens
const WITHOUT_STREAM = 3000;
// What a page loads after its figures follows them: when every open page has hers, and no more often than a server can bear.
const FIGURES_FIRST = 1500;
const LEAST_BETWEEN = 3000;
const MOST_BETWEEN = 60_000;
const TIMES_AS_LONG = 30; // as the last time took
const EACH = 200; // so much time for every page that is told the same news
const REST_EACH = 25;
const HIDDEN = 30_000; // a page in the background gives its connection back: browsers allow six to a host
const LONGEST_WAIT = 60_000;

const line = () => document.querySelector("[data-news]");

export function startLive(htmx) {
  let source = null;
  let failures = 0;
  let asked = 0;
  let timer = 0;
  let asking = false;
  let again = false;
  let resting = 0;
  let following = 0;
  let followed = 0;
  let took = 0;
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
    }, FIGURES_FIRST + Math.random() * REST_EACH * told);
  }

  function follow() {
    const spread = EACH * told;
    const between = Math.max(LEAST_BETWEEN, spread, Math.min(MOST_BETWEEN, TIMES_AS_LONG * took));
    following ||= setTimeout(() => {
      following = took = 0;
      followed = Date.now();
      for (const part of document.querySelectorAll("[data-later]")) htmx.trigger(part, "later");
    }, Math.max(FIGURES_FIRST + Math.random() * spread, followed + between - Date.now()));
  }

  /** A part has been answered; with nothing where too many waited for such parts, so it is asked for again, ever later. */
  function arrived(part, status) {
    if (followed) took = Date.now() - followed;
    if (status !== 204) {
      delete part.dataset.tries;
      return;
    }
    const tries = (part.dataset.tries = Number(part.dataset.tries ?? 0) + 1);
    const wait = Math.min(MOST_BETWEEN / 2, FIGURES_FIRST * 2 ** (tries - 1)) * (1 + Math.random());
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
