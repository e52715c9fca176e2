// What is selected of a list: cards, or rows, each a `.job` in `#jobs` with a tick. The ticks work by themselves: they
// are fields of one form, `#choosing`. Here is what makes many quick: ranges, all of them, keys, and a selection that no
// live update takes away. What is done with it is for choosing.js.
const selection = (() => {
  const grid = document.getElementById("jobs");
  const toggle = document.getElementById("selecting");
  const boxes = () => [...grid.querySelectorAll(".selector input")];
  const boxOf = (card) => card?.querySelector(".selector input");
  /** The tick for all that there are, also those that are on no page yet. */
  const all = () => document.getElementById("all-matching");
  /** The tick for all that are here, where there is one. */
  const here = () => document.getElementById("all-here");
  const selected = new Set();
  let last = null;

  // Cards come and go while they are selected: what is kept is their ids.
  function show() {
    const found = boxes();
    if (all()?.checked) for (const box of found) set(box, true);
    for (const box of found) box.checked = selected.has(box.value);
    const marked = cards();
    document.querySelector("#choosing-bar [data-count]").textContent = all()?.checked ? all().dataset.total : marked.length;
    if (here()) {
      here().checked = marked.length > 0 && marked.length === found.length;
      here().indeterminate = marked.length > 0 && marked.length < found.length;
    }
    remember();
    document.dispatchEvent(new CustomEvent("dailies:selected", { detail: { cards: marked } }));
  }

  const cards = () => boxes().filter((box) => box.checked).map((box) => box.closest(".job"));

  function set(box, isOn) {
    if (isOn) selected.add(box.value);
    else selected.delete(box.value);
  }

  function setAll(isOn) {
    for (const box of boxes()) set(box, isOn);
    if (!isOn && all()) all().checked = false;
    show();
  }

  function clear() {
    selected.clear();
    if (all()) all().checked = false;
    last = null;
    show();
  }

  // For who comes Back from what was done with them elsewhere. Where one is in a list is no other list.
  function listHere() {
    const fields = new URLSearchParams(location.search);
    for (const place of ["after", "before"]) fields.delete(place);
    return `dailies:selected ${location.pathname}?${fields}`;
  }

  // Storage may be forbidden; then one selects again.
  function remember() {
    const kept = { ids: [...selected], total: all()?.checked ? all().dataset.total : "" };
    try {
      if (selected.size) sessionStorage.setItem(listHere(), JSON.stringify(kept));
      else sessionStorage.removeItem(listHere());
    } catch { /* As above. */ }
  }

  function recall() {
    if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
    try {
      const { ids, total } = JSON.parse(sessionStorage.getItem(listHere())) ?? { ids: [] };
      for (const id of ids) selected.add(id);
      // As many as were meant, or those alone that were ticked.
      if (all() && total === all().dataset.total) all().checked = true;
    } catch { /* As above. */ }
  }

  // From the one that was clicked before, to this one.
  function setRange(box, isOn) {
    const found = boxes();
    const from = found.findIndex((each) => each.value === last);
    const to = found.indexOf(box);
    const [first, end] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    for (const each of found.slice(first, end + 1)) set(each, isOn);
  }

  function click(box, isRange, isOn) {
    if (all()) all().checked = false;
    if (isRange) setRange(box, isOn);
    else set(box, isOn);
    last = box.value;
    show();
  }

  function mode(isOn) {
    grid.toggleAttribute("data-selecting", isOn);
    toggle?.setAttribute("aria-pressed", String(isOn));
    if (!isOn) clear();
  }

  if (grid) {
    // Before all others: where cards are being selected, a click plays and opens nothing.
    document.addEventListener("click", (event) => {
      const ticked = event.target.closest?.(".selector input");
      if (ticked) {
        click(ticked, event.shiftKey, ticked.checked);
        return;
      }
      if (event.target.closest?.("#selecting")) mode(!grid.hasAttribute("data-selecting"));
      const box = boxOf(event.target.closest?.("#jobs .job"));
      const isSelecting = event.ctrlKey || event.metaKey || event.shiftKey || grid.hasAttribute("data-selecting");
      if (!box || !isSelecting) return;
      // A link is opened in another tab by the same keys; only the stage and what lies between are the card itself.
      const control = event.target.closest("a, button, input, label, form, video, [popover]");
      const isSurface = !control || control.matches(".play") || (grid.hasAttribute("data-selecting") && control.matches(".job-title a"));
      if (!isSurface) return;
      event.preventDefault();
      event.stopPropagation();
      click(box, event.shiftKey, event.shiftKey || !selected.has(box.value));
    }, true);
    // Shift would select text on its way.
    grid.addEventListener("mousedown", (event) => {
      if (event.shiftKey && event.target.closest(".job")) event.preventDefault();
    });
    document.addEventListener("change", ({ target }) => {
      if (target === here()) setAll(target.checked);
      else if (target === all()) show();
    });
    document.addEventListener("reset", ({ target }) => { if (target.id === "choosing") setTimeout(clear); });

    // ── Keys ─────────────────────────────────────────────────────────────────────────────────────
    keys.register("Ctrl+a", "Select all", "The marked or selected videos", (event) => {
      if (!boxes().length || event.target.closest?.("dialog, [popover]")) return false;
      setAll(true);
      return true;
    });
    // It closes what is open first.
    keys.register("Escape", "Select none", "Videos", () => {
      if (!selected.size || document.querySelector(":popover-open, dialog[open]")) return false;
      clear();
      return true;
    }, { passes: true });

    // What the browser kept ticked while another page was open.
    recall();
    addEventListener("pageshow", () => {
      for (const box of boxes()) if (box.checked) set(box, true);
      show();
    });
  }

  return { grid, cards, boxOf, clear, click, show, all, has: (box) => selected.has(box.value), isEmpty: () => selected.size === 0 };
})();
