// Live cards. htmx polls, swaps and morphs; here is what it does not do: rest while nobody looks,
// back off when the server is away, count seconds between answers, and play videos.

const poller = () => document.getElementById("live");
const isPoll = (event) => event.detail.ctx?.sourceElement === poller();

// ── Polling ────────────────────────────────────────────────────────────────────────────────────
let failures = 0;
let quietUntil = 0;

function tell(text) {
  const banner = document.getElementById("stale");
  banner.querySelector("span").textContent = text;
  banner.hidden = !text;
}

function failed(event) {
  if (!isPoll(event)) return;
  failures += 1;
  quietUntil = Date.now() + 1000 * Math.min(2 ** failures, 30);
  // One lost answer is no news.
  if (failures > 1) tell("Can’t reach the server. This page may be out of date; live updates resume automatically.");
}

function refresh() {
  if (document.hidden) return;
  quietUntil = 0;
  htmx.trigger(poller(), "refresh");
}

// A poll that is under way may bring cards as they were before something was done here: then the one after
// it shows what came of that.
let isOwed = false;
function refreshAfterThis() {
  isOwed = poller().matches(".htmx-request");
  if (!isOwed) refresh();
}

document.addEventListener("htmx:finally:request", (event) => {
  if (!isOwed || !isPoll(event)) return;
  isOwed = false;
  setTimeout(refresh);
});
document.addEventListener("htmx:before:request", (event) => {
  if (isPoll(event) && (document.hidden || Date.now() < quietUntil)) event.preventDefault();
});
// Which cards are here, so that the server can tell a changed card from a new one. Of hundreds, as many as an address
// may hold: those around what is seen. What the others miss meanwhile they are told once they are among these: each
// knows since when.
const CARDS_TOLD = 150;
const missedSince = new WeakMap();
let lastAsked = { cards: [], since: "" };
const allCards = () => [...document.querySelectorAll("#jobs [data-job]")];
function cardsHere() {
  const all = allCards();
  if (all.length <= CARDS_TOLD) return all;
  const seen = all.findIndex((card) => card.getBoundingClientRect().bottom > 0);
  const first = Math.min(Math.max(seen - CARDS_TOLD / 2, 0), all.length - CARDS_TOLD);
  return all.slice(first, first + CARDS_TOLD);
}
// A cursor begins with its moment.
const earlier = (one, other) => (parseFloat(one) < parseFloat(other) ? one : other);
document.addEventListener("htmx:config:request", (event) => {
  if (!isPoll(event)) return;
  const { body, action } = event.detail.ctx.request;
  const since = new URL(action, location.href).searchParams.get("since") ?? "";
  const cards = cardsHere();
  lastAsked = { cards, since };
  if (!cards.length) return;
  body.set("cards", cards.map((card) => card.dataset.job).join());
  body.set("since", cards.map((card) => missedSince.get(card) ?? since).reduce(earlier));
});
document.addEventListener("htmx:before:swap", (event) => {
  if (!isPoll(event)) return;
  const told = new Set(lastAsked.cards);
  for (const card of allCards()) if (!told.has(card) && !missedSince.has(card)) missedSince.set(card, lastAsked.since);
});
document.addEventListener("htmx:after:request", (event) => {
  if (isPoll(event) && event.detail.ctx.response.status < 400) for (const card of lastAsked.cards) missedSince.delete(card);
});
let scrolled = 0;
addEventListener("scroll", () => {
  clearTimeout(scrolled);
  scrolled = setTimeout(() => { if (cardsHere().some((card) => missedSince.has(card))) refresh(); }, 150);
}, { passive: true });
// A card that arrived by two ways at once (its own submission, and a poll under way) stays one card.
// And a film that plays here plays on, though a larger copy of it has come.
document.addEventListener("htmx:before:swap", (event) => {
  for (const task of event.detail.tasks) {
    for (const stage of task.fragment.querySelectorAll("[data-film]")) {
      const shown = document.querySelector(`[data-film="${stage.dataset.film}"]`);
      if (shown?.querySelector("video")?.played.length) stage.id = shown.id;
    }
    const card = task.fragment.querySelector(".takes, [data-job]");
    const here = card && document.getElementById(card.id);
    if (here && task.swapSpec.style === "afterbegin") Object.assign(task, { target: here, swapSpec: { style: "outerMorph" } });
  }
});
document.addEventListener("htmx:after:request", (event) => {
  if (!isPoll(event) || event.detail.ctx.response.status >= 400) return;
  failures = quietUntil = 0;
  tell("");
});
document.addEventListener("htmx:response:error", failed);
document.addEventListener("htmx:error", failed);
// An order from a card: what it changed elsewhere comes with the next poll, which is now.
const isOrder = (event) => event.detail.ctx?.sourceElement?.matches?.("[data-order]");
document.addEventListener("htmx:after:request", (event) => {
  if (isOrder(event) && event.detail.ctx.response.status < 400) refreshAfterThis();
});
// The pressed button may be gone then. Who pressed it by keyboard goes on from where it was.
document.addEventListener("htmx:before:request", (event) => {
  if (isOrder(event)) event.detail.ctx.card = event.detail.ctx.sourceElement.closest("article").id;
});
document.addEventListener("htmx:after:swap", (event) => {
  if (!isOrder(event) || document.activeElement !== document.body) return;
  const card = document.getElementById(event.detail.ctx.card);
  const rail = card?.querySelector(".rail:popover-open") ?? card?.querySelector(".size-chip");
  rail?.focus({ preventScroll: true });
});
document.addEventListener("visibilitychange", refresh);
addEventListener("online", refresh);
addEventListener("offline", () => tell("You are offline. This page may be out of date; live updates resume automatically."));

// ── Seconds between two answers ────────────────────────────────────────────────────────────────
// Nothing is sent while nothing changed, so elapsed time and estimates move on here. The rules are
// those of the server (`views/jobs/progress.py`).
function clock(seconds) {
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  if (seconds >= 3600) parts.unshift(Math.floor(seconds / 3600));
  return parts.map((part, i) => (i ? String(part).padStart(2, "0") : part)).join(":");
}

function left(seconds) {
  if (seconds > 90) return `about ${Math.ceil(seconds / 60)} min left`;
  return seconds > 0 ? `about ${Math.ceil(seconds / 10) * 10} s left` : "any moment now";
}

function percent(elapsed, usual) {
  const share = elapsed / usual;
  return share < 1 ? Math.round(90 * share) : Math.min(90 + Math.round(2 * share), 97);
}

function put(root, selector, text) {
  for (const element of root.querySelectorAll(selector)) if (element.textContent !== text) element.textContent = text;
}

function advance(card) {
  // A new figure from the server starts the count anew; its clock and ours need not agree.
  if (card.said !== card.dataset.elapsed) {
    card.said = card.dataset.elapsed;
    card.start = Date.now() - 1000 * card.said;
  }
  const elapsed = Math.floor((Date.now() - card.start) / 1000);
  const usual = Number(card.dataset.usual);
  put(card, "[data-clock]", clock(elapsed));
  put(card, "[data-left]", left(usual - elapsed));
  if (!("estimate" in card.dataset) || card.dataset.state !== "run") return;
  const done = percent(elapsed, usual);
  put(card, "[data-percent]", String(done));
  card.querySelector("[data-arc]").setAttribute("stroke-dasharray", `${done} 100`);
  card.querySelector("progress").value = done;
}

setInterval(() => {
  if (!document.hidden) document.querySelectorAll("[data-elapsed]").forEach(advance);
}, 1000);

// ── Playing ────────────────────────────────────────────────────────────────────────────────────
// The player is made on demand, so a grid of 60 cards costs 60 pictures and no video.
document.addEventListener("click", (event) => {
  const play = event.target.closest(".play");
  if (!play || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const video = document.createElement("video");
  // A phone plays the smaller file: its screen shows no more.
  const { src, small } = play.dataset;
  const isNarrow = matchMedia("(max-width: 47.99em)").matches;
  Object.assign(video, { src: (isNarrow && small) || src, controls: true, autoplay: true, loop: true, playsInline: true });
  play.closest(".stage").replaceChildren(video);
  video.focus();
});
document.addEventListener("play", (event) => {
  // Where takes are compared, they play together.
  if (event.target.closest?.(".compare")) return;
  for (const video of document.querySelectorAll("video")) if (video !== event.target) video.pause();
}, true);
