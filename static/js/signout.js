// Whoever signs out leaves nothing in this browser that they have typed: drafts go before the server is even
// asked, and other tabs leave the page that they show. Nor do drafts of somebody who was here before stay, nor
// what stands half typed on the page that is left (js/typed.js).
// Whose session only ended keeps theirs, for when they are back.

const SIGNED_OUT = "signed-out";

/** Forget drafts (js/drafts.js), all or only those of others. Storage may be forbidden; then there are none. */
function forgetDrafts(exceptOf) {
  try {
    for (const key of Object.keys(localStorage)) {
      const [kind, person] = key.split("-");
      if (kind === "draft" && person !== exceptOf) localStorage.removeItem(key);
    }
  } catch { /* no drafts */ }
}

/** Show nothing more, and go to the sign-in page once the server agrees: before, it would lead back. */
async function leave(login) {
  document.body.hidden = true;
  document.documentElement.dataset.signedOut = "";
  for (let tries = 0; tries < 20; tries += 1) {
    const answer = await fetch(login, { redirect: "manual" }).catch(() => null);
    if (answer?.ok) break;
    await new Promise((goOn) => { setTimeout(goOn, 250); });
  }
  location.replace(login);
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sign-out]")) return;
  forgetDrafts();
  document.documentElement.dataset.signedOut = "";
  try { localStorage.setItem(SIGNED_OUT, String(Date.now())); } catch { /* no other tab hears it */ }
});
addEventListener("storage", ({ key, newValue }) => {
  if (key === SIGNED_OUT && newValue) leave(document.querySelector("[data-sign-out]").dataset.signOut);
});
const { person } = document.querySelector("[data-sign-out]").dataset;
if (person) forgetDrafts(person);
