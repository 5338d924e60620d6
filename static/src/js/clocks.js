// <time data-clock="Asia/Tokyo">: what the clock says there. <time data-ago datetime="…">: how long since.
import { language } from "./words.js";

function ago(instant) {
  const seconds = Math.round((Date.now() - new Date(instant).getTime()) / 1000);
  const format = new Intl.RelativeTimeFormat(language(), { numeric: "always", style: "short" });
  if (seconds < 60) return format.format(-Math.max(seconds, 0), "second");
  if (seconds < 3600) return format.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return format.format(-Math.floor(seconds / 3600), "hour");
  return format.format(-Math.floor(seconds / 86_400), "day");
}

function tick() {
  for (const clock of document.querySelectorAll("time[data-clock]")) {
    const zone = { hour: "2-digit", minute: "2-digit", timeZone: clock.dataset.clock, numberingSystem: "latn" };
    clock.textContent = new Intl.DateTimeFormat(language(), zone).format(new Date());
  }
  for (const since of document.querySelectorAll("time[data-ago]")) since.textContent = ago(since.dateTime);
}

export function startClocks() {
  tick();
  setInterval(tick, 10_000);
  document.addEventListener("htmx:load", tick);
}
