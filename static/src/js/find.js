// The search box: arrows walk the answers, Escape and a turn elsewhere put them away.
function walk(find, down) {
  const box = find.querySelector("input");
  const stops = [box, ...find.querySelectorAll(".find-results a")];
  const at = stops.indexOf(document.activeElement);
  stops[(at + (down ? 1 : -1) + stops.length) % stops.length].focus();
}

function putAway(find) {
  find.querySelector(".find-results").replaceChildren();
}

export function startFind() {
  const find = document.querySelector(".find");
  if (!find) return;
  find.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      walk(find, event.key === "ArrowDown");
    } else if (event.key === "Escape") {
      putAway(find);
      find.querySelector("input").focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!find.contains(event.target)) putAway(find);
  });
  find.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !find.contains(event.relatedTarget)) putAway(find);
  });
}
