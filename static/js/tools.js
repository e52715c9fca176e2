// What fills the composer from elsewhere, in a dialog over it instead of on a page of its own. An element with
// `data-take` holds fields of the composer by their names; without this file its link or form leads there.
// Uses composer.js.

const tool = document.getElementById("tool");
/** What the others depend on comes first, so that a choice is there by the time it is made. */
const TAKEN_FIRST = ["model", "mode", "resolution"];

/** Set one field as if by hand, so that the composer notices and keeps it with the draft. */
function setField(name, value) {
  const form = document.getElementById("composer");
  for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (control.type === "checkbox") control.checked = Boolean(value);
    else if (control.type === "radio") {
      if (control.value !== String(value)) continue;
      control.checked = true;
    } else if (control.tagName === "SELECT" && ![...control.options].some((each) => each.value === String(value))) continue;
    else control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** The prompt is written so that Ctrl+Z brings back what stood there. */
function writePrompt(text) {
  const prompt = document.getElementById("composer").elements.prompt;
  prompt.focus();
  prompt.select();
  if (!document.execCommand("insertText", false, text) || prompt.value !== text) setField("prompt", text);
}

function take({ prompt, ...fields }) {
  tool.close();
  const last = Object.keys(fields).filter((name) => !TAKEN_FIRST.includes(name));
  for (const name of [...TAKEN_FIRST, ...last]) if (name in fields) setField(name, fields[name]);
  unfoldMore();
  if (prompt !== undefined) writePrompt(prompt);
}

const isForTool = (event) => event.detail.ctx?.target?.id === "tool-body";
document.addEventListener("htmx:after:swap", (event) => {
  if (!isForTool(event)) return;
  const taken = tool.querySelector("[data-at-once]");
  if (taken) {
    take(JSON.parse(taken.dataset.take));
    return;
  }
  if (!tool.open) tool.showModal();
  const place = tool.querySelector("[aria-invalid=true]") ?? tool.querySelector("#tool-body input:not([type=hidden])");
  (place ?? document.getElementById("tool-title"))?.focus();
});
tool.addEventListener("click", (event) => {
  // A click beside it is one on the dialog itself.
  if (event.target === tool) tool.close();
  const keep = event.target.closest("[data-keep]");
  if (keep) {
    event.preventDefault();
    tool.close();
  }
  const taken = event.target.closest("[data-take]");
  if (!taken) return;
  event.preventDefault();
  take(JSON.parse(taken.dataset.take));
});
