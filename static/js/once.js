// Sends a form once, however often its button is pressed until the answer is there: on a slow line people press again,
// and would have two invitations or two comments, or read that what they did just now is done already.
// What needs scripts can be pressed from when they are there.
{
  /** After so long it is pressed anew: what was sent may have been a download, which leaves the page as it is. */
  const UNTIL_MS = 10_000;
  /** Buttons that were pressed, each with how it becomes one again that can be. */
  const resting = new Map();

  const rest = (button) => {
    button.setAttribute("aria-disabled", "true");
    const wake = () => {
      clearTimeout(timer);
      resting.delete(button);
      button.removeAttribute("aria-disabled");
    };
    const timer = setTimeout(wake, UNTIL_MS);
    resting.set(button, wake);
  };

  // On the window, after all others: one of them may keep the form from being sent.
  addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method !== "post") return;
    const button = submitter ?? form;
    if (resting.has(button)) event.preventDefault();
    else rest(button);
  });
  // Before htmx: what says nothing of its own on how two of its requests get along.
  addEventListener("submit", (event) => {
    if (!event.target.matches("[hx-post]:not([hx-sync]).htmx-request")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  // All scripts of the page are there: what needs them can be pressed (css/base/scripted.css).
  document.addEventListener("DOMContentLoaded", () => { document.documentElement.dataset.ready = ""; });
  // Who comes Back to a page that was kept as it was left.
  addEventListener("pageshow", () => { for (const wake of [...resting.values()]) wake(); });
}
