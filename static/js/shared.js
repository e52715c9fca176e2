// Comfort on a public page: copies its address, and plays its film by keyboard. Everything works
// without this file.
const video = document.querySelector("video");
const button = document.getElementById("copy");

button?.addEventListener("click", async () => {
  const label = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    // No clipboard without HTTPS, except on this machine itself.
    prompt("Copy this link:", location.href);
    return;
  }
  label.textContent = "Copied";
  setTimeout(() => { label.textContent = "Copy link"; }, 1600);
});

// A comment's time: the film goes there. Without script its page opens at that moment.
document.querySelectorAll("[data-seek]").forEach((link) => link.addEventListener("click", (event) => {
  if (!video) return;
  event.preventDefault();
  // From its very end a player would begin anew.
  video.currentTime = Math.min(link.dataset.seek, (video.duration || Infinity) - 0.05);
  video.play().catch(() => {});
  video.scrollIntoView({ block: "nearest" });
}));

// Where the film stands still, paused there or moved there, a comment is about that moment, until somebody
// says otherwise.
const at = document.getElementById("id_at");
for (const each of ["pause", "seeked"]) {
  video?.addEventListener(each, () => {
    if (!at || at.dataset.typed || video.ended || !video.paused) return;
    const whole = Math.floor(video.currentTime);
    at.value = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  });
}
at?.addEventListener("input", () => { at.dataset.typed = at.value; });

// In a frame, what lies over the film makes way while it plays.
for (const each of ["play", "pause", "ended"])
  video?.addEventListener(each, () => video.parentElement.toggleAttribute("data-playing", !video.paused));

// No letters: those belong to people who speak to their computer.
document.addEventListener("keydown", (event) => {
  const { key } = event;
  if (!video || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("a, button, input, textarea, summary, video")) return;
  if (key === " ") video.paused ? video.play().catch(() => {}) : video.pause();
  else if (video.readyState && key === "ArrowLeft") video.currentTime -= 5;
  else if (video.readyState && key === "ArrowRight") video.currentTime += 5;
  else return;
  event.preventDefault();
});

// The take that is shown is in sight in its strip.
const here = document.querySelector(".takes [aria-current]");
const strip = here?.closest("ul");
if (strip) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
