// The composer: offers only what the chosen model can do, shows the price before the click and
// keeps the draft. The server checks everything again; without this file all options are there. Uses fit.js, and
// unanswered.js for what to say of no answer.

const readCatalog = () => JSON.parse(document.getElementById("catalog").textContent);
let catalog = readCatalog();
const figure = new Intl.NumberFormat("en");
const composer = () => document.getElementById("composer");
const prompt_ = () => composer().elements.prompt;
/** What was last chosen by hand, so that it comes back when it is possible again. */
const wishes = {};

// ── Options and price ──────────────────────────────────────────────────────────────────────────
/** What the chosen model, mode and resolution offer. js/images.js asks too. */
function offer() {
  const { elements } = composer();
  const provider = catalog.providers.find((each) => each.models.some(({ name }) => name === elements.model.value));
  const model = provider.models.find((each) => each.name === elements.model.value);
  // A mode that the model lacks can stay chosen: prices and choices are then those of its sister.
  const mode = model.modes[elements.mode.value] ?? Object.values(model.modes).at(-1);
  return { provider, model, mode, size: mode.sizes[elements.resolution.value] };
}

/** A mode that other models have stays in sight with the reason; the chosen one stays chosen. */
function allowModes({ modes, lacking }) {
  const own = Object.keys(modes);
  // Who has images already wants them used.
  allow("mode", [...own, ...Object.keys(lacking)], composer().querySelector(".image-tile") ? own.at(-1) : own[0]);
  for (const radio of composer().elements.mode) {
    const reason = lacking[radio.value];
    radio.title = radio.closest("label").title = reason ?? "";
    if (!reason) {
      radio.setAttribute("aria-describedby", `what-${radio.value}`);
      radio.removeAttribute("aria-invalid");
      continue;
    }
    // A disabled one would not be sent, and the video made from text alone.
    radio.disabled = !radio.checked;
    if (radio.checked) radio.setAttribute("aria-describedby", "mode-hint");
    else radio.removeAttribute("aria-describedby");
    radio.setAttribute("aria-invalid", String(radio.checked));
  }
  // Of what nobody chose it is said to whoever asks for it.
  const wrong = lacking[composer().elements.mode.value];
  say("mode-hint", wrong ?? "");
  document.getElementById("mode-hint").className = wrong ? "errorlist" : "hint";
}

function update() {
  allowModes(offer().model);
  const sizes = Object.keys(offer().mode.sizes);
  allow("resolution", sizes, sizes[0], whyNot(offer().model, "sizes"));
  const { provider, model, size } = offer();
  allow("aspect_ratio", size.ratios, size.ratios[0], whyNot(model, "ratios"));
  allow("duration", size.durations, size.durations.at(-1), whyNot(model, "durations"));
  prompt_().maxLength = model.prompt_length_max;
  prompt_().placeholder = prompt_().dataset[composer().elements.mode.value === "video" ? "change" : "shot"];
  const { translate, watermark, seed } = composer().elements;
  // A disabled switch would be sent as "off", and stay off with the next model.
  translate.closest("label").inert = "translate" in model.lacks;
  watermark.disabled = "watermark" in model.lacks;
  seed.disabled = document.getElementById("dice").disabled = "seed" in model.lacks;
  say("why-not", "");
  say("lacks", Object.values(model.lacks).join(" "));
  document.getElementById("by").textContent = provider.by;
  document.getElementById("hint").textContent = model.hint;
  document.getElementById("notes").replaceChildren(...size.notes.map((note) => {
    const line = document.createElement("li");
    line.textContent = note;
    return line;
  }));
  say("image-hint", provider.image_hint);
  const takes = Number(composer().elements.takes.value);
  const length = size.durations.indexOf(composer().elements.duration.value);
  const price = size.prices[length];
  say("shortage", size.shortages[length]?.[takes - 1] ?? "");
  document.getElementById("each").textContent = takes > 1 && price ? `${takes} × ${figure.format(price)}` : "";
  showPrice(takes * price);
  showDraft(takes);
  showGo(takes, price);
  composer().dispatchEvent(new Event("composer:updated", { bubbles: true }));
}

/** A line that is there only while it has something to say. */
function say(id, text) {
  const line = document.getElementById(id);
  if (line.textContent !== text) line.textContent = text;
  line.hidden = !text;
}

function showPrice(price) {
  const purse = document.getElementById("purse").dataset;
  const next = document.getElementById("next");
  const share = (credits) => (purse.given > 0 ? Math.min((100 * credits) / purse.given, 100) : 0);
  document.getElementById("cost").value = price ? figure.format(price) : "–";
  composer().elements.seen_cost.value = price ?? 0;
  next.setAttribute("x", `${share(purse.used)}%`);
  next.setAttribute("width", `${share(price ?? 0)}%`);
  say("short", beyond(price, purse));
}

/** The cheapest look at what is chosen: as lifecycle.draft_of finds it, which finds it again. */
function cheapest() {
  const { mode, aspect_ratio, duration, seed, watermark } = composer().elements;
  const images = mode.value === "text" ? 0 : composer().querySelectorAll(".image-tile").length;
  // What is disabled is not sent.
  const [number, words] = [seed, watermark].map((field) => (field.disabled ? "" : field.value));
  const takesSeed = (seeds) => !number || (seeds && Number(number) >= seeds[0] && Number(number) <= seeds[1]);
  const found = catalog.providers.filter((each) => each.has_key).flatMap((each) => each.models).flatMap((model) => {
    const way = model.modes[mode.value];
    if (!way || images > way.images || !takesSeed(model.seeds) || prompt_().value.length > model.prompt_length_max) return [];
    if (words && "watermark" in model.lacks) return [];
    return Object.values(way.sizes)
      .filter((size) => size.ratios.includes(aspect_ratio.value))
      .map((size) => ({ model, size, price: size.prices[size.durations.indexOf(duration.value)] }))
      .filter(({ price }) => price);
  });
  return found.sort((one, other) => one.price - other.price || one.size.lines - other.size.lines)[0];
}

function showDraft(takes) {
  const { draft, seen_draft } = composer().elements;
  const best = cheapest();
  draft.disabled = !best;
  seen_draft.value = best ? takes * best.price : 0;
  document.getElementById("draft-cost").textContent = best ? `${figure.format(takes * best.price)} cr` : "";
  document.getElementById("draft-said").textContent = best ? `${best.model.label}, ${best.size.name}` : catalog.no_draft;
}

/** What the button does, and what of its price: what no budget holds is asked for. */
function showGo(takes, price) {
  const asks = !document.getElementById("short").hidden || "asks" in composer().dataset;
  composer().elements.asks.value = Number(asks);
  document.getElementById("asking").hidden = !asks;
  const terms = price ? (asks ? "reserved-later" : "reserved") : "unpriced";
  for (const id of ["reserved", "reserved-later", "unpriced"]) document.getElementById(id).hidden = id !== terms;
  document.getElementById("go").textContent = asks ? "Ask for approval" : takes > 1 ? `Generate ${takes} takes` : "Generate";
}

/** The server's sentences about the budgets that this price is beyond (views/budget_fit.py). */
function beyond(price, purse) {
  const project = composer().elements.project.value;
  const bounds = JSON.parse(purse.bounds).filter((bound) => ["", project].includes(bound.project) && price > bound.left);
  return bounds.length ? [...bounds.map((bound) => bound.sentence), purse.waits].join(" ") : "";
}

/** What is rarely used does not stay out of sight while it is set. */
function unfoldMore() {
  const { seed, watermark, translate } = composer().elements;
  if (seed.value || watermark.value || !translate.checked) document.getElementById("more").open = true;
}

function throwDice() {
  const [first, last] = offer().model.seeds;
  composer().elements.seed.value = first + Math.floor(Math.random() * (last - first + 1));
}

// ── Draft ──────────────────────────────────────────────────────────────────────────────────────
function write(text) {
  prompt_().value = text;
  drafts.keep(composer());
  prompt_().focus();
}

/** Put fields back as they were, images among them, and offer what goes with them. */
async function restore({ project, ...fields }) {
  // An address that names a project means that one.
  if (project && !new URLSearchParams(location.search).has("project")) fields.project = project;
  Object.assign(wishes, Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, values[0]])));
  fillIn(composer(), fields);
  unfoldMore();
  update();
  if (fields.images?.length) await bringBack(fields.images);
}

// ── One order for each press ───────────────────────────────────────────────────────────────────
const REST_MS = 1200;
/** From the moment of sending on, so that no press slips in while an answer is being put in place. */
let isResting = false;
let rest = 0;
let sent = {};

/** Generate rests until its answer can have been seen; every press meanwhile begins the rest anew. */
function takeRest() {
  clearTimeout(rest);
  document.getElementById("generate").setAttribute("aria-disabled", "true");
  rest = setTimeout(() => {
    isResting = false;
    const button = document.getElementById("generate");
    button.removeAttribute("aria-disabled");
    // The pressed button was replaced: go on from the new one.
    if (document.activeElement === document.body) button.focus();
  }, REST_MS);
}

// ── Events: on the document, because the form is replaced by every answer ──────────────────────
document.addEventListener("input", (event) => {
  if (event.target.form !== composer() || event.target === prompt_()) return;
  wishes[event.target.name] = event.target.value;
  update();
});
document.addEventListener("click", (event) => {
  const starter = event.target.closest("[data-starter]");
  if (starter) write(starter.dataset.starter);
  if (event.target.closest("#dice")) throwDice();
  const choice = event.target.closest("[data-seed]");
  if (!choice || event.ctrlKey || event.metaKey || event.shiftKey) return;
  // What was changed meanwhile stays; without this the page comes anew.
  event.preventDefault();
  composer().elements.seed.value = choice.dataset.seed;
  for (const each of choice.parentElement.children) each.removeAttribute("aria-current");
  choice.setAttribute("aria-current", "true");
  unfoldMore();
  drafts.keep(composer());
});

const isSubmission = (event) => event.detail.ctx?.sourceElement?.id === "composer";
/** What was answered has to be seen before the next press: Generate stands far below it on a phone. */
function showAnswer() {
  const said = composer().querySelector("[role=alert]:not([hidden])");
  if (said) unfold();
  said?.scrollIntoView({ block: "nearest" });
}
function unsent(text) {
  const line = document.getElementById("unsent");
  line.querySelector("span").textContent = text;
  line.hidden = !text;
  showAnswer();
}
// Before htmx or the browser sends anything: a new form is there a moment before htmx knows it, and the browser
// would send it as a new order and leave the page.
document.addEventListener("submit", (event) => {
  if (event.target !== composer() || !isResting) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!composer().classList.contains("htmx-request")) takeRest();
}, { capture: true });
document.addEventListener("htmx:before:request", (event) => {
  if (!isSubmission(event)) return;
  isResting = true;
  sent = written(composer());
});
document.addEventListener("htmx:after:request", (event) => {
  if (!isSubmission(event)) return;
  takeRest();
  if (event.detail.ctx.response.status === 200 && !event.detail.ctx.hx.redirect) drafts.drop(composer(), sent);
});
// No answer, or one that says nothing of the form. The form's key makes sending it again safe.
document.addEventListener("htmx:error", (event) => {
  if (!isSubmission(event)) return;
  unsent(unanswered(event));
  takeRest();
});
document.addEventListener("htmx:response:error", (event) => {
  if (isSubmission(event)) unsent(SHOWN.includes(event.detail.ctx.response.status) ? "" : unanswered(event));
});
// What was changed after the answer was asked for is newer than the answer.
let newer = null;
document.addEventListener("htmx:before:swap", (event) => {
  if (!isSubmission(event)) return;
  const now = written(composer());
  const { activeElement: focused } = document;
  newer = {
    fields: Object.fromEntries(Object.entries(now).filter(([name, values]) => !same(values, sent[name]))),
    thumbs: same(now.images, sent.images) ? null : thumbs(),
    focused: focused?.form === composer() && focused.id,
    caret: focused === prompt_() && [focused.selectionStart, focused.selectionEnd],
    hasMore: document.getElementById("more").open,
  };
});
function bringNewer({ fields, thumbs: tiles, focused, caret, hasMore }) {
  fillIn(composer(), fields);
  if (hasMore) document.getElementById("more").open = true;
  if (tiles) document.getElementById("thumbs").replaceChildren(...tiles);
  if (Object.keys(fields).length) drafts.keep(composer());
  if (focused && focused !== "generate") document.getElementById(focused)?.focus({ preventScroll: true });
  if (caret) prompt_().setSelectionRange(...caret);
}
document.addEventListener("htmx:after:swap", (event) => {
  const isOurs = isSubmission(event);
  if (isOurs) {
    catalog = readCatalog();
    bringNewer(newer);
    takeRest();
  }
  update();
  if (!isOurs) return;
  if (document.activeElement === document.body) composer().querySelector("[aria-invalid=true]")?.focus();
  showAnswer();
});

// After all scripts: images come back through js/images.js.
document.addEventListener("DOMContentLoaded", () => restore(drafts.unsent(composer()) ?? {}));
update();
