// The part of a film that words change: the film plays beside it, and its place can be taken over. Uses
// `composer` and `offer` of composer.js, `film` and `mode` of images.js.

function showSpan() {
  const area = document.getElementById("span");
  area.hidden = !film();
  // What is out of sight keeps nobody from sending the form.
  area.querySelector("fieldset").disabled = mode() !== "video";
  if (area.hidden) return;
  const player = area.querySelector("video");
  const address = film().querySelector("video").getAttribute("src");
  const { span_start: start, span_end: end } = composer().elements;
  const seconds = Number(film().dataset.seconds);
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
