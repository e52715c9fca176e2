// What a press came to that got no answer of ours: said in the dialog it was made in, else over the page, until it
// is read or pressed again. No poll takes it away. `data-unanswered` says what to do then, where that is more than to
// try again. What is asked for by itself says nothing, unless it has that.

const AGAIN = "Try again.";
/** Answers that are shown in their own place. */
const SHOWN = [409, 422, 429];

const pressed = ({ detail: { ctx } }) => {
  const source = ctx?.sourceElement;
  return source?.matches?.(":not([hx-trigger]), [data-unanswered]") ? source : null;
};

/** What is known of it, and what to do. A form that is refused for its age is told about in words of the server. */
function unanswered({ detail: { ctx } }) {
  const { sourceElement: source, response, text } = ctx;
  const { unanswered: next = AGAIN } = (source.closest("[data-unanswered]") ?? source.form ?? source).dataset;
  if (!response) return `The server didn’t respond. ${next}`;
  if (response.headers.get("Content-Type")?.startsWith("text/plain")) return text;
  return response.status === 404 ? "This is no longer there." : `The server couldn’t do this. ${next}`;
}

function sayOver(text) {
  const toast = document.getElementById("unanswered").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = text;
  document.getElementById("toasts").append(toast);
  return toast;
}

/** A message over the page could not be seen behind it. */
function sayInDialog(dialog, source, text) {
  const line = Object.assign(document.createElement("p"), { className: "banner banner-bad unanswered", role: "alert", textContent: text });
  const form = source.closest("form");
  if (form) (form.querySelector(":scope > .form") ?? form).prepend(line);
  else dialog.querySelector("h2").after(line);
  return line;
}

function forgetUnanswered() {
  for (const line of document.querySelectorAll(".unanswered")) line.remove();
}

for (const name of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(name, (event) => {
    const source = pressed(event);
    // The composer has a place of its own for it.
    if (!source || source.id === "composer" || SHOWN.includes(event.detail.ctx.response?.status)) return;
    forgetUnanswered();
    const dialog = source.closest("dialog[open]");
    if (dialog) sayInDialog(dialog, source, unanswered(event));
    else sayOver(unanswered(event));
  });
}
document.addEventListener("htmx:before:request", (event) => { if (pressed(event)) forgetUnanswered(); });
