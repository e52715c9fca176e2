// Renames a video where it stands. Whatever leads to the page on which that is done opens the dialog instead.
(() => {
  const dialog = document.getElementById("renaming");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  let opener = null;

  document.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("#renaming [data-close]")) return dialog.close();
    const way = event.target.closest?.("[data-rename]");
    if (!way || event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
    event.preventDefault();
    opener = way.closest(".job") ?? way;
    way.closest("[popover]")?.hidePopover();
    form.setAttribute("hx-post", way.href);
    form.action = way.href;
    // What is called by its prompt has no title.
    form.elements.title.value = way.closest(".job, #detail").querySelector("[data-title]")?.textContent ?? "";
    dialog.showModal();
    form.elements.title.select();
    return undefined;
  });

  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx?.sourceElement !== form) return;
    if (!document.querySelector(".toast:last-child.error")) dialog.close();
    // On a page of one video all of it comes with the next poll, which is now.
    if (typeof refresh === "function") refresh();
  });
  dialog.addEventListener("close", () => opener?.isConnected && opener.focus());
})();
