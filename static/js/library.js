// The library: cards come while one scrolls, the address says where one is, and days are the reader's own. Without
// this file each page is a link, and its days are the team's.
(() => {
  const grid = document.getElementById("jobs");
  // What was thrown away leaves its cell behind, for Undo to fill.
  const cells = () => [...grid.querySelectorAll(":scope > .cell:has(.job)")];
  const cardOf = (cell) => cell.firstElementChild;
  const topOf = (cell) => cardOf(cell).getBoundingClientRect().top;

  // ── Days ───────────────────────────────────────────────────────────────────────────────────────
  function startOf(moment, back = 0) {
    return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate() - back).getTime();
  }

  function dayOf(moment) {
    const now = new Date();
    if (startOf(moment) === startOf(now)) return "Today";
    if (startOf(moment) === startOf(now, 1)) return "Yesterday";
    const [weekday, month] = [{ weekday: "long" }, { month: "short" }].map((part) => moment.toLocaleDateString("en-US", part));
    return `${weekday}, ${moment.getDate()} ${month} ${moment.getFullYear()}`;
  }

  // What stands there right stays, so that nothing moves.
  let told = 0;
  function tellDays() {
    let before = "";
    told = cells().length;
    // A day whose first video went begins with the next one.
    for (const heading of grid.querySelectorAll(".day:not(:has(+ .cell .job))")) heading.remove();
    for (const cell of cells()) {
      if (!cell.dataset.at) return;
      const day = dayOf(new Date(cell.dataset.at));
      const heading = cell.previousElementSibling?.matches(".day") ? cell.previousElementSibling : null;
      if (day === before) heading?.remove();
      else if (heading) heading.textContent = day;
      else cell.insertAdjacentElement("beforebegin", Object.assign(document.createElement("h2"), { className: "day", textContent: day }));
      before = day;
    }
  }
  tellDays();

  // ── More of them ───────────────────────────────────────────────────────────────────────────────
  // What was rated or changed meanwhile may stand somewhere else by now: it is here once.
  document.addEventListener("htmx:before:swap", ({ detail }) => {
    for (const task of detail.tasks) {
      for (const cell of task.fragment.querySelectorAll(".cell")) {
        const here = document.getElementById(cell.id);
        if (here?.querySelector(".job")) cell.remove();
        else here?.remove();
      }
    }
  });
  const isMore = (event) => Boolean(event.detail.ctx?.sourceElement?.matches?.(".more [hx-get]"));
  // What comes above what is seen pushes it nowhere.
  let seen = null;
  document.addEventListener("htmx:before:swap", (event) => {
    if (!isMore(event)) return;
    const cell = event.detail.ctx.sourceElement.rel === "prev" ? cells()[0] : null;
    seen = cell && [cell, topOf(cell)];
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (!isMore(event)) {
      if (cells().length !== told) tellDays();
      return;
    }
    tellDays();
    if (seen) scrollBy({ top: topOf(seen[0]) - seen[1], behavior: "instant" });
    seen = null;
  });
  // Where the marked one is found no longer, the next one is marked: who goes through them by key goes on.
  let left = null;
  document.addEventListener("htmx:before:swap", () => { left = markedCard()?.closest(".cell") ?? left; });
  document.addEventListener("htmx:after:swap", () => {
    if (left?.isConnected && !left.querySelector(".job") && document.activeElement === document.body) {
      const follows = (cell) => left.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING;
      const next = cells().find(follows) ?? cells().at(-1);
      if (next) mark(cardOf(next));
    }
    left = null;
  });

  // ── The place ──────────────────────────────────────────────────────────────────────────────────
  const BEFORE = 12;
  const PLACE = "library-place";
  let timer = 0;

  /** Put what is seen first into the address, with a few cards before it: so Back, a reload and whoever is sent
      the address come to this place, however far down it is. What stands around it is kept beside: it may be gone by then. */
  function remember() {
    const all = cells();
    const first = all.findIndex((cell) => cardOf(cell).getBoundingClientRect().bottom > innerHeight / 4);
    const address = new URL(location.href);
    address.searchParams.delete("before");
    const start = all[first - BEFORE - 1];
    if (start) address.searchParams.set("after", start.dataset.place);
    else if (!document.getElementById("newer")) address.searchParams.delete("after");
    const isFurther = first > 0 && scrollY > 0;
    address.hash = isFurther ? cardOf(all[first]).id : "";
    const around = isFurther ? [...all.slice(first, first + BEFORE), ...all.slice(Math.max(first - BEFORE, 0), first).reverse()] : [];
    const place = { cards: around.map((cell) => cardOf(cell).id), top: isFurther ? topOf(all[first]) : 0 };
    history.replaceState(place, "", address);
    try { sessionStorage.setItem(PLACE, JSON.stringify({ ...place, page: pageOf(address) })); } catch { /* no storage */ }
  }

  const pageOf = ({ pathname, search }) => pathname + search;

  const LEADS_BACK = /^\/(jobs|files|compare)\//;

  /** Where one was. Back and a reload know it themselves; of who comes by the way back of a page that a card leads to,
      this tab does; to whoever was sent the address, its end says it. */
  function known() {
    if (history.state?.cards) return history.state;
    try {
      const kept = JSON.parse(sessionStorage.getItem(PLACE));
      const isBack = !location.hash && LEADS_BACK.test(new URL(document.referrer).pathname);
      if (isBack && kept?.page === pageOf(location)) return kept;
    } catch { /* no storage, or no page before */ }
    return { cards: [location.hash.slice(1)], top: 80 };
  }

  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(remember, 150);
  }, { passive: true });
  // Who leaves at once leaves from here.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#jobs a")) remember();
  }, true);

  history.scrollRestoration = "manual";
  const { cards, top } = known();
  const place = cards.map((id) => document.getElementById(id)?.closest(".cell:has(.job)")).find(Boolean);
  if (place) scrollBy({ top: topOf(place) - top, behavior: "instant" });
})();
