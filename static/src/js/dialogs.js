// <dialog>: opened by data-open="#id", closed by data-close; data-confirm asks before a form is sent.
let asked = null;

function ask(text, verb, proceed) {
  const dialog = document.getElementById("ask");
  dialog.querySelector("[data-ask-text]").textContent = text;
  const button = dialog.querySelector("[data-ask-yes]");
  button.textContent = verb || button.dataset.word;
  asked = proceed;
  dialog.showModal();
}

// Who opened a form by keyboard begins in its first field, not on the button that closes it. A finger gets no keyboard unasked,
// and a list that is searched would open over the form.
function firstField(sheet) {
  if (matchMedia("(pointer: coarse)").matches) return null;
  const first = sheet.querySelector("form :is(input:not([type=hidden]), select, textarea):not([disabled])");
  return first?.matches("[data-search], .ts-wrapper *, .tomselected") ? null : first;
}

export function startDialogs(htmx) {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) document.querySelector(opener.dataset.open)?.showModal();
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog")?.close();
    if (event.target.matches("dialog")) event.target.close();
    if (event.target.closest("[data-ask-yes]")) {
      const proceed = asked;
      document.getElementById("ask").close();
      proceed?.();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const text = submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!text || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(text, submitter?.dataset.verb ?? form.dataset.verb ?? submitter?.textContent.trim(), () => {
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter);
      delete form.dataset.confirmed;
    });
  }, true);
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, event.detail.elt.dataset.verb ?? event.detail.elt.textContent.trim(), () => event.detail.issueRequest(true));
  });
  // A fragment that arrives in a sheet opens it.
  document.addEventListener("htmx:afterSwap", (event) => {
    const sheet = event.detail.target.closest?.("dialog.sheet");
    if (!sheet || sheet.open) return;
    sheet.showModal();
    firstField(sheet)?.focus({ preventScroll: true });
  });
  htmx.config.historyCacheSize = 0;
}
