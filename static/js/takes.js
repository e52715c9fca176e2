// A finished video's page and the form that extends it. Comfort only: prices stand in the list of
// models, and the second of a frame can be typed.

const figure = new Intl.NumberFormat("en");

// The price of the chosen model.
function showPrice() {
  const cost = document.getElementById("cost");
  if (!cost) return;
  const { model, seen_cost: seen } = cost.form.elements;
  const price = JSON.parse(cost.dataset.costs)[model.value];
  cost.value = price === undefined ? "–" : figure.format(price);
  seen.value = price ?? 0;
}
document.addEventListener("input", (event) => { if (event.target.name === "model") showPrice(); });
// Browsers put a choice back where somebody comes back, after all scripts have run and without a word.
addEventListener("pageshow", showPrice);

// A comment of a visitor: the player goes where it was made.
document.addEventListener("click", (event) => {
  const at = event.target.closest?.("[data-seek]");
  const video = document.querySelector("#player video");
  if (!at || !video) return;
  event.preventDefault();
  // From its very end a player would begin anew.
  video.currentTime = Math.min(at.dataset.seek, (video.duration || Infinity) - 0.05);
  video.play().catch(() => {});
  video.scrollIntoView({ block: "nearest" });
});

// The frame that the player shows. `timeupdate` does not bubble, so it is caught on its way down.
for (const name of ["timeupdate", "seeked", "pause"]) {
  document.addEventListener(name, (event) => {
    const at = document.querySelector("[data-at]");
    if (at && event.target.matches?.("#player video")) at.value = event.target.currentTime.toFixed(2);
  }, true);
}
