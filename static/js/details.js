// What folds (`details` with `data-remember`) stays open on this device once somebody opened it, and an
// address that names something within opens it for once.
{
  const name = (details) => `dailies:open:${details.dataset.remember}`;
  // Storage may be forbidden; then each page begins closed.
  for (const each of document.querySelectorAll("details[data-remember]")) {
    try { each.open ||= localStorage.getItem(name(each)) !== null; } catch { /* closed */ }
  }
  document.addEventListener("click", (event) => {
    const details = event.target.closest?.("summary")?.parentElement;
    if (!details?.matches("[data-remember]")) return;
    // It is asked before the browser opens or closes it.
    try {
      if (details.open) localStorage.removeItem(name(details));
      else localStorage.setItem(name(details), "");
    } catch { /* not remembered */ }
  });

  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const details = target && target.closest("details[data-remember]:not([open])");
    if (!details) return;
    details.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
}
