// The player of a video's page: every frame of it in reach of a button, a key and a finger, at every size
// that is kept. Without this file the browser's own controls play it.

const SHUTTLE_MAX = 4;
const SLOW_LINE = /2g|3g/;

class Player {
  constructor(video) {
    this.video = video;
    this.root = video.closest(".player");
    this.rate = new FrameRate(this.root.dataset.rate);
    this.speed = 1;
    // How fast J and L have wound it: -4, -2, -1 back, 0 as it is, 1, 2, 4 ahead.
    this.shuttle = 0;
    // The frame that was asked for last, and the one that the browser is looking for.
    this.wanted = this.sought = null;
    this.isChosen = Boolean(this.find(".sizes [aria-current]"));
    video.controls = false;
    for (const name of ["play", "pause", "timeupdate", "durationchange", "volumechange", "ended"])
      video.addEventListener(name, () => this.paint());
    video.addEventListener("pause", () => { this.shuttle = Math.min(this.shuttle, 0); });
    video.addEventListener("seeked", () => this.arrive());
    video.addEventListener("loadedmetadata", () => this.tell(false));
    // A source that cannot be read says so itself, and its error does not bubble.
    video.addEventListener("error", () => this.tell(video.error || video.networkState === 3), true);
    video.addEventListener("click", () => this.toggle());
    video.addEventListener("dblclick", () => this.fill());
    this.follow();
    this.review();
  }

  find(selector) { return this.root.querySelector(selector); }

  // ── Where it is ──────────────────────────────────────────────────────────────────────────────
  // Until the film says how long it is, whatever is asked for is taken, and sought once it does.
  get last() { return this.video.duration ? this.rate.count(this.video.duration) - 1 : Infinity; }
  get frame() { return this.wanted ?? Math.min(this.rate.at(this.video.currentTime), this.last); }

  go(frame) {
    this.wanted = Math.min(Math.max(frame, 0), this.last);
    if (!this.video.seeking) this.seek();
    this.paint();
  }

  seek() {
    this.sought = this.wanted;
    this.video.currentTime = Math.min(this.rate.time(this.wanted), this.video.duration || Infinity);
  }

  // While it looked for one frame, a finger may have moved on.
  arrive() {
    if (this.wanted !== this.sought) this.seek();
    else this.wanted = this.sought = null;
    this.paint();
  }

  step(frames) {
    this.stop();
    this.go(this.frame + frames);
  }

  // ── How fast ─────────────────────────────────────────────────────────────────────────────────
  play(shuttle = 1) {
    this.shuttle = shuttle;
    this.video.playbackRate = this.speed * shuttle;
    this.video.play().catch(() => {});
  }

  // Whoever goes on from here without these keys, by a comment's mark, goes at the speed of the menu.
  stop() {
    this.shuttle = 0;
    this.video.pause();
    this.video.playbackRate = this.speed;
  }

  toggle() {
    if (this.video.paused && !this.shuttle) this.play();
    else this.stop();
  }

  ahead() { this.play(this.shuttle > 0 ? Math.min(2 * this.shuttle, SHUTTLE_MAX) : 1); }

  // Browsers play in one direction, so backwards it is sought, frame by frame.
  reverse() {
    const isRunning = this.shuttle < 0;
    this.shuttle = isRunning ? Math.max(2 * this.shuttle, -SHUTTLE_MAX) : -1;
    if (isRunning) return;
    this.video.pause();
    let at = this.video.currentTime;
    let before = performance.now();
    const turn = (now) => {
      if (this.shuttle >= 0) return;
      at += (now - before) / 1000 * this.shuttle * this.speed;
      before = now;
      if (at <= 0) this.shuttle = 0;
      this.go(this.rate.at(at));
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  }

  setSpeed(speed) {
    this.speed = speed;
    if (!this.video.paused) this.video.playbackRate = speed * Math.max(this.shuttle, 1);
  }

  // ── At what size ─────────────────────────────────────────────────────────────────────────────
  get sizes() { return [...this.root.querySelectorAll(".sizes a")]; }

  choose(link) {
    this.isChosen = true;
    this.load(link.dataset.src);
  }

  // The page brought news: a larger copy is played by itself where nobody has begun to look.
  review() {
    const { video, sizes } = this;
    const line = navigator.connection;
    const isThin = line?.saveData || SLOW_LINE.test(line?.effectiveType);
    const isNarrow = matchMedia("(max-width: 47.99em)").matches;
    const best = sizes[isThin || isNarrow ? 0 : sizes.length - 1];
    const isUntouched = !this.isChosen && !video.played.length && !video.currentTime;
    if (best && isUntouched && best.dataset.src !== this.path) this.load(best.dataset.src);
    this.paint();
  }

  get path() { return new URL(this.video.currentSrc || this.video.src || location.href, location.href).pathname; }

  load(address) {
    const { video } = this;
    const { currentTime, paused, playbackRate } = video;
    const still = video.readyState > 1 && (currentTime || video.played.length) ? this.still() : null;
    video.src = address;
    video.playbackRate = playbackRate;
    if (currentTime) video.currentTime = currentTime;
    if (!paused) video.play().catch(() => {});
    for (const name of ["seeked", "error"]) video.addEventListener(name, () => still?.remove(), { once: true });
    this.paint();
  }

  // What is seen until the other file shows the same.
  still() {
    const still = document.createElement("canvas");
    [still.width, still.height, still.className] = [this.video.videoWidth, this.video.videoHeight, "still"];
    still.getContext("2d").drawImage(this.video, 0, 0);
    this.video.after(still);
    return still;
  }

  // ── What is said of it ───────────────────────────────────────────────────────────────────────
  // As each frame is shown, where the browser tells; else when it tells the time, four times a second.
  follow() {
    this.video.requestVideoFrameCallback?.(() => { this.paint(); this.follow(); });
  }

  paint() {
    const { video, frame, rate } = this;
    const isMoving = !video.paused || this.shuttle < 0;
    const code = rate.timecode(frame);
    this.find(".moves").toggleAttribute("data-playing", isMoving);
    this.find("[data-do=toggle]").ariaLabel = isMoving ? "Pause" : "Play";
    this.find("[data-do=loop]").ariaPressed = String(video.loop);
    this.find("[data-do=mute]").ariaPressed = String(video.muted);
    this.find("[data-timecode]").textContent = code;
    const scrub = this.find("[data-scrub]");
    scrub.ariaValueText = code;
    if (video.duration) {
      this.find("[data-length]").textContent = ` / ${rate.timecode(this.last + 1)}`;
      scrub.max = this.last;
      scrub.value = frame;
      scrub.style.setProperty("--at", `${100 * frame / Math.max(this.last, 1)}%`);
    }
    for (const each of this.sizes) {
      if (each.dataset.src === this.path) each.ariaCurrent = "true";
      else each.removeAttribute("aria-current");
    }
  }

  tell(hasTrouble) { this.find("[data-trouble]").hidden = !hasTrouble; }

  fill() {
    const screen = this.find(".screen");
    if (document.fullscreenElement) document.exitFullscreen();
    else if (screen.requestFullscreen) screen.requestFullscreen();
    // Some phones fill their screen with films alone.
    else this.video.webkitEnterFullscreen?.();
  }
}

{
  let current = null;
  const player = () => {
    const video = document.querySelector("#player video");
    if (video !== current?.video) current = video && new Player(video);
    return current;
  };
  const does = {
    toggle: () => player().toggle(),
    back: () => player().step(-1),
    ahead: () => player().step(1),
    loop: () => { player().video.loop = !player().video.loop; player().paint(); },
    mute: () => { player().video.muted = !player().video.muted; },
    fill: () => player().fill(),
  };
  let isHeld = false;
  const skip = (seconds) => player().go(player().frame + seconds * player().rate.nominal);
  function pace(by) {
    const speeds = document.querySelector("#player [data-speed]");
    speeds.selectedIndex = Math.min(Math.max(speeds.selectedIndex + by, 0), speeds.length - 1);
    player().setSpeed(Number(speeds.value));
  }
  const PLAYER = "Player";
  const on = (act) => () => void act();
  const when = () => Boolean(player());
  const held = { when, repeats: true };
  keys.register(" ", "Play or pause", PLAYER, on(does.toggle), { when });
  // With K held down, J and L go one frame, as editors have it.
  keys.register("l", "Play; again for 2 and 4 times as fast", PLAYER, on(() => (isHeld ? does.ahead() : player().ahead())), { when });
  keys.register("j", "Play backwards; again for 2 and 4 times as fast", PLAYER, on(() => (isHeld ? does.back() : player().reverse())), { when });
  keys.register("k", "Pause; held down, J and L go one frame", PLAYER, on(() => { isHeld = true; player().stop(); }), { when });
  keys.register(",", "One frame back", PLAYER, on(does.back), held);
  keys.register(".", "One frame ahead", PLAYER, on(does.ahead), held);
  keys.register("ArrowLeft", "One second back", PLAYER, on(() => skip(-1)), held);
  keys.register("ArrowRight", "One second ahead", PLAYER, on(() => skip(1)), held);
  keys.register("Shift+f", "Full screen", PLAYER, on(does.fill), { when });
  keys.register("Shift+l", "Loop", PLAYER, on(does.loop), { when });
  keys.register("<", "Slower", PLAYER, on(() => pace(-1)), { when });
  keys.register(">", "Faster", PLAYER, on(() => pace(1)), { when });
  keys.register("m", "Sound", PLAYER, on(does.mute), { when });

  document.addEventListener("click", (event) => {
    const size = event.target.closest?.("#player .sizes a");
    const button = event.target.closest?.("#player [data-do]");
    if (button) does[button.dataset.do]();
    if (!size || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    player().choose(size);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("#player [data-scrub]")) player().go(Number(event.target.value));
    else if (event.target.matches("#player [data-speed]")) player().setSpeed(Number(event.target.value));
  });
  document.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "k") isHeld = false; });
  document.addEventListener("htmx:after:swap", () => player()?.review());
  player();
}
