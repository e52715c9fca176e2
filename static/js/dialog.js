// A form behind a link, in a dialog over the list it changes instead of on a page of its own: the link has
// `hx-target="#dialog-body"`. Without this file it leads to that page.

const dialog = document.getElementById("dialog");
/** The control that opened it, by its id: what is saved may draw it anew. */
let opener = "";

function openDialog() {
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector("#dialog-body input:not([type=hidden])");
  (first ?? document.getElementById("dialog-title"))?.focus();
  first?.select?.();
}

/** Say in the dialog why there is nothing else in it. */
function tellInDialog(text) {
  const line = document.createElement("p");
  line.id = "dialog-title";
  line.role = "alert";
  line.tabIndex = -1;
  line.textContent = text;
  document.getElementById("dialog-body").replaceChildren(line);
  openDialog();
}

const isForDialog = (event) => event.detail.ctx?.target?.id === "dialog-body";
document.addEventListener("click", (event) => {
  const link = event.target.closest("[hx-target='#dialog-body']");
  if (link && !dialog.contains(link)) opener = link.id;
});
document.addEventListener("htmx:after:swap", (event) => {
  if (!isForDialog(event)) return;
  const { request, response } = event.detail.ctx;
  if (request.method !== "GET" && response.status < 400) dialog.close();
  else if (response.status !== 429) openDialog();
});
document.addEventListener("htmx:error", (event) => {
  if (isForDialog(event)) tellInDialog("The server didn’t respond. Check whether it was saved before you try again.");
});
document.addEventListener("htmx:response:error", (event) => {
  if (!isForDialog(event) || [422, 429].includes(event.detail.ctx.response.status)) return;
  const isGone = event.detail.ctx.response.status === 404;
  tellInDialog(isGone ? "This is no longer there." : "The server couldn’t do this. Close this and try again.");
});
dialog.addEventListener("click", (event) => {
  // A click beside it is one on the dialog itself.
  if (event.target === dialog) dialog.close();
  if (!event.target.closest("[data-close]")) return;
  event.preventDefault();
  dialog.close();
});
dialog.addEventListener("close", () => document.getElementById(opener)?.focus());
