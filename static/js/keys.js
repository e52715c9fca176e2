// The keyboard's keys: each is registered once, with the words by which the dialog behind "?" lists it.
// Comfort only: whatever a key does, a control that can be seen does as well.
//
//   keys.register("d", "Download", "The marked video", (event) => …)
//
// A key is named as `KeyboardEvent.key` does, letters in lower case, with "Shift+" before one that is held
// with it, and "Ctrl+" where that or ⌘ is; several are an array. The action gets the event, whose target has
// the focus. If it returns false, the key was not for it: the next action of that key has its turn, and at last
// the browser. No other script listens to keys, but for what a field does with them itself: so the dialog lists
// what there is, and two actions never meet on one key unawares.

const keys = (() => {
  const registered = [];
  const dialog = document.getElementById("keyboard");
  const LETTERS = "letter-keys";
  /** What a focused element does with keys by itself. */
  const OWN = [
    ["input:not([type=checkbox], [type=range]), textarea, select, [contenteditable]", /./],
    ["button, summary, input", /^( |Enter)$/],
    ["a[href]", /^Enter$/],
    ["input, video, audio, [popover]", /^(Shift\+)?(Arrow|Home|End|Page)/],
    ["video, audio", /^ $/],
  ];
  const SIGNS = { " ": "Space", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Delete: "Del" };

  function named({ key, code, shiftKey, ctrlKey, metaKey }) {
    // Where the alphabet is another one, the key that has the letter on a Latin keyboard.
    const isForeign = key.length === 1 && key > "~" && /^Key[A-Z]$/.test(code);
    const name = isForeign ? code[3].toLowerCase() : key.length === 1 ? key.toLowerCase() : key;
    // Many keyboards have signs and digits above others: there Shift says nothing.
    const isSign = name.length === 1 && name !== " " && name === name.toUpperCase();
    return `${ctrlKey || metaKey ? "Ctrl+" : ""}${shiftKey && !isSign ? "Shift+" : ""}${name}`;
  }

  const isItsOwn = (target, key) => OWN.some(([elements, theirs]) => target.closest?.(elements) && theirs.test(key));

  /** Who dictates or trembles can turn off what a single sign sets off; remembered on this device. */
  function hasLetters() {
    try { return localStorage.getItem(LETTERS) !== "off"; } catch { return true; }
  }

  document.addEventListener("keydown", (event) => {
    if (!event.key || event.defaultPrevented || event.isComposing || event.altKey) return;
    const key = named(event);
    if (document.querySelector("dialog:modal")) return;
    if (/^(Shift\+)?[^ ]$/.test(key) && !hasLetters()) return;
    const isOwn = isItsOwn(event.target, key);
    for (const { names, action, when, repeats, inFields } of registered) {
      if (!names.includes(key) || (isOwn && !inFields) || (event.repeat && !repeats)) continue;
      if (!when() || action(event) === false) continue;
      event.preventDefault();
      return;
    }
  });

  function line({ names, words }) {
    const [term, meaning] = [document.createElement("dt"), document.createElement("dd")];
    for (const name of names) {
      const kbd = term.appendChild(document.createElement("kbd"));
      kbd.className = "kbd";
      kbd.textContent = name.split(/(?<=.)\+/).map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" + ");
    }
    meaning.textContent = words;
    return [term, meaning];
  }

  function section(group) {
    const section = document.createElement("section");
    const [heading, list] = [document.createElement("h3"), document.createElement("dl")];
    heading.textContent = group;
    list.append(...here().filter((each) => each.group === group).flatMap(line));
    section.append(heading, list);
    return section;
  }

  const here = () => registered.filter(({ when }) => when());

  /** On a client's page they stand in a list of its own, which unfolds. */
  function unfold(list) {
    if (!list) return false;
    list.open = true;
    list.querySelector("summary").focus();
    list.scrollIntoView({ block: "center" });
    return true;
  }

  function show() {
    if (!dialog) return unfold(document.querySelector(".key-list"));
    const groups = new Set(here().map(({ group }) => group));
    dialog.querySelector("[data-keys]").replaceChildren(...[...groups].map(section));
    dialog.querySelector("[name=letters]").checked = hasLetters();
    dialog.showModal();
    return true;
  }

  dialog?.addEventListener("change", ({ target }) => {
    try { localStorage.setItem(LETTERS, target.checked ? "on" : "off"); } catch { /* they stay as they are */ }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keyboard]")) show();
    // Beside the dialog: its backdrop is itself.
    else if (event.target === dialog) dialog.close();
  });

  /** `repeats`: held down, it goes on. `inFields`: also where somebody types. `when`: there is something for it on
      the page by now; else it is not listed either. `passes`: another action has the same key, and each says by
      returning false that it is not its turn. */
  function register(key, words, group, action, { repeats = false, inFields = false, when = () => true, passes = false } = {}) {
    const names = [key].flat();
    // As no key is ever named, so that it would never act.
    if (names.some((name) => /^(\w+\+)*[A-Z]$/.test(name))) throw new Error(`${names.join(", ")}: letters in lower case`);
    const clash = registered.find((each) => !(passes && each.passes) && each.names.some((name) => names.includes(name)));
    if (clash) throw new Error(`${names.join(", ")} is taken: ${clash.words}`);
    registered.push({ names, words, group, action, repeats, inFields, when, passes });
  }

  register("?", "Show these keys", "Everywhere", show);
  return { register };
})();
