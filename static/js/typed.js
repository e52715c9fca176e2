// What somebody typed into a form and did not send comes back once they have signed in again: a page that is left with
// such forms keeps them for its tab, and the next page of the team forgets them. A page that says that the session had
// ended keeps them for their person (js/kept.js) instead, until the page that they stood on is there again. So does
// the tab until then where a form got no answer: the line broke, or the server was away. A cookie that comes with the
// answer says that there is one (`AnsweredMiddleware`): the next page may be left before its scripts are there.
// Secrets and files are never kept. Comfort only.

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

/** Put values back where the form still has a place for them. Images are more than a value: js/images.js. */
function fillIn(form, fields) {
  for (const [name, values] of Object.entries(fields)) {
    const controls = name === "images" ? [] : [...form.elements].filter((each) => each.name === name);
    for (const [place, control] of controls.entries()) {
      if (["radio", "checkbox"].includes(control.type)) control.checked = values.includes(control.value);
      else if (control.tagName !== "SELECT" || [...control.options].some((each) => each.value === values[place])) control.value = values[place] ?? "";
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

{
  /** Never kept: what nobody may find in this browser, and what no script can put back. */
  const SECRET = "[type=password], [type=file], [type=hidden], [autocomplete=one-time-code]";
  /** What keeps by itself what it holds: js/drafts.js, js/selection.js. */
  const KEPT = "[data-draft], #choosing";
  const LEFT = "dailies:typed";
  const typedOn = () => `draft-${document.querySelector("[data-person]").dataset.person}-typed-${location.pathname}${location.search}`;
  const addressOf = (form) => form.getAttribute("hx-post") || form.getAttribute("action") || "";
  const formsTo = (address) => [...document.forms].filter((form) => form.method === "post" && addressOf(form) === address);

  /** What opened the dialog in which a form stands, as a selector. */
  let way = "";
  document.addEventListener("click", ({ target }) => {
    const opener = target.closest?.("[hx-target='#dialog-body'], [hx-target='#tool-body'], [data-rename]");
    if (!opener || opener.closest("dialog")) return;
    const name = opener.hasAttribute("href") ? "href" : "formaction";
    way = `${opener.matches("[data-rename]") ? "[data-rename]" : "[hx-target]"}[${name}=${JSON.stringify(opener.getAttribute(name))}]`;
  });

  /** What is set by hand in a form that can be seen, without what is secret; of one that came back with a mistake, all. */
  function typedIn(form) {
    const fields = form.querySelector("[aria-invalid=true]") ? written(form) : setByHand(form);
    for (const { name } of form.querySelectorAll(SECRET)) delete fields[name];
    return fields;
  }

  /** The form that was sent last, to be answered by a page, and the number that it was sent with. */
  let sent = {};
  addEventListener("submit", ({ defaultPrevented, target }) => {
    if (defaultPrevented || target.method !== "post") return;
    sent = { form: target, number: crypto.getRandomValues(new Uint32Array(1))[0] };
  });
  addEventListener("formdata", ({ target, formData }) => { if (target === sent.form) formData.set("sending", sent.number); });

  /** The form that was sent and got no answer yet. The cookie that tells of one is taken away. */
  function waitingForm() {
    const { form, number } = sent;
    sent = {};
    const name = document.cookie.split("; ").map((each) => each.split("=")[0]).find((each) => each.endsWith(`answered-${number}`));
    if (!name) return form;
    document.cookie = `${name}=; path=/; max-age=0${location.protocol === "https:" ? "; secure" : ""}`;
    return null;
  }

  /** What came back stays for one who loads the page anew, as the page of an outdated form says to. */
  let isBack = false;
  addEventListener("pagehide", () => {
    const [forms, waiting] = [[], waitingForm()];
    // Whoever signs out leaves nothing (js/signout.js).
    for (const form of "signedOut" in document.documentElement.dataset ? [] : document.forms) {
      if (form.method !== "post" || form.matches(KEPT) || !form.checkVisibility()) continue;
      const [address, fields] = [addressOf(form), typedIn(form)];
      if (!Object.keys(fields).length) continue;
      forms.push({ address, place: formsTo(address).indexOf(form), fields, way: form.closest("dialog") ? way : "", isUnanswered: form === waiting });
    }
    try {
      if (forms.length) sessionStorage.setItem(LEFT, JSON.stringify({ key: typedOn(), forms, isBack }));
    } catch { /* nothing is kept */ }
  });

  const BACK = "What you typed before you had to sign in again is here. It hasn’t been sent.";
  const NO_ANSWER = "What you typed is here again. No answer came: look whether it was done before you send it again.";

  /** Put one of them back where its form is, and say so; whether it is there. */
  function putBack({ address, place, fields, isUnanswered }) {
    const form = formsTo(address)[place];
    if (!form) return false;
    for (let part = form; part; part = part.parentElement?.closest("details, [popover]")) {
      if (part.matches("details")) part.open = true;
      else if (part.matches("[popover]")) part.showPopover();
    }
    fillIn(form, fields);
    const [dialog, said] = [form.closest("dialog[open]"), isUnanswered ? NO_ANSWER : BACK];
    const line = dialog ? sayInDialog(dialog, form, said) : sayOver(said);
    isBack = true;
    line.role = "status";
    line.classList.remove("banner-bad", "error");
    [...form.elements].find(({ name }) => name in fields)?.focus();
    return true;
  }

  /** What the tab was left with on this page: all of it, where it had come back before; else what got no answer. */
  function leftHere({ key, forms, isBack: wasBack }) {
    const [{ type }] = performance.getEntriesByType("navigation");
    if (key !== typedOn()) return [];
    if (wasBack && type === "reload") return forms;
    // Where it was not taken, this page may be its answer.
    return "posted" in document.documentElement.dataset ? [] : forms.filter((each) => each.isUnanswered);
  }

  function bringBack() {
    let forms = [];
    try {
      const left = JSON.parse(sessionStorage.getItem(LEFT));
      sessionStorage.removeItem(LEFT);
      // What a page said to be kept was not taken, whatever was sent.
      const kept = JSON.parse(localStorage.getItem(typedOn()))?.map((each) => ({ ...each, isUnanswered: false }));
      localStorage.removeItem(typedOn());
      forms = kept ?? (left ? leftHere(left) : []);
    } catch { /* nothing is kept */ }
    for (const each of forms) {
      if (putBack(each) || !each.way) continue;
      document.querySelector(each.way)?.click();
      if (putBack(each)) continue;
      // A dialog that the server fills is there later.
      const swapped = new AbortController();
      document.addEventListener("htmx:after:swap", () => { if (putBack(each)) swapped.abort(); }, swapped);
    }
  }
  // After htmx, which sees to the links that open dialogs then too.
  if (document.querySelector("[data-person]")) document.addEventListener("DOMContentLoaded", () => setTimeout(bringBack));
}
