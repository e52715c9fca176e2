// Where a bucket gives films out: an address of one ends after minutes, and browsers go on reading there and
// never ask ours again. So we have them ask anew, and go on at the same place. Loaded only with such a bucket.

const renewed = new WeakMap();
const AGAIN_AFTER = 30_000;

// A video's error does not bubble.
document.addEventListener("error", ({ target: video }) => {
  if (!(video instanceof HTMLVideoElement) || !video.error || !video.played.length) return;
  const now = performance.now();
  if (now - (renewed.get(video) ?? -AGAIN_AFTER) < AGAIN_AFTER) return;
  renewed.set(video, now);
  const { currentTime, paused, playbackRate } = video;
  video.load();
  video.currentTime = currentTime;
  video.playbackRate = playbackRate;
  if (!paused) video.play().catch(() => {});
}, true);
