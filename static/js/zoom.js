// Shows a part of the picture, larger: the same part of every film that is compared. By wheel, two fingers, a double
// click, keys and buttons; what is larger than its box is dragged. A place is told from the middle of the picture, in
// parts of its width and height, so that films of any shape and size show the same of it.
class Zoom extends EventTarget {
  static #MOST = 8;
  static #STEP = 1.5;
  static #STEADY = 4; // Pixels that a pointer may tremble by while it clicks.

  scale = 1;
  most = 1; // The largest so far: for it the files were fetched.
  #at = [0, 0]; // What is in the middle.
  #room;
  #films;
  #pointers = new Map(); // Those on a film, where they are.
  #grip = null; // What they hold, and since when.
  #isDragging = false;

  // `films` gives those that are seen.
  constructor(room, films) {
    super();
    this.#room = room;
    this.#films = films;
    room.addEventListener("wheel", (event) => this.#turn(event), { passive: false });
    room.addEventListener("pointerdown", (event) => this.#press(event));
    room.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) room.addEventListener(end, (event) => this.#release(event));
    room.addEventListener("dblclick", (event) => {
      const film = Zoom.#filmAt(event);
      if (film) this.to(this.scale > 1 ? 1 : 2, this.#placeOf(film, event.clientX, event.clientY));
    });
    // Who dragged did not mean to play or pause.
    room.addEventListener("click", (event) => {
      if (this.#isDragging && Zoom.#filmAt(event)) event.stopImmediatePropagation();
      this.#isDragging = false;
    }, true);
    new ResizeObserver(() => this.draw()).observe(room);
  }

  get isOn() {
    return this.scale > 1;
  }

  // So large, where the place `around` stays where it is seen; without one the middle does.
  to(scale, around = this.#at) {
    const next = Math.min(Math.max(scale, 1), Zoom.#MOST);
    const at = this.#at.map((middle, axis) => around[axis] - ((around[axis] - middle) * this.scale) / next);
    this.#show(next, at);
  }

  in() {
    this.to(this.scale * Zoom.#STEP);
  }

  out() {
    this.to(this.scale / Zoom.#STEP);
  }

  // Twice, four times, and whole again.
  cycle() {
    this.to({ 1: 2, 2: 4 }[this.scale] ?? 1);
  }

  // A tenth of what is seen to the right, and down.
  pan(right, down) {
    const part = 0.1 / this.scale;
    this.#show(this.scale, [this.#at[0] + right * part, this.#at[1] + down * part]);
  }

  draw() {
    for (const film of this.#films()) {
      const box = Zoom.#boxOf(film);
      const [x, y] = this.#at.map((middle, axis) => -100 * middle * this.scale * box.filled[axis]);
      film.style.transform = this.isOn ? `translate(${x}%, ${y}%) scale(${this.scale})` : "";
    }
    this.#room.toggleAttribute("data-zoomed", this.isOn);
  }

  #show(scale, at) {
    // No edge of the picture is left inside its box.
    const most = 0.5 - 0.5 / scale;
    this.#at = at.map((middle) => Math.min(Math.max(middle, -most), most));
    this.scale = Math.abs(scale - 1) < 0.01 ? 1 : scale;
    this.most = Math.max(this.most, this.scale);
    this.draw();
    this.dispatchEvent(new Event("change"));
  }

  // The film's box on the screen, and which part of it the picture fills.
  static #boxOf(film) {
    const { left, top, width, height } = film.parentElement.getBoundingClientRect();
    const scale = Math.min(width / film.width, height / film.height) || 1;
    const filled = [(film.width * scale) / width || 1, (film.height * scale) / height || 1];
    return { left, top, width, height, filled };
  }

  static #filmAt(event) {
    const screen = event.target.closest?.(".screen");
    return screen?.querySelector(":scope > video:not([controls])") ?? null;
  }

  #placeOf(film, x, y) {
    const { left, top, width, height, filled } = Zoom.#boxOf(film);
    const away = [(x - left) / width - 0.5, (y - top) / height - 0.5];
    return away.map((part, axis) => part / (filled[axis] * this.scale) + this.#at[axis]);
  }

  // A page that is longer than the window is scrolled by the wheel, until somebody has zoomed.
  #turn(event) {
    const film = Zoom.#filmAt(event);
    const isPinch = event.ctrlKey || event.metaKey;
    const scrolls = document.documentElement.scrollHeight > innerHeight + 1 && !document.fullscreenElement;
    if (!film || (scrolls && !isPinch && !this.isOn) || (!this.isOn && event.deltaY > 0)) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode ? 16 : 1);
    this.to(this.scale * Math.exp(-pixels * (isPinch ? 0.01 : 0.002)), this.#placeOf(film, event.clientX, event.clientY));
  }

  #press(event) {
    const film = Zoom.#filmAt(event);
    if (!film || (event.pointerType === "mouse" && event.button)) return;
    this.#pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.#pointers.size === 1) this.#isDragging = false;
    this.#hold(this.#grip?.film ?? film);
  }

  #hold(film) {
    const { middle, apart } = this.#hand();
    this.#grip = { film, middle, apart, scale: this.scale, place: this.#placeOf(film, ...middle) };
  }

  #hand() {
    const [one, other = one] = [...this.#pointers.values()];
    const middle = [0, 1].map((axis) => (one[axis] + other[axis]) / 2);
    return { middle, apart: Math.hypot(one[0] - other[0], one[1] - other[1]) };
  }

  // What is held stays under the pointer, or between the fingers.
  #move(event) {
    if (!this.#pointers.has(event.pointerId)) return;
    this.#pointers.set(event.pointerId, [event.clientX, event.clientY]);
    const { film, middle: from, apart: was, scale, place } = this.#grip;
    const { middle, apart } = this.#hand();
    if (!was && !this.isOn) return;
    if (!this.#isDragging && Math.hypot(middle[0] - from[0], middle[1] - from[1]) + Math.abs(apart - was) < Zoom.#STEADY) return;
    if (!this.#isDragging) film.parentElement.setPointerCapture(event.pointerId);
    this.#isDragging = true;
    const next = Math.min(Math.max(was ? (scale * apart) / was : scale, 1), Zoom.#MOST);
    const { left, top, width, height, filled } = Zoom.#boxOf(film);
    const away = [(middle[0] - left) / width - 0.5, (middle[1] - top) / height - 0.5];
    this.#show(next, away.map((part, axis) => place[axis] - part / (filled[axis] * next)));
  }

  #release(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    if (this.#pointers.size) this.#hold(this.#grip.film);
    else this.#grip = null;
  }
}
