// The bell: its number, and the list behind it. Each answer to a poll of a page names its person's newest
// news in a header; only where that has changed is the list asked for. A page without a poll asks by itself.

const bell = document.getElementById("bell");
const list = document.getElementById("news-list");
const EVERY = 30_000;
const signedOut = (answer) => answer.redirected || answer.headers.has("HX-Redirect");

function count(number) {
  for (const badge of bell.querySelectorAll("[data-bell-number]")) {
    badge.hidden = !number;
    badge.textContent = number >= 100 ? "99+" : String(number);
  }
  for (const words of bell.querySelectorAll("[data-bell-words]")) words.textContent = number ? `, ${number} new` : "";
}

/** Put in the list that came, and its number. */
async function take(answer) {
  if (signedOut(answer)) return;
  if (!answer.ok) throw new Error(`${answer.status}`);
  const came = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-news]");
  list.replaceChildren(document.adoptNode(came));
  bell.dataset.token = came.dataset.token;
  count(Number(came.dataset.news));
}

let asking = null;
/** Ask for the list; once, whoever wants it meanwhile. */
function refreshBell() {
  asking ??= fetch(bell.dataset.list, { headers: { "HX-Request": "true" } }).then(take).finally(() => { asking = null; });
  return asking;
}

const trouble = () => {
  const said = document.createElement("p");
  said.className = "news-empty";
  said.textContent = "Can’t load the list just now. Open it again to retry.";
  list.replaceChildren(said);
};

document.getElementById("news").addEventListener("beforetoggle", (event) => {
  if (event.newState === "open") refreshBell().catch(trouble);
});

bell.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-see-news]")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target));
  fetch(event.target.action, { method: "POST", body, headers: { "HX-Request": "true" } }).then(take).catch(trouble);
});

// ── Hearing of news ────────────────────────────────────────────────────────────────────────────
const heard = (token) => {
  if (token && token !== bell.dataset.token) refreshBell().catch(() => { /* the next poll tells it again */ });
};
document.addEventListener("htmx:after:request", ({ detail }) => {
  if (detail.ctx?.sourceElement?.id === "live") heard(detail.ctx.response?.headers?.get("News"));
});

async function ask() {
  const answer = await fetch(`${bell.dataset.live}?since=${bell.dataset.token}`, { headers: { "HX-Request": "true" } });
  if (!signedOut(answer)) heard(answer.headers.get("News"));
}
setInterval(() => {
  if (!document.hidden && !document.getElementById("live")) ask().catch(() => { /* asked again soon */ });
}, EVERY);
