// The composer by keyboard, from anywhere on its page: what it has, and what fills it. Uses composer.js and slim.js.
(() => {
  const COMPOSER = "The composer";
  const part = (selector) => composer().querySelector(selector);
  const FIELDS = [
    ["n", "Write a prompt", "[name=prompt]"],
    ["Shift+l", "Model", "[name=model]"],
    ["Shift+a", "Aspect ratio", "[name=aspect_ratio]:checked"],
    ["Shift+s", "Size", "[name=resolution]:checked"],
    ["Shift+d", "Duration", "[name=duration]:checked"],
    ["Shift+o", "Mode: text, frames, references or video", "[name=mode]:checked"],
    ["Shift+g", "Project", "[name=project]"],
    ["Shift+u", "More settings", "#more > summary"],
  ];
  const BUTTONS = {
    "Shift+c": "Choose images",
    "Shift+v": "Pick a video or its frame",
    "Shift+t": "Templates",
    "Shift+r": "Recent prompts",
    "Shift+p": "Presets",
    "Shift+i": "Improve prompt",
    "Shift+b": "Batch from CSV",
  };

  for (const [key, words, selector] of FIELDS) {
    keys.register(key, words, COMPOSER, () => {
      // Folded, it is one line.
      unfold();
      part(selector).focus();
    }, { when: () => Boolean(part(selector)) });
  }

  function addTakes(by) {
    const all = [...composer().elements.takes];
    const next = all[all.findIndex((each) => each.checked) + by];
    if (!next || next.disabled) return;
    next.checked = true;
    next.dispatchEvent(new Event("input", { bubbles: true }));
  }
  keys.register("+", "One more take", COMPOSER, () => addTakes(1));
  keys.register("-", "One fewer take", COMPOSER, () => addTakes(-1));

  // What this mode has no use for is hidden; the whole composer may be out of sight.
  const isThere = (button) => Boolean(button) && (button.closest("[hidden]") ?? desk) === desk;
  for (const [key, words] of Object.entries(BUTTONS)) {
    const button = () => part(`[data-key="${key}"]`);
    keys.register(key, words, COMPOSER, () => {
      unfold();
      button().click();
    }, { when: () => isThere(button()) });
  }

  // A key that is held is one press.
  keys.register("Ctrl+Enter", "Generate", COMPOSER, (event) => {
    if (event.target.form !== composer()) return false;
    if (!event.repeat) composer().requestSubmit();
    return true;
  }, { inFields: true, repeats: true });
  keys.register("Ctrl+Shift+Enter", "Draft", COMPOSER, (event) => {
    if (event.target.form !== composer()) return false;
    const { draft } = composer().elements;
    if (!event.repeat && !draft.disabled) composer().requestSubmit(draft);
    return true;
  }, { inFields: true, repeats: true });
})();
