// Long choice lists can be searched: <select data-search>.
import TomSelect from "tom-select/base";
import { say } from "./words.js";

export function searchable(select) {
  const several = select.multiple;
  // Found at each key, not a while later: a quick typist's Enter would take what was found for half of the word, and a list
  // that opens late takes the focus back from the field that she has gone on to.
  const control = new TomSelect(select, { maxOptions: 500, refreshThrottle: 0, allowEmptyOption: !several, render: {
    no_results: () => {
      const none = document.createElement("div");
      none.className = "menu-note";
      none.textContent = say("nothing found");
      return none;
    },
  } });
  // The list that was replaced is there for the form only; its label now names the search field.
  select.setAttribute("aria-hidden", "true");
  // Where several are chosen, what was typed goes once it is found: one types to find the next.
  if (several) control.on("item_add", () => control.setTextboxValue(""));
  control.on("change", () => select.dispatchEvent(new Event("input", { bubbles: true })));
}
