// Open dashboards stay current: a stream says that there is news, and the page asks for it ([data-news] names the stream).
// Without a stream (the server is away, a proxy cuts it) the page asks from time to time.
const LEAST = 1000; // between two questions of a page, however much happens
const WITHOUT_STREAM = 3000;
const BEFORE_RANKING = 1000; // every open page has its figures first
const BETWEEN_RANKINGS = 5000;
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
  let ranked = 0;
  let ranking = 0;

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

  /** The largest customers follow the figures, and less often: to rank all of them takes a server longer. */
  function rank() {
    ranking ||= setTimeout(() => {
      ranking = 0;
      ranked = Date.now();
      const customers = document.getElementById("customers");
      if (customers) htmx.trigger(customers, "rank");
    }, Math.max(BEFORE_RANKING, ranked + BETWEEN_RANKINGS - Date.now()));
  }

  function open() {
    const element = line();
    if (!element || source || document.hidden) return;
    source = new EventSource(element.dataset.news);
    source.addEventListener("open", () => (failures = 0));
    source.addEventListener("news", news);
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
    if (!isAsking(event)) return;
    asking = false;
    if (event.detail.xhr.status === 200) rank();
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
