// What is done with the videos that are selected, and by key with the marked one. The buttons work by themselves: they are
// one form. Uses selection.js. In a function of its own: scripts of one page share their names.
(() => {
  const { grid, boxOf } = selection;
  const choosing = () => document.getElementById("choosing");
  const isAll = () => selection.all()?.checked;

  // One button does and undoes, by what all of them are by now.
  document.addEventListener("dailies:selected", ({ detail: { cards } }) => {
    turn("favorite", "unfavorite", cards.length && cards.every((card) => "favorite" in card.dataset));
    turn("reject", "restore", cards.length && cards.every((card) => "rejected" in card.dataset));
  });

  function turn(does, undoes, isDone) {
    const button = document.querySelector(`#choosing-bar .ways > [value="${does}"], #choosing-bar .ways > [value="${undoes}"]`);
    button.value = isDone ? undoes : does;
    button.classList.toggle("on", Boolean(isDone));
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

  document.addEventListener("click", (event) => {
    // Its form is sent by itself, which leads nowhere: here a link is followed.
    const way = event.target.closest?.("[data-leads]");
    if (way) {
      event.preventDefault();
      lead(way);
      return;
    }
    const move = grid && event.target.closest?.(".job [data-move]");
    if (!move) return;
    event.preventDefault();
    move.closest("[popover]").hidePopover();
    openMoving(move.closest(".job"));
  }, true);
  // All that match need no naming, of which a form takes only so many.
  document.addEventListener("htmx:config:request", ({ detail }) => {
    const isOfAll = isAll() && detail.ctx.sourceElement.matches?.("#choosing, [form=choosing]");
    if (isOfAll) detail.ctx.request.body.delete("video");
  });

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
    if (!selection.isEmpty()) return send("do", deed(selection.cards()));
    const card = markedCard();
    if (!boxOf(card)) return false;
    return send("one", `${deed([card])} ${boxOf(card).value}`);
  }

  const either = (fact, undoes, does) => (cards) => (cards.every((card) => fact in card.dataset) ? undoes : does);
  function openTags() {
    const card = markedCard();
    if (selection.isEmpty() && boxOf(card)) selection.click(boxOf(card), false, true);
    if (selection.isEmpty()) return;
    // By its button, beside which it opens.
    if (!document.querySelector("#tagging:popover-open")) document.querySelector("[popovertarget=tagging]").click();
    document.getElementById("tags").focus();
  }

  // The projects that the selected videos can go to; of none that are selected, this one.
  function openMoving(card) {
    const box = boxOf(card);
    if (box && !selection.has(box)) {
      selection.clear();
      selection.click(box, false, true);
    }
    if (selection.isEmpty()) return false;
    document.querySelector("[popovertarget=moving]").click();
    document.querySelector("#moving button").focus();
    return true;
  }

  // Into the trash: what is selected. The marked card alone is asked about, by its menu.
  function throwAway() {
    const isOfMany = !selection.isEmpty();
    if (isOfMany) document.querySelector("[data-trash]").click();
    const card = markedCard();
    const button = isOfMany ? null : card?.querySelector(".menu [data-trash-one]");
    if (button) {
      button.closest("[popover]").showPopover({ source: card.querySelector("[data-key=m]") });
      button.focus();
    }
    return isOfMany || Boolean(button);
  }

  const isHere = ({ target }) => !selection.isEmpty() || Boolean(target.closest?.("#jobs .job, #choosing-bar"));

  // A key of the grid: for the videos that are selected, else for the marked one.
  function register(key, words, action, options) {
    keys.register(key, words, "The marked or selected videos", (event) => isHere(event) && action(event) !== false, options);
  }

  // What the bar does with those that are selected, and a card's own control with the marked one.
  function ofSelected(key, words, selector) {
    register(key, words, () => {
      if (selection.isEmpty()) return false;
      document.querySelector(`#choosing-bar ${selector}`).click();
      return true;
    }, { passes: true });
  }

  if (grid) {
    register("f", "Favorite, or not", () => say(either("favorite", "unfavorite", "favorite")));
    register([..."12345"], "Rate", ({ key }) => say(() => `rate-${key}`));
    register("0", "No rating", () => say(() => "rate-0"));
    register("x", "Reject, or not", () => say(either("rejected", "restore", "reject")));
    register("t", "Tag", openTags);
    register("Shift+m", "Move to a project", () => openMoving(selection.isEmpty() ? markedCard() : null));
    register("Delete", "Delete", throwAway, { passes: true });
    ofSelected("d", "Download the selected ones", "[data-download]");
    ofSelected("s", "Share the selected ones", "[data-share]");
    ofSelected("p", "Contact sheet of the selected ones", "[data-sheet]");
    register("c", "Compare", () => {
      if (selection.isEmpty() || isAll()) return false;
      document.querySelector("[data-compare]").click();
      return true;
    });
    keys.register("a", "All that match", "Videos", () => { selection.all().click(); }, { when: () => Boolean(selection.all()) });
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
  }

  keys.register("Ctrl+z", "Undo what was chosen", "Everywhere", () => {
    const last = document.querySelector(".toast:last-child .undo");
    last?.requestSubmit();
    return Boolean(last);
  });

  // ── Answers ────────────────────────────────────────────────────────────────────────────────────
  const isOurs = (event) => event.detail.ctx?.sourceElement?.matches?.("#choosing, .undo, button[form=choosing]");
  // What Undo brings back of what was done on the page before, this one began without: its cell comes with the page.
  const ofBefore = document.getElementById("found") ? [...document.querySelectorAll(".toast .undo")] : [];
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx, tasks } = event.detail;
    const isCard = ({ fragment }) => fragment.querySelector(".job");
    if (ofBefore.includes(ctx?.sourceElement) && tasks.some(isCard)) location.reload();
    // The newest message alone can be taken back.
    if (isOurs(event)) for (const toast of document.querySelectorAll(".toast.success")) toast.remove();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (!isOurs(event)) return grid && selection.show();
    // What was refused stays typed, to be mended.
    if (!document.querySelector(".toast:last-child.error")) {
      for (const open of document.querySelectorAll("#choosing-bar [popover], .job [popover]")) open.hidePopover();
      const field = document.getElementById("tags");
      if (field) field.value = "";
    }
    // What else it changed, such as how many favorites there are, comes with the next poll, which is now.
    refreshAfterThis();
    return grid && selection.show();
  });
})();
