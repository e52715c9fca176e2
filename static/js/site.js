// What every page has: theme, copy buttons, messages, the key for search. All of it is comfort:
// without this file every form and link still works.

// Show the chosen theme at once; the form beside it keeps the choice on the server.
document.addEventListener("submit", (event) => {
  if (event.target.matches(".theme")) document.documentElement.dataset.theme = event.submitter.value;
});

// A form that waited for a password and had a mistake: its page stands at its own address again, and not at
// the one that asked, which would load anew as something else.
const { standsAt } = document.documentElement.dataset;
if (standsAt) history.replaceState(null, "", standsAt);

async function copy(button) {
  const label = button.querySelector("span");
  const was = label.textContent;
  try {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
    label.textContent = "Copied";
  } catch {
    // No clipboard without HTTPS, except on this machine itself.
    label.textContent = "Press Ctrl+C";
    getSelection().selectAllChildren(document.querySelector(button.dataset.copy));
  }
  setTimeout(() => { label.textContent = was; }, 1600);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-dismiss], [data-print]");
  if (button?.matches("[data-copy]")) copy(button);
  else if (button?.matches("[data-print]")) print();
  else button?.closest(".toast").remove();
});

// Good news goes by itself; a problem stays until it is read.
function fade() {
  for (const toast of document.querySelectorAll(".toast.success:not([data-fading])")) {
    toast.dataset.fading = "";
    // What can be taken back is read, and then thought about.
    const wait = toast.querySelector("form") ? 15_000 : 6000;
    const later = () => setTimeout(() => toast.matches(":hover, :focus-within") ? later() : toast.remove(), wait);
    later();
  }
}
fade();
document.addEventListener("htmx:after:swap", fade);

// A choice that is the whole question is asked at once; `data-submits` is the one of which there is more to say.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]") && event.target.value !== event.target.dataset.submits) event.target.form.requestSubmit();
});

const searches = () => [...document.querySelectorAll("[role=search] input[type=search]")];
if (searches().length) {
  // On a narrow screen it is another one.
  keys.register("/", "Search", "Everywhere", () => searches().find((each) => each.checkVisibility())?.focus());
}
