// Takes beside each other: which film plays in which box, whose is heard, and which box the keys are about.
// Without script every film has controls of its own. `Transport` plays them in step, `Wipe` lays two over each other, and
// `Zoom` shows the same part of each.
const room = document.getElementById("compare");
const time = room.querySelector(".time");
const SAID_AFTER = 400; // Milliseconds for which films wait for one before that is worth a word.
const LINES_MAX = 1080; // Of a picture: several larger ones at once are more than most machines decode.

const transport = new Transport();
const wipe = new Wipe(room, arrange);
const zoom = new Zoom(room, () => panes().map(filmIn).filter(Boolean));
const panes = () => [...room.querySelectorAll(".pane")];
const filmIn = (pane) => pane?.querySelector(".screen > video") ?? undefined;
const paneOf = (film) => film.closest(".pane");
const playable = () => panes().filter((pane) => filmIn(pane) && !filmIn(pane).error);
let current = panes()[0]; // The box that the keys are about.
let lastHeard = null;
let waitsSince = 0;
let isFollowing = false;

// ── Films ──────────────────────────────────────────────────────────────────────────────────────
// Called anew whenever a box has come or changed, or others are to be seen.
function arrange() {
  for (const pane of panes()) {
    pane.tabIndex = 0;
    const film = filmIn(pane);
    if (film?.controls) join(film);
  }
  if (!current?.isConnected) current = panes()[0];
  wipe.dress(playable());
  const seen = wipe.isOn ? wipe.sides : playable();
  if (wipe.isOn && !seen.includes(current)) [current] = seen;
  transport.use(seen.map(filmIn));
  for (const film of transport.films) fit(film);
  if (transport.heard && !transport.films.includes(transport.heard)) transport.hear(filmIn(current));
  zoom.draw();
  draw();
}

function join(film) {
  film.controls = false;
  film.addEventListener("click", toggle);
  film.addEventListener("error", arrange);
  // As a player does: with sound, of one of them.
  if (!lastHeard) transport.hear(lastHeard = film);
}

// The smallest file that fills its box, up to what a machine plays several of.
function fit(film) {
  const box = film.parentElement.getBoundingClientRect();
  const scale = Math.min(box.width / film.width, box.height / film.height) * devicePixelRatio;
  const needed = Math.min(film.width, film.height) * scale * 0.9 * zoom.most;
  const files = film.dataset.files.split(", ").map((each) => each.split(" "));
  const usual = files.filter(([, lines]) => lines <= LINES_MAX);
  const [url] = usual.find(([, lines]) => lines >= needed) ?? usual.at(-1) ?? files[0];
  if (film.getAttribute("src") === url) return;
  const { time: now } = transport;
  film.src = url;
  if (now) transport.seek(now);
}

// ── What is seen of it ─────────────────────────────────────────────────────────────────────────
function draw() {
  const { films, wanted, heard, held } = transport;
  mark("play", wanted, wanted ? "Pause" : "Play");
  mark("mute", !heard);
  mark("loop", transport.loops);
  mark("wipe", wipe.isOn);
  mark("full", Boolean(document.fullscreenElement));
  for (const button of room.querySelectorAll(".transport [data-do]")) button.disabled = !films.length;
  room.querySelector("[data-do=wipe]").disabled = playable().length < 2;
  room.querySelector("[data-do=out]").disabled ||= !zoom.isOn;
  for (const pane of panes()) {
    const film = filmIn(pane);
    pane.toggleAttribute("data-current", pane === current);
    pane.querySelector("[data-do=hear]")?.setAttribute("aria-pressed", film === heard);
    const broken = pane.querySelector(".broken");
    if (broken) broken.hidden = !film?.error;
  }
  waitsSince = wanted && held.length ? waitsSince || performance.now() : 0;
  if (waitsSince) setTimeout(tell, SAID_AFTER);
  tell();
  showTime();
  if (wanted && !isFollowing) requestAnimationFrame(follow);
}

function mark(action, isPressed, name) {
  const button = room.querySelector(`.transport [data-do=${action}]`);
  button.setAttribute("aria-pressed", isPressed);
  if (!name) return;
  button.removeAttribute("aria-pressed");
  button.setAttribute("aria-label", name);
  button.toggleAttribute("data-on", isPressed);
}

function tell() {
  const isLong = waitsSince && performance.now() - waitsSince >= SAID_AFTER;
  const names = transport.held.map((film) => paneOf(film)?.dataset.name);
  const text = isLong && names.length ? `Waiting for ${names.join(" and ")}…` : "";
  const said = room.querySelector(".waits");
  if (said.textContent !== text) said.textContent = text;
}

function follow() {
  isFollowing = transport.wanted;
  transport.follow();
  showTime();
  if (isFollowing) requestAnimationFrame(follow);
}

// In frames of the marked film, as editors count them.
function showTime() {
  const { time: now, duration } = transport;
  const rate = transport.rateOf(filmIn(current));
  const [at, end] = [rate.at(now), rate.count(duration)].map((frame) => rate.timecode(frame));
  time.max = duration || 1;
  time.value = now;
  time.setAttribute("aria-valuetext", `${at} of ${end}`);
  room.querySelector(".clock b").textContent = at;
  room.querySelector(".clock span").textContent = ` / ${end}`;
}

// ── What can be done ───────────────────────────────────────────────────────────────────────────
function toggle() {
  if (transport.wanted) transport.pause();
  else transport.play();
}

function hear(pane) {
  const film = filmIn(pane);
  if (film && film !== transport.heard) transport.hear(lastHeard = film);
  else transport.hear(null);
}

function mute() {
  const wanted = transport.films.includes(lastHeard) ? lastHeard : filmIn(current);
  transport.hear(transport.heard ? null : wanted);
}

function fill() {
  if (document.fullscreenElement) document.exitFullscreen();
  else room.requestFullscreen?.();
}

// In full steps, also for who hears it; a larger file follows once the hand rests.
let fitting = 0;
function showZoom() {
  const level = `${Math.round(100 * zoom.scale)}%`;
  const button = room.querySelector("[data-do=zoom]");
  button.querySelector("b").textContent = level;
  button.setAttribute("aria-label", `Zoom: ${level}`);
  room.querySelector("[data-do=out]").disabled = !zoom.isOn;
  clearTimeout(fitting);
  fitting = setTimeout(() => { for (const film of transport.films) fit(film); }, 300);
}

function go(steps) {
  const seen = wipe.isOn ? wipe.sides : panes();
  const next = seen[(seen.indexOf(current) + steps + seen.length) % seen.length];
  current = next;
  next.focus();
  draw();
}

const ACTIONS = {
  play: toggle,
  back: () => transport.step(-1, filmIn(current)),
  next: () => transport.step(1, filmIn(current)),
  mute,
  hear,
  loop: () => { transport.loops = !transport.loops; draw(); },
  wipe: () => { wipe.isOn = !wipe.isOn; arrange(); },
  full: fill,
  in: () => zoom.in(),
  out: () => zoom.out(),
  zoom: () => zoom.cycle(),
};

room.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  const pane = event.target.closest(".pane");
  if (pane) current = pane;
  if (button) ACTIONS[button.dataset.do]?.(pane);
  draw();
});
room.addEventListener("focusin", (event) => {
  const pane = event.target.closest(".pane");
  if (pane) current = pane;
  draw();
});
time.addEventListener("input", () => transport.seek(Number(time.value)));
// On the slider of the time the arrows go by frames.
time.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  transport.step(step, filmIn(current));
});

// Visitors did not choose our keys, and may speak to their computer: signs are theirs until they are in here.
const isShy = "shy" in room.dataset;
function on(key, words, action, options) {
  keys.register(key, words, "Compare", (event) => {
    if (isShy && event.key.length === 1 && event.key !== " " && !room.contains(event.target)) return false;
    return action(event);
  }, options);
}

// What the marked one has a button for. What costs something is only led to.
function press(key) {
  const button = current?.querySelector(`[data-key="${key}"]`);
  if (!button) return false;
  if ("asks" in button.dataset) button.focus();
  else button.click();
  return true;
}

on([" ", "k"], "Play or pause all", toggle);
on(",", "One frame back", ACTIONS.back, { repeats: true });
on(".", "One frame forward", ACTIONS.next, { repeats: true });
on("Home", "To the beginning", () => transport.seek(0));
on(["ArrowLeft", "ArrowRight"], "Mark the video beside it", ({ key }) => go(key === "ArrowLeft" ? -1 : 1));
on("s", "Hear the marked video", () => hear(current));
on("m", "Mute", mute);
on("w", "Wipe", ACTIONS.wipe);
on("l", "Loop", ACTIONS.loop);
on("Shift+f", "Full screen", fill);
on(["+", "="], "Zoom in", ACTIONS.in, { repeats: true });
on("-", "Zoom out", ACTIONS.out, { repeats: true });
on("z", "Zoom: 200%, 400%, whole picture", ACTIONS.zoom);
on("0", "Whole picture, while zoomed", () => zoom.isOn && zoom.to(1), { passes: true });
const SIDES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
on(Object.keys(SIDES).map((side) => `Shift+${side}`), "Move the zoomed picture", ({ key }) => zoom.isOn && zoom.pan(...SIDES[key]), { repeats: true });
const BUTTONS = { p: "Pick the marked one, and reject the others", f: "Favorite", x: "Reject", y: "Promote the marked draft" };
for (const [key, words] of Object.entries(BUTTONS))
  if (room.querySelector(`[data-key="${key}"]`)) on(key, isShy ? "Pick the marked video" : words, () => press(key));
if (room.querySelector(".rate")) {
  on([..."12345"], "Rate the marked video", ({ key }) => press(key));
  // Pressed once more, its rating goes.
  on("0", "No rating", () => current.querySelector(".rate [aria-pressed=true]")?.click(), { passes: true });
}

transport.addEventListener("change", draw);
zoom.addEventListener("change", showZoom);
document.addEventListener("visibilitychange", () => { if (document.hidden) transport.pause(); });
document.addEventListener("fullscreenchange", () => requestAnimationFrame(arrange));
document.addEventListener("htmx:after:swap", arrange);
if (!document.fullscreenEnabled) room.querySelector("[data-do=full]").hidden = true;
arrange();
