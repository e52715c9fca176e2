// What is sent for the composer, one after the other: it is seen how far it is, can be called off, and comes back as a
// thumbnail or as the reason why not. Who would leave meanwhile is asked, and told later what was left out. Uses
// `composer` of composer.js, and the places of images.js.

let waiting = 0;
/** The names of what is sent and waits to be. */
const named = [];
let queue = Promise.resolve();
/** What is sent right now, and how often somebody called off all that was to be sent. */
let underWay = null;
let calledOff = 0;
/** So long after the last byte that went, a line is dead: browsers themselves wait for many minutes. */
const DEAD_MS = 60_000;

function problem(text) {
  const line = document.createElement("li");
  line.role = "alert";
  line.textContent = text;
  document.getElementById("image-problems").append(line);
}

function forget() {
  document.getElementById("image-problems").replaceChildren();
  document.getElementById("id_images_error")?.remove();
}

function showSending(name, percent) {
  const line = document.getElementById("sending");
  line.hidden = !waiting;
  document.getElementById("generate").disabled = Boolean(waiting);
  if (waiting) document.getElementById("draft").disabled = true;
  else showDraft(Number(composer().elements.takes.value));
  if (line.dataset.name !== name) {
    line.dataset.name = name;
    line.querySelector("bdi").textContent = name;
  }
  line.querySelector("progress").value = percent;
}

/** One after the other, so that they keep their order. Whether it was taken. */
function send(field, value, name) {
  waiting += 1;
  named.push(name);
  showSending(name, 0);
  const turn = calledOff;
  const sent = queue.then(() => turn === calledOff && post(field, value, name)).finally(() => {
    waiting -= 1;
    named.splice(named.indexOf(name), 1);
    showSending(waiting ? name : "", 0);
  });
  queue = sent;
  return sent;
}

function post(field, value, name) {
  return new Promise((resolve) => {
    const body = new FormData();
    body.append("mode", mode());
    body.append(field, value);
    const request = new XMLHttpRequest();
    request.open("POST", area().dataset.url);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", composer().elements.csrfmiddlewaretoken.value);
    request.upload.onprogress = (event) => showSending(name, (100 * event.loaded) / event.total);
    request.onload = request.onerror = () => resolve(taken(request, name));
    request.onabort = () => resolve(false);
    abortDead(request);
    underWay = request;
    request.send(body);
  });
}

/** Take a request whose bytes go no further for one whose connection broke off. */
function abortDead(request) {
  let timer = 0;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      request.onabort = request.onerror;
      request.abort();
    }, DEAD_MS);
  };
  watch();
  request.upload.addEventListener("progress", watch);
  // From then on the server looks at it.
  request.upload.addEventListener("loadend", () => clearTimeout(timer));
}

/** Why nothing was taken, by the status of the answer; 0 where there is none. */
const REASONS = {
  0: "the connection broke off. Try again.",
  413: "it is larger than the server lets through. An image of 50 MB or a video of 100 MB should pass: tell an admin that the proxy’s limit is too low.",
  502: "the server can’t be reached right now. Try again in a moment.",
  503: "the server isn’t ready right now. Try again in a moment.",
  504: "the server took too long to answer. Try again.",
};

function taken(request, name) {
  const login = request.getResponseHeader("HX-Redirect");
  if (login) {
    // None of it could be taken now.
    removeEventListener("beforeunload", askFirst);
    location.assign(login);
  }
  if (![200, 422].includes(request.status)) {
    const isTold = request.getResponseHeader("Content-Type")?.startsWith("text/plain");
    problem(isTold ? request.responseText : `${name}: ${REASONS[request.status] ?? `the server failed (${request.status}). Try again.`}`);
    return false;
  }
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  for (const line of answer.querySelectorAll("ul > li")) problem(line.textContent);
  const found = [...answer.querySelectorAll(".image-tile")];
  if (found.some((tile) => "seconds" in tile.dataset)) sourceFilm()?.remove();
  document.getElementById("thumbs").append(...found);
  changed();
  if (found.length) document.getElementById("announce").textContent = called(thumbs().length).added;
  return found.length > 0;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-call-off]")) return;
  calledOff += 1;
  underWay?.abort();
  document.getElementById("id_files").focus();
});

// ── Who leaves the page meanwhile ──────────────────────────────────────────────────────────────
/** Whoever signs out has said so. */
const isLost = () => waiting && !("signedOut" in document.documentElement.dataset);

function askFirst(event) {
  if (isLost()) event.preventDefault();
}
addEventListener("beforeunload", askFirst);

const leftOut = () => `${composer().dataset.draft}-uploads`;
// Some browsers ask nobody, those of phones above all.
addEventListener("pagehide", () => {
  try { if (isLost()) localStorage.setItem(leftOut(), JSON.stringify(named)); } catch { /* nobody is told */ }
});
try {
  for (const name of JSON.parse(localStorage.getItem(leftOut())) ?? []) problem(`${name}: not added, because the page was left during the upload. Choose it again.`);
  localStorage.removeItem(leftOut());
} catch { /* nobody is told */ }
