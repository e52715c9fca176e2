// The part of a film that words change: the film plays beside it, and its place can be taken over. Uses
// `composer` and `offer` of composer.js, `sourceFilm` and `mode` of images.js.

/** The player beside it, which is there as long as a film is. */
function playerIn(area) {
  const player = area.querySelector("video") ?? document.createElement("video");
  if (player.isConnected) return player;
  Object.assign(player, { controls: true, playsInline: true, preload: "metadata", width: 320, height: 180 });
  player.setAttribute("aria-label", "The video that is changed");
  area.prepend(player);
  return player;
}

function showSpan() {
  const area = document.getElementById("span");
  area.hidden = !sourceFilm();
  // What is out of sight keeps nobody from sending the form.
  area.querySelector("fieldset").disabled = mode() !== "video";
  if (area.hidden) {
    area.querySelector("video")?.remove();
    return;
  }
  const player = playerIn(area);
  const address = sourceFilm().querySelector("video").getAttribute("src");
  const { span_start: start, span_end: end } = composer().elements;
  const seconds = Number(sourceFilm().dataset.seconds);
  if (player.getAttribute("src") === address && end.value) return;
  const isAnother = player.hasAttribute("src") && player.getAttribute("src") !== address;
  player.src = address;
  if (isAnother || !end.value) {
    start.value = 0;
    end.value = Math.min(seconds, offer().model.span_max || seconds);
  }
}

document.addEventListener("composer:updated", showSpan);
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-moment]");
  if (!button) return;
  const field = composer().elements[button.dataset.moment];
  const { currentTime } = document.querySelector("#span video");
  field.value = button.dataset.moment === "span_end" ? Math.ceil(currentTime) : Math.floor(currentTime);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
// What is typed is seen.
document.addEventListener("change", ({ target }) => {
  if (["span_start", "span_end"].includes(target.name)) document.querySelector("#span video").currentTime = target.value;
});
showSpan();
