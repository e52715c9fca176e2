// The bell: its number, the list behind it, and what is said of it while nobody looks. Each answer to a poll of a
// page names its person's newest news in a header; only where that has changed is the list asked for. A page
// without a poll, and the one hidden tab that may speak, ask by themselves.

(() => {
  const bell = document.getElementById("bell");
  const list = document.getElementById("news-list");
  const EVERY = 30_000;
  const signedOut = (answer) => answer.redirected || answer.headers.has("HX-Redirect");
  const newest = () => Number(bell.dataset.token.split(".")[0]);

  /** What was turned on in this browser, by a click on the settings page. */
  function isOn(way) {
    try { return localStorage.getItem(`news-${way}`) === "on"; } catch { return false; }
  }

  function count(number) {
    for (const badge of bell.querySelectorAll("[data-bell-number]")) {
      badge.hidden = !number;
      badge.ariaHidden = number ? "true" : null;
      badge.textContent = number >= 100 ? "99+" : String(number);
    }
    for (const words of bell.querySelectorAll("[data-bell-words]")) words.textContent = number ? `, ${number} new` : "";
  }

  /** Put in the list that came. What one is about to press is not taken away by one that says the same. */
  function putIn(came) {
    const { firstElementChild: there } = list;
    const isSame = there?.dataset.token === came.dataset.token && there.firstElementChild.isEqualNode(came.firstElementChild);
    if (isSame) return;
    const focused = list.contains(document.activeElement) && document.activeElement;
    const notice = focused && focused.closest("[data-notice]")?.dataset.notice;
    list.replaceChildren(document.adoptNode(came));
    if (!focused) return;
    const same = notice ? list.querySelector(`[data-notice="${notice}"] a`) : list.querySelector("[data-see-news] button");
    (same ?? list.querySelector("a"))?.focus();
  }

  let presses = 0;
  /** The list that came, and its number. `asOf`: what `presses` was when it was asked for. */
  async function take(answer, asOf) {
    if (signedOut(answer)) return;
    if (!answer.ok) throw new Error(`${answer.status}`);
    const came = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-news]");
    // All was marked as seen meanwhile: this list may be from before that.
    if (asOf !== presses) return;
    const before = newest();
    putIn(came);
    bell.dataset.token = came.dataset.token;
    count(Number(came.dataset.news));
    await speak([...list.querySelectorAll(".is-new")].filter((line) => Number(line.dataset.notice) > before));
  }

  let asking = null;
  /** Ask for the list; once, whoever wants it meanwhile. */
  function refreshBell() {
    const asOf = presses;
    asking ??= fetch(bell.dataset.list, { headers: { "HX-Request": "true" } })
      .then((answer) => take(answer, asOf)).finally(() => { asking = null; });
    return asking;
  }

  const trouble = () => {
    const said = document.createElement("p");
    said.className = "news-empty";
    said.textContent = "Can’t load the list just now. Open it again to retry.";
    list.replaceChildren(said);
  };

  const menu = document.getElementById("news");
  menu.addEventListener("beforetoggle", (event) => {
    if (event.newState === "open") refreshBell().catch(trouble);
  });
  // On a slow line it was opened before this file was there.
  if (menu.matches(":popover-open")) refreshBell().catch(trouble);

  bell.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-see-news]")) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(event.target));
    presses += 1;
    fetch(event.target.action, { method: "POST", body, headers: { "HX-Request": "true" } })
      .then((answer) => { presses += 1; return take(answer, presses); }).catch(trouble);
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
  const asksItself = () => (document.hidden ? isSpeaker && (isOn("browser") || isOn("sound")) : !document.getElementById("live"));
  const askIfItMust = () => {
    if (asksItself()) ask().catch(() => { /* asked again soon */ });
  };
  setInterval(askIfItMust, EVERY);
  // Whoever comes back reads at once what has come, or was seen elsewhere.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) askIfItMust(); });

  // ── Saying it while nobody looks ───────────────────────────────────────────────────────────────
  // Of several tabs one speaks: whoever holds the lock, until it is closed. And none while one is in sight, which
  // holds another. Both need https, as notifications do.
  let isSpeaker = false;
  let leaveSight = null;
  const forever = () => new Promise(() => {});

  function watchSight() {
    if (document.hidden) {
      leaveSight?.();
      leaveSight = null;
    } else if (!leaveSight) {
      const held = new Promise((release) => { leaveSight = release; });
      navigator.locks.request("news-in-sight", { mode: "shared" }, () => held);
    }
  }
  if (navigator.locks) {
    navigator.locks.request("news-speaker", () => { isSpeaker = true; return forever(); });
    document.addEventListener("visibilitychange", watchSight);
    watchSight();
  }

  async function isAnyInSight() {
    const { held } = await navigator.locks.query();
    return held.some(({ name }) => name === "news-in-sight");
  }

  const words = (line, part) => line.querySelector(`[data-${part}]`)?.textContent.trim() ?? "";

  function notify(lines) {
    const [first] = lines;
    const more = lines.length - 1;
    const title = more ? `${words(first, "what")}, and ${more} more` : words(first, "what");
    const icon = document.querySelector("link[rel=icon]").href;
    try {
      // One at a time, and each is shown: without `renotify` a later one takes the place of an earlier in silence.
      const said = new Notification(title, { body: words(first, "name"), tag: "dailies", renotify: true, icon });
      said.addEventListener("click", () => {
        said.close();
        focus();
        location.assign(more ? bell.querySelector("a").href : first.querySelector("a").href);
      });
    } catch { /* a phone: it takes them from service workers alone */ }
  }

  /** Those of which no tab of this browser has spoken: the one that speaks may be closed, and another goes on.
      A number above all there is comes from before the database was restored. */
  function notSaidYet(lines) {
    try {
      const said = Number(localStorage.getItem("news-said"));
      return said <= newest() ? lines.filter((line) => Number(line.dataset.notice) > said) : lines;
    } catch { return lines; }
  }
  function remember(lines) {
    const last = Math.max(...lines.map((line) => Number(line.dataset.notice)));
    try { localStorage.setItem("news-said", last); } catch { /* another tab may say it again */ }
  }

  /** Say what is new, as far as this browser may and its person wants. */
  async function speak(news) {
    const lines = notSaidYet(news);
    if (!lines.length || !document.hidden || !isSpeaker || (await isAnyInSight())) return;
    remember(lines);
    const shown = lines.filter((line) => "browser" in line.dataset);
    if (shown.length && isOn("browser") && globalThis.Notification?.permission === "granted") notify(shown);
    if (isOn("sound") && lines.some((line) => "sound" in line.dataset)) {
      new Audio(bell.dataset.sound).play().catch(() => { /* not without a click in this tab */ });
    }
  }
})();
