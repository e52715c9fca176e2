// Turns notifications and the sound on in this browser: each asks for a click of its own, and nothing is asked
// for before it.

const WORDS = {
  on: "On in this browser",
  off: "Off in this browser",
  blocked: "Your browser blocks them. Allow notifications for this site in its settings.",
  unanswered: "Your browser asked whether to allow them, and got no answer. Turn on to be asked again.",
  missing: "This browser can’t do this here. It needs https, or http://localhost.",
};
const ways = [...document.querySelectorAll("[data-way]")];

function stored(way) {
  try { return localStorage.getItem(`news-${way}`); } catch { return null; }
}
function store(way, value) {
  try { localStorage.setItem(`news-${way}`, value); } catch { /* for this page alone, then */ }
}

function stateOf(way) {
  if (!navigator.locks || (way === "browser" && !globalThis.Notification)) return "missing";
  if (way === "browser" && Notification.permission === "denied") return "blocked";
  const isAllowed = way === "sound" || Notification.permission === "granted";
  return stored(way) === "on" && isAllowed ? "on" : "off";
}

function show(box, words = stateOf(box.dataset.way)) {
  const state = stateOf(box.dataset.way);
  box.querySelector("[data-state]").textContent = WORDS[words];
  const button = box.querySelector("button");
  button.hidden = state === "blocked" || state === "missing";
  button.setAttribute("aria-pressed", String(state === "on"));
  button.querySelector("[data-verb]").textContent = state === "on" ? "Turn off" : "Turn on";
}

async function toggle(box) {
  const { way } = box.dataset;
  if (stateOf(way) === "on") {
    store(way, "off");
  } else if (way === "sound") {
    store(way, "on");
    // The first one is the answer to the click: it shows what will be heard.
    await new Audio(box.dataset.sound).play().catch(() => { /* no loudspeaker */ });
  } else {
    const answer = await Notification.requestPermission();
    if (answer === "granted") store(way, "on");
    if (answer === "default") return show(box, "unanswered");
  }
  return show(box);
}

for (const box of ways) {
  show(box);
  box.querySelector("button").addEventListener("click", () => toggle(box));
}
