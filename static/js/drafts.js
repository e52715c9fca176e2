// What somebody is writing stays theirs: it is kept in this browser until it was really sent, and no
// answer that is on its way changes what was typed after it was asked for. Comfort only.

/** Fields that belong to the page and not to the person. */
const OURS = ["csrfmiddlewaretoken", "submission_key", "seen_cost", "seen_draft", "same", "asks"];

/** What stands in the form, by name: a list of values each, so that images keep their order. */
function written(form) {
  const fields = {};
  for (const control of form.elements) {
    if (!control.name || OURS.includes(control.name) || ["file", "submit", "button"].includes(control.type)) continue;
    fields[control.name] ??= [];
    if (!["radio", "checkbox"].includes(control.type) || control.checked) fields[control.name].push(control.value);
  }
  return fields;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Put values back where the form still has a place for them. Images are more than a value: js/images.js. */
function fill(form, fields) {
  for (const [name, values] of Object.entries(fields)) {
    for (const control of name === "images" ? [] : form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (["radio", "checkbox"].includes(control.type)) control.checked = values.includes(control.value);
      else if (control.tagName !== "SELECT" || [...control.options].some((each) => each.value === values[0])) control.value = values[0] ?? "";
    }
  }
}

/** What stands there otherwise than the page was sent: on a slow line somebody types before this file is there. */
function setByHand(form) {
  const isSet = (control) => {
    if (control.type === "radio" || control.type === "checkbox") return control.checked !== control.defaultChecked;
    if (control.tagName !== "SELECT") return control.value !== control.defaultValue;
    return control.selectedIndex !== Math.max([...control.options].findIndex((each) => each.defaultSelected), 0);
  };
  const names = new Set([...form.elements].filter(isSet).map(({ name }) => name));
  return Object.fromEntries(Object.entries(written(form)).filter(([name]) => names.has(name)));
}

// Storage may be forbidden; then there is simply no draft.
const drafts = {
  of(form) {
    try { return JSON.parse(localStorage.getItem(form.dataset.draft)); } catch { return null; }
  },
  keep(form) {
    const draft = { key: form.elements.submission_key.value, fields: written(form) };
    try { localStorage.setItem(form.dataset.draft, JSON.stringify(draft)); } catch { /* no draft */ }
  },
  /** Forget it, unless something else was written since, here or in another tab. */
  drop(form, sent) {
    if (!same(drafts.of(form)?.fields, sent)) return;
    try { localStorage.removeItem(form.dataset.draft); } catch { /* no draft */ }
  },
  /** What to put back into a form that still says what every new one says, but for what somebody has set in it. */
  unsent(form) {
    const draft = drafts.of(form);
    if (!draft || !("fresh" in form.dataset)) return null;
    if (!form.dataset.sent?.split(" ").includes(draft.key)) return { ...draft.fields, ...setByHand(form) };
    drafts.drop(form, draft.fields);
    return null;
  },
};

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.draft) drafts.keep(form);
});
// A form that a page sends by itself; the composer puts back its own (js/composer.js).
for (const form of document.querySelectorAll("form[data-draft]:not(#composer)")) {
  const fields = drafts.unsent(form);
  if (!fields) continue;
  fill(form, fields);
  // It would be sent with the key of this page now.
  drafts.keep(form);
}
