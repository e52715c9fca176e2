// The studio's grid by keyboard: keys lead from card to card, and press what the marked one has.
// Marked is the card that has the focus, or something on it. Each control on a card that a key stands for says
// so in `data-key`, so that whoever puts another one there registers its key with `onCard`.

const VIDEOS = "Videos";
const MARKED = "The marked video";
const cards = () => [...document.querySelectorAll("#jobs .job")];
const markedCard = () => document.activeElement?.closest("#jobs .job") ?? null;

function mark(card) {
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

/** Mark the next card (or the one before it), and at first the first one that is to be seen. */
function step(by) {
  const all = cards();
  const here = all.indexOf(markedCard());
  const seen = all.find((card) => card.getBoundingClientRect().top >= 0);
  const next = here < 0 ? seen ?? all.at(-1) : all[here + by];
  if (next) mark(next);
  return all.length > 0;
}

/** Mark the card beneath (or above) the marked one. */
function stepRow(by) {
  const card = markedCard();
  if (!card) return false;
  const from = card.getBoundingClientRect();
  const away = cards().map((each) => [each, each.getBoundingClientRect()])
    .filter(([, box]) => by * (box.top - from.top) > 1)
    .map(([each, box]) => [each, Math.abs(box.top - from.top), Math.abs(box.left - from.left)]);
  const [[next] = []] = away.sort((one, other) => one[1] - other[1] || one[2] - other[2]);
  if (next) mark(next);
  return Boolean(next);
}

/** Register a key for the control with this `data-key`. What costs or ends something `asks`: it is shown, and
    pressed by Enter. */
function onCard(key, words, { asks = false, passes = false } = {}) {
  keys.register(key, asks ? `${words} (Enter confirms)` : words, MARKED, () => {
    const control = markedCard()?.querySelector(`[data-key="${[key].flat()[0]}"]`);
    if (!control) return false;
    if (asks) control.focus();
    else control.click();
    control.popoverTargetElement?.querySelector("a, button")?.focus();
    return true;
  }, { passes });
}

keys.register("j", "Next video", VIDEOS, () => step(1), { repeats: true });
keys.register("k", "Previous video", VIDEOS, () => step(-1), { repeats: true });
keys.register(["ArrowLeft", "ArrowRight"], "The video beside it", VIDEOS, ({ key }) => markedCard() !== null && step(key === "ArrowLeft" ? -1 : 1), { repeats: true });
keys.register(["ArrowUp", "ArrowDown"], "The video above or beneath it", VIDEOS, ({ key }) => stepRow(key === "ArrowUp" ? -1 : 1), { repeats: true });

keys.register("Enter", "Open", MARKED, () => {
  const card = markedCard();
  if (document.activeElement !== card) return false;
  card.querySelector(".job-title a").click();
  return true;
});
keys.register(" ", "Play or pause", MARKED, () => {
  const card = markedCard();
  const video = card?.querySelector(".stage > video");
  if (video) video.paused ? video.play().catch(() => {}) : video.pause();
  else card?.querySelector(".play")?.click();
  return Boolean(card);
});
onCard("d", "Download", { passes: true });
onCard("s", "Share", { passes: true });
onCard("e", "Extend");
onCard("y", "Promote a draft");
onCard("u", "Sizes and prices");
onCard("m", "More actions");
onCard("r", "Retry or start", { asks: true });
onCard("F2", "Rename");
onCard("Delete", "Cancel", { asks: true, passes: true });

// ── How closely they stand ─────────────────────────────────────────────────────────────────────
document.addEventListener("submit", ({ target, submitter }) => {
  if (!target.matches(".density")) return;
  document.getElementById("jobs").classList.toggle("compact", submitter.value === "compact");
  for (const button of target.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === submitter));
});
keys.register("v", "Large or small cards", VIDEOS, () => document.querySelector(".density [aria-pressed=false]").click(), {
  when: () => Boolean(document.querySelector(".density")),
});
// The menus and ways above the list, each where its page has it.
for (const [key, words] of Object.entries({ i: "Filter", o: "Sort", w: "Save this view" })) {
  const button = () => document.querySelector(`#main [data-key="${key}"]`);
  keys.register(key, words, VIDEOS, () => button().click(), { when: () => Boolean(button()) });
}
