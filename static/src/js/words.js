// The interface's words, translated by the server: <script id="words" type="application/json">.
let words;

export function say(key, values = {}) {
  words ??= JSON.parse(document.getElementById("words")?.textContent ?? "{}");
  const written = (value) => (typeof value === "number" ? full(value) : value);
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, written(value)), words[key] ?? key);
}

export const language = () => document.documentElement.dataset.locale || document.documentElement.lang || "en";

/** The data a picture draws: the JSON script that `data-source` names. */
export function dataOf(element) {
  const source = document.querySelector(element.dataset.source);
  return source ? JSON.parse(source.textContent) : null;
}

export function full(value, decimals) {
  return new Intl.NumberFormat(language(), { minimumFractionDigits: decimals ?? 0, maximumFractionDigits: decimals ?? 0, numberingSystem: "latn" }).format(value).replace(/^-/, "−");
}

/** 12.3 m: for marks and axes only; the whole number stands in the tooltip and in the table. */
export function short(value) {
  const text = new Intl.NumberFormat(language(), { notation: "compact", maximumFractionDigits: 1, numberingSystem: "latn" }).format(value).replace(/^-/, "−");
  // As the server writes it: 12.3 m, with the letter set apart.
  return language().startsWith("en") ? text.replace(/(\d)([kmbt]n?)$/i, (_, digit, scale) => `${digit} ${{ k: "k", m: "m", b: "bn", bn: "bn", t: "tn", tn: "tn" }[scale.toLowerCase()]}`) : text;
}
