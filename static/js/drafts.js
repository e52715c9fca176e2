// What somebody is writing stays theirs: it is kept in this browser until it was really sent, and no
// answer that is on its way changes what was typed after it was asked for. Comfort only. Uses js/typed.js.

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

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
  fillIn(form, fields);
  // It would be sent with the key of this page now.
  drafts.keep(form);
}
