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
dialog.addEventListener("click", (event) => {
  // A click beside it is one on the dialog itself.
  if (event.target === dialog) dialog.close();
  if (!event.target.closest("[data-close]")) return;
  event.preventDefault();
  dialog.close();
});
dialog.addEventListener("close", () => document.getElementById(opener)?.focus());
