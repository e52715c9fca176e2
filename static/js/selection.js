// Selecting cards, and what is done with them by key. The ticks and the buttons work by themselves: they are one
// form. Here is what makes many quick: ranges, all of them, keys, and a selection that no live update takes away.
// In a function of its own: scripts of one page share their names.
(() => {
  const choosing = () => document.getElementById("choosing");
  const grid = document.getElementById("jobs");
  const toggle = document.getElementById("selecting");
  const boxes = () => [...grid.querySelectorAll(".selector input")];
  const boxOf = (card) => card?.querySelector(".selector input");
  /** The tick for all that the library found, also those that were not scrolled to. */
  const all = () => document.getElementById("all-matching");
  const selected = new Set();
  let last = null;

  // ── The selection ──────────────────────────────────────────────────────────────────────────────
  // Cards come and go while they are selected: what is kept is their ids.
  function show() {
    const here = boxes();
    if (all()?.checked) for (const box of here) set(box, true);
    for (const box of here) box.checked = selected.has(box.value);
    const cards = here.filter((box) => box.checked).map((box) => box.closest(".job"));
    document.querySelector("#choosing-bar [data-count]").textContent = all()?.checked ? all().dataset.total : cards.length;
    // One button does and undoes, by what all of them are by now.
    turn("favorite", "unfavorite", cards.length && cards.every((card) => "favorite" in card.dataset));
    turn("reject", "restore", cards.length && cards.every((card) => "rejected" in card.dataset));
    remember();
    document.dispatchEvent(new CustomEvent("dailies:selected", { detail: { ids: cards.map((card) => boxOf(card).value) } }));
  }

  function turn(does, undoes, isDone) {
    const button = document.querySelector(`#choosing-bar .ways > [value="${does}"], #choosing-bar .ways > [value="${undoes}"]`);
    button.value = isDone ? undoes : does;
    button.classList.toggle("on", Boolean(isDone));
  }

  function set(box, isOn) {
    if (isOn) selected.add(box.value);
    else selected.delete(box.value);
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
    const here = boxes();
    const from = here.findIndex((each) => each.value === last);
    const to = here.indexOf(box);
    const [first, end] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    for (const each of here.slice(first, end + 1)) set(each, isOn);
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

  // As the form would be sent without script: all that is ticked may be more than an address holds.
  function lead(way) {
    const form = document.createElement("form");
    const fields = new FormData(choosing(), way);
    if (fields.has("matching")) fields.delete("video");
    for (const [name, value] of fields) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
    Object.assign(form, { method: "post", action: way.formAction, hidden: true });
    document.body.append(form);
    form.submit();
    form.remove();
  }

  // Before all others: where cards are being selected, a click plays and opens nothing.
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".selector input");
    if (box) {
      click(box, event.shiftKey, box.checked);
      return;
    }
    // Its form is sent by itself, which leads nowhere: here a link is followed.
    const way = event.target.closest?.("[data-leads]");
    if (way) {
      event.preventDefault();
      lead(way);
      return;
    }
    const move = grid && event.target.closest?.(".job [data-move]");
    if (move) {
      event.preventDefault();
      move.closest("[popover]").hidePopover();
      openMoving(move.closest(".job"));
      return;
    }
    if (event.target.closest?.("#selecting")) mode(!grid.hasAttribute("data-selecting"));
    const card = event.target.closest?.("#jobs .job");
    const isSelecting = event.ctrlKey || event.metaKey || event.shiftKey || grid?.hasAttribute("data-selecting");
    if (!card || !isSelecting || !boxOf(card)) return;
    // A link is opened in another tab by the same keys; only the stage and what lies between are the card itself.
    const control = event.target.closest("a, button, input, label, form, video, [popover]");
    const isSurface = !control || control.matches(".play") || (grid.hasAttribute("data-selecting") && control.matches(".job-title a"));
    if (!isSurface) return;
    event.preventDefault();
    event.stopPropagation();
    const box_ = boxOf(card);
    click(box_, event.shiftKey, event.shiftKey || !selected.has(box_.value));
  }, true);
  // Shift would select text on its way.
  grid?.addEventListener("mousedown", (event) => {
    if (event.shiftKey && event.target.closest(".job")) event.preventDefault();
  });
  document.addEventListener("change", (event) => { if (event.target === all()) show(); });
  // All that match need no naming, of which a form takes only so many.
  document.addEventListener("htmx:config:request", ({ detail }) => {
    const isOfAll = all()?.checked && detail.ctx.sourceElement.matches?.("#choosing, [form=choosing]");
    if (isOfAll) detail.ctx.request.body.delete("video");
  });
  document.addEventListener("reset", (event) => { if (event.target === choosing()) setTimeout(clear); });

  // ── What is said of them ───────────────────────────────────────────────────────────────────────
  const hidden = document.createElement("button");
  hidden.hidden = true;

  // As if a button of the form was pressed: the one of the bar, or one of a single card's menu.
  function send(name, value) {
    const form = choosing();
    Object.assign(hidden, { name, value });
    form.append(hidden);
    form.requestSubmit(hidden);
    hidden.remove();
  }

  function say(deed) {
    if (selected.size) return send("do", deed(cardsSelected()));
    const card = markedCard();
    if (!boxOf(card)) return false;
    return send("one", `${deed([card])} ${boxOf(card).value}`);
  }

  const cardsSelected = () => boxes().filter((box) => box.checked).map((box) => box.closest(".job"));
  const either = (fact, undoes, does) => (cards) => (cards.every((card) => fact in card.dataset) ? undoes : does);
  function openTags() {
    const card = markedCard();
    if (!selected.size && boxOf(card)) click(boxOf(card), false, true);
    if (!selected.size) return;
    // By its button, beside which it opens.
    if (!document.querySelector("#tagging:popover-open")) document.querySelector("[popovertarget=tagging]").click();
    document.getElementById("tags").focus();
  }

  // The projects that the selected videos can go to; of none that are selected, this one.
  function openMoving(card) {
    const box = boxOf(card);
    if (box && !selected.has(box.value)) {
      clear();
      click(box, false, true);
    }
    if (!selected.size) return false;
    document.querySelector("[popovertarget=moving]").click();
    document.querySelector("#moving button").focus();
    return true;
  }

  // Into the trash: what is selected. The marked card alone is asked about, by its menu.
  function throwAway() {
    if (selected.size) document.querySelector("[data-trash]").click();
    const card = markedCard();
    const button = selected.size ? null : card?.querySelector(".menu [data-trash-one]");
    if (button) {
      button.closest("[popover]").showPopover({ source: card.querySelector("[data-key=m]") });
      button.focus();
    }
    return selected.size > 0 || Boolean(button);
  }

  function undo() {
    document.querySelector(".toast:last-child .undo")?.requestSubmit();
  }

  const isHere = ({ target }) => selected.size > 0 || Boolean(target.closest?.("#jobs .job, #choosing-bar"));

  // A key of the grid: for the videos that are selected, else for the marked one.
  function register(key, words, action) {
    keys.register(key, words, "The marked or selected videos", (event) => isHere(event) && action(event) !== false);
  }

  if (grid) {
    register("f", "Favorite, or not", () => say(either("favorite", "unfavorite", "favorite")));
    register([..."12345"], "Rate", ({ key }) => say(() => `rate-${key}`));
    register("0", "No rating", () => say(() => "rate-0"));
    register("x", "Reject, or not", () => say(either("rejected", "restore", "reject")));
    register("t", "Tag", openTags);
    register("Shift+m", "Move to a project", () => openMoving(selected.size ? null : markedCard()));
    register("Delete", "Delete", throwAway);
    register("c", "Compare", () => {
      if (!selected.size || all()?.checked) return false;
      document.querySelector("[data-compare]").click();
      return true;
    });
    keys.register("Ctrl+A", "Select all", "The marked or selected videos");
    keys.register("Escape", "Select none", "Videos");
    keys.register("Ctrl+Z", "Undo what was chosen", "Videos");
  } else if (document.getElementById("choice")) {
    // A video's page has a row of buttons for it.
    const press = (key) => {
      const button = document.querySelector(`#choice [data-key="${CSS.escape(key)}"]`);
      button?.click();
      if (button?.matches("summary")) document.getElementById("tags").focus();
      return Boolean(button);
    };
    const group = "What you think of the video";
    keys.register("f", "Favorite, or not", group, () => press("f"));
    keys.register([..."12345"], "Rate", group, ({ key }) => press(key));
    // By its name, not by the event's: on a keyboard of another alphabet that is another letter.
    keys.register("0", "No rating", group, () => press("0"));
    keys.register("x", "Reject, or not", group, () => press("x"));
    keys.register("t", "Tag", group, () => press("t"));
    keys.register("Ctrl+Z", "Undo what was chosen", group);
  }

  // What the registry leaves to the browser: keys with Ctrl, and Escape, which closes what is open first.
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key === "a" && grid && boxes().length && !event.target.closest?.("dialog, [popover]")) {
      for (const box of boxes()) set(box, true);
      show();
    } else if (isCommand && event.key === "z" && !event.shiftKey && document.querySelector(".toast .undo")) {
      undo();
    } else if (!isCommand && event.key === "Escape" && selected.size && !document.querySelector(":popover-open, dialog[open]")) {
      clear();
    } else {
      return;
    }
    event.preventDefault();
  });

  // ── Answers ────────────────────────────────────────────────────────────────────────────────────
  const isOurs = (event) => event.detail.ctx?.sourceElement?.matches?.("#choosing, .undo, button[form=choosing]");
  document.addEventListener("htmx:before:swap", (event) => {
    // The newest message alone can be taken back.
    if (isOurs(event)) for (const toast of document.querySelectorAll(".toast.success")) toast.remove();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (!isOurs(event)) return grid && show();
    // What was refused stays typed, to be mended.
    if (!document.querySelector(".toast:last-child.error")) {
      for (const open of document.querySelectorAll("#choosing-bar [popover], .job [popover]")) open.hidePopover();
      const field = document.getElementById("tags");
      if (field) field.value = "";
    }
    // What else it changed, such as how many favorites there are, comes with the next poll, which is now.
    refreshAfterThis();
    return grid && show();
  });
  for (const name of ["htmx:response:error", "htmx:error"]) {
    document.addEventListener(name, (event) => {
      if (isOurs(event)) tell("The server didn’t respond. Press it again: choosing the same twice does no harm.");
    });
  }
  // What the browser kept ticked while another page was open.
  if (grid) recall();
  addEventListener("pageshow", () => {
    if (!grid) return;
    for (const box of boxes()) if (box.checked) set(box, true);
    show();
  });
})();
