// The composer as one line, where the whole one is out of sight: further down, and on later pages. A click
// unfolds it in place; Escape, and a press anywhere else, fold it again. Uses composer.js.

const desk = document.getElementById("desk");
const slim = document.getElementById("slim");
const isLater = "later" in slim.dataset;
const isUnfolded = () => desk.classList.contains("unfolded");
/** The whole composer cannot be seen in its own place. */
let isAway = isLater;

function showSlim() {
  slim.hidden = isUnfolded() || !isAway;
}

function fold() {
  if (!isUnfolded()) return;
  const hadFocus = desk.contains(document.activeElement);
  desk.classList.remove("unfolded");
  desk.style.minBlockSize = "";
  desk.hidden = isLater;
  showSlim();
  if (hadFocus && isAway) slim.querySelector("a").focus({ preventScroll: true });
}

/** Unfold the composer where it is out of sight; whether it was. composer.js asks when there is an answer. */
function unfold() {
  if (!isAway) return false;
  // What stands below keeps its place, however much of the composer fits onto the screen.
  if (!isUnfolded() && !isLater) desk.style.minBlockSize = `${desk.offsetHeight}px`;
  desk.hidden = false;
  desk.classList.add("unfolded");
  fitWidth();
  showSlim();
  return true;
}

function fitWidth() {
  desk.style.setProperty("--desk", `${desk.offsetWidth}px`);
}

/** What one types in, where the screen is low: a keyboard covers half of it, or a phone lies on its side. */
function showFocused() {
  if (!isUnfolded() || !desk.contains(document.activeElement)) return;
  // Within the composer alone: `scrollIntoView` would move the page below it as well.
  const box = desk.querySelector(".composer");
  const [seen, field] = [box, document.activeElement].map((each) => each.getBoundingClientRect());
  box.scrollTop += Math.min(Math.max(field.bottom - seen.bottom, 0), field.top - seen.top);
}

function mirror() {
  document.getElementById("slim-prompt").textContent = prompt_().value.trim().slice(0, 200) || "Describe a shot…";
  document.getElementById("slim-does").textContent = document.getElementById("go").textContent;
  const credits = document.getElementById("cost").value;
  document.getElementById("slim-cost").textContent = credits === "–" ? "" : `${credits} cr`;
}

slim.addEventListener("click", (event) => {
  if (event.target.closest("a")) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    unfold();
    prompt_().focus({ preventScroll: true });
    showFocused();
  } else if (event.target.closest("#slim-go") && !composer().checkValidity()) {
    // A field that cannot be seen could not say what is wrong with it.
    event.preventDefault();
    unfold();
    composer().reportValidity();
  }
});
keys.register("Escape", "Fold it again", "The composer", () => {
  if (document.querySelector(":popover-open, dialog[open]")) return false;
  fold();
  return true;
}, { inFields: true, passes: true, when: isUnfolded });
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("#desk, #slim, #tool, [popover]")) fold();
});
addEventListener("resize", () => {
  fitWidth();
  showFocused();
});
document.addEventListener("composer:updated", mirror);
document.addEventListener("input", (event) => {
  if (event.target === prompt_()) mirror();
});
document.addEventListener("htmx:after:swap", (event) => {
  if (!isSubmission(event)) return;
  mirror();
  if (event.detail.ctx.response.status !== 200) return;
  fold();
  // The new card stands further up: here it is said that it does.
  const said = document.getElementById("slim-said");
  said.textContent = document.getElementById("announce").textContent;
  setTimeout(() => { said.textContent = ""; }, 6000);
});
if (!isLater) {
  // What follows the composer tells where its own place is, wherever it is shown. However far it lies
  // below the screen it counts as seen, so that no jump goes past it unnoticed.
  new IntersectionObserver((entries) => {
    isAway = !entries.at(-1).isIntersecting;
    if (!isAway) fold();
    showSlim();
  }, { rootMargin: "-56px 0px 1000000px" }).observe(document.querySelector(".list-head"));
}
mirror();
