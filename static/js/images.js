// The composer's images: picked, from a link, or a frame of a video; handed.js brings those that are
// pasted and dropped. Each is sent at once and comes back as a thumbnail with its hidden field; the server
// checks everything again, and without this file the same buttons send the form. Uses `composer`, `offer`
// and `say` of composer.js, and uploads.js.

const area = () => document.getElementById("images");
const thumbs = () => [...document.querySelectorAll("#thumbs > .image-tile")];
const mode = () => composer().elements.mode.value;

// ── Their places ───────────────────────────────────────────────────────────────────────────────
/** What the server calls the image in this place, 1 being the first, and its buttons (forms/ordering/images.py). */
const called = (number) => catalog.places[mode()][number - 1];
/** The tile of the film that words change. */
const sourceFilm = () => document.querySelector("#thumbs > [data-seconds]");
/** The place of a film is kept free for it. */
const awaited = () => Number(mode() === "video" && !sourceFilm());

function arrange() {
  if (sourceFilm()?.previousElementSibling) document.getElementById("thumbs").prepend(sourceFilm());
  const all = thumbs();
  all.forEach((thumb, place) => {
    const number = place + 1;
    const { label } = called(number + awaited());
    const shown = thumb.querySelector("img, video");
    shown.setAttribute(shown.localName === "img" ? "alt" : "aria-label", label);
    thumb.querySelector(".chip").textContent = label;
    const [move, drop] = ["left", "remove"].map((what) => thumb.querySelector(`[value^=${what}]`));
    move.hidden = !place || all[place - 1] === sourceFilm();
    move.value = `left:${number}`;
    move.setAttribute("aria-label", called(number).move);
    drop.value = `remove:${number}`;
    drop.setAttribute("aria-label", called(number).drop);
  });
  const slot = document.getElementById("slot");
  const next = called(awaited() || all.length + 1);
  slot.hidden = mode() !== "text" && !awaited() && all.length >= offer().mode.images;
  slot.querySelector("span").textContent = next.label;
  slot.querySelector("input").setAttribute("aria-label", next.slot);
}

function changed() {
  update();
  drafts.keep(composer());
}

/** Show images again that were chosen before, as far as they are still there. */
async function bringBack(ids) {
  const wanted = new URLSearchParams([["mode", mode()], ...ids.map((id) => ["image", id])]);
  const answer = await fetch(`${composer().action}?${wanted}`).catch(() => null);
  if (!answer?.ok || thumbs().length) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("thumbs").append(...page.querySelectorAll("#thumbs > .image-tile"));
  update();
}

function remove(thumb) {
  const neighbour = thumb.nextElementSibling ?? thumb.previousElementSibling;
  thumb.remove();
  changed();
  (neighbour?.querySelector("[value^=remove]") ?? document.getElementById("id_files")).focus();
}

function moveLeft(thumb) {
  thumb.previousElementSibling.before(thumb);
  changed();
  thumb.querySelector("button:not([hidden])").focus();
}

// ── What there is room for ─────────────────────────────────────────────────────────────────────
function choose(wanted) {
  const radio = composer().querySelector(`[name=mode][value=${wanted}]`);
  radio.checked = true;
  radio.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Go where images are used. False where the model takes none. */
function makeRoom() {
  forget();
  if (mode() === "text") {
    const { model } = offer();
    const wanted = ["frames", "references"].find((each) => each in model.modes);
    if (!wanted) {
      problem("This model doesn’t support images.");
      return false;
    }
    choose(wanted);
  }
  const room = offer().mode.images - thumbs().length - waiting - awaited();
  if (room < 1) problem("No more images fit. Remove one first.");
  return room > 0 && room;
}

/** Go where a film is changed. False where the model changes none. */
function changesFilms() {
  forget();
  if (!("video" in offer().model.modes)) problem("This model doesn’t change videos.");
  else choose("video");
  return mode() === "video";
}

const isFilm = (file) => file.type.startsWith("video/") || /\.(mp4|m4v|mov)$/i.test(file.name);

function sendFilm(file) {
  if (!changesFilms()) return;
  if (file.size > catalog.film_bytes) problem(`${file.name}: This is larger than ${catalog.film_bytes / 1024 ** 2} MB.`);
  else send("files", file, file.name);
}

function sendFiles(handed) {
  const [films, files] = [handed.filter(isFilm), handed.filter((each) => !isFilm(each))];
  if (films.length) sendFilm(films.at(-1));
  if (!files.length) return;
  const room = makeRoom();
  if (!room) return;
  if (files.length > room) problem(`Only ${room} more fit. The others were left out.`);
  for (const file of files.slice(0, room)) {
    if (file.size > catalog.file_bytes) problem(`${file.name}: This is larger than ${catalog.file_bytes / 1024 ** 2} MB.`);
    else send("files", file, file.name);
  }
}

async function sendLink() {
  const link = document.getElementById("id_link");
  if (!link.value.trim() || !makeRoom()) return;
  if (await send("link", link.value.trim(), "The link")) link.value = "";
}

// ── A frame of a video ─────────────────────────────────────────────────────────────────────────
function showFrames(isOpen) {
  document.getElementById("frames").hidden = !isOpen;
  document.getElementById("pick").setAttribute("aria-expanded", String(isOpen));
}

async function findFrames(words) {
  const answer = await fetch(`${area().dataset.frames}?words=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.headers.has("HX-Redirect")) location.assign(answer.headers.get("HX-Redirect"));
  else if (answer?.ok) return new DOMParser().parseFromString(await answer.text(), "text/html");
  problem("Couldn’t load the list of videos. Try again.");
  return null;
}

async function openFrames() {
  const found = await findFrames("");
  if (!found) return;
  document.getElementById("frames").replaceChildren(...found.body.children);
  showFrames(true);
  document.querySelector("#frames [name=words]").focus();
}

let asked = 0;
async function searchFrames() {
  const number = ++asked;
  const found = await findFrames(document.querySelector("#frames [name=words]").value);
  if (found && number === asked) document.querySelector("#frames .film-list").replaceWith(found.querySelector(".film-list"));
}

async function sendFrame(button) {
  if (!makeRoom()) return;
  if (await send("frame", button.value, "The frame")) {
    showFrames(false);
    document.getElementById("pick").focus();
  }
}

async function sendVideo(button) {
  if (!changesFilms()) return;
  if (await send("film", button.value, "The video")) {
    showFrames(false);
    document.getElementById("pick").focus();
  }
}

// ── Events: on the document, because the form is replaced by every answer ──────────────────────
const actions = [
  ["[name=arrange][value^=remove]", (button) => remove(button.closest(".image-tile"))],
  ["[name=arrange][value^=left]", (button) => moveLeft(button.closest(".image-tile"))],
  ["#add", sendLink],
  ["#pick", () => (document.getElementById("frames").hidden ? openFrames() : showFrames(false))],
  ["#frames [name=pick]", searchFrames],
  ["#frames [name=frame]", sendFrame],
  ["#frames [name=film]", sendVideo],
  ["[data-close-frames]", () => { showFrames(false); document.getElementById("pick").focus(); }],
];
document.addEventListener("click", (event) => {
  if (!composer().contains(event.target)) return;
  for (const [selector, act] of actions) {
    const button = event.target.closest(selector);
    if (!button) continue;
    event.preventDefault();
    act(button);
    return;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.target.form !== composer()) return;
  const act = { link: sendLink, words: searchFrames }[event.target.name];
  if (!act) return;
  event.preventDefault();
  act();
});
document.addEventListener("change", (event) => {
  if (event.target.id !== "id_files") return;
  const files = [...event.target.files];
  event.target.value = "";
  if (files.length) sendFiles(files);
});
// Nothing is sent while an image is still on its way: it would be missing.
document.addEventListener("submit", (event) => {
  if (event.target !== composer() || !waiting) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
document.addEventListener("composer:updated", arrange);
arrange();
