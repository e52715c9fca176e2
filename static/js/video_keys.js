// A video's page by keyboard: what stands on it besides its player and what people think of it. Each control says in
// `data-key` which key it has; what is not there just now is not listed.
(() => {
  const GROUP = "This video";
  const control = (key) => document.querySelector(`#detail [data-key="${key}"]`);

  function onPage(key, words, { asks = false } = {}) {
    keys.register(key, asks ? `${words} (Enter confirms)` : words, GROUP, () => {
      if (asks) control(key).focus();
      else control(key).click();
    }, { when: () => Boolean(control(key)) });
  }

  onPage("d", "Download");
  onPage("s", "Share");
  onPage("c", "Compare");
  onPage("i", "Use this frame");
  onPage("e", "Extend");
  onPage("u", "Upgrade", { asks: true });
  onPage("y", "Promote a draft", { asks: true });
  onPage("p", "Edit prompt");
  onPage("r", "Retry", { asks: true });
  onPage("F2", "Rename");
  onPage("Shift+m", "Move to a project");
  onPage("Delete", "Delete or cancel", { asks: true });
})();
