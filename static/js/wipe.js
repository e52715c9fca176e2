// Two films over each other, and a line between them: left of it one is seen, right of it the other. The line is
// moved by hand, by finger, or by the slider beneath, which is what keyboards and screen readers use.
class Wipe {
  isOn = false;
  #room;
  #box;
  #selects;
  #slider;
  #were = []; // Whose films were chosen before.

  // `changed` is called when other films are to be seen.
  constructor(room, changed) {
    this.#room = room;
    this.#box = room.querySelector(".panes");
    this.#selects = [...room.querySelectorAll(".wipe select")];
    this.#slider = room.querySelector(".wipe input");
    this.#slider.addEventListener("input", () => this.#draw());
    this.#selects.forEach((select, side) => select.addEventListener("change", () => {
      // The same twice: the two change places.
      const other = this.#selects[1 - side];
      if (other.value === select.value) other.value = this.#were[side];
      changed();
    }));
    this.#drag(room.querySelector(".divider"));
  }

  // The boxes of the left and the right film.
  get sides() {
    return this.#selects.map((select) => document.getElementById(select.value));
  }

  // Everything that is seen of it; `playable` are the boxes with a film, of which it takes two.
  dress(playable) {
    this.isOn &&= playable.length > 1;
    this.#choose(playable.map((pane) => pane.id));
    const { sides } = this;
    this.#room.dataset.mode = this.isOn ? "wipe" : "side";
    this.#room.querySelector(".wipe").hidden = !this.isOn;
    for (const pane of this.#room.querySelectorAll(".pane")) {
      const side = ["left", "right"][sides.indexOf(pane)];
      if (this.isOn && side) pane.dataset.side = side;
      else delete pane.dataset.side;
    }
    // A box for both: of their own shape, where they have the same.
    const alike = ["tall", "square"].find((shape) => sides.every((pane) => pane?.classList.contains(shape)));
    this.#box.dataset.shape = alike ?? "wide";
    this.#draw();
  }

  #choose(free) {
    for (const select of this.#selects) {
      for (const option of select.options) option.disabled = !free.includes(option.value);
    }
    const left = [...free];
    for (const select of this.#selects) {
      if (!left.includes(select.value) && left.length) select.value = left[0];
      left.splice(left.indexOf(select.value), 1);
    }
    this.#were = this.#selects.map((select) => select.value);
  }

  #draw() {
    const share = Math.round(this.#slider.value);
    this.#box.style.setProperty("--wipe", `${this.#slider.value}%`);
    const [left, right] = this.#selects.map((select) => select.selectedOptions[0]?.text);
    this.#slider.setAttribute("aria-valuetext", `${left} ${share}%, ${right} ${100 - share}%`);
  }

  #drag(divider) {
    divider.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      divider.setPointerCapture(event.pointerId);
    });
    divider.addEventListener("pointermove", (event) => {
      if (!divider.hasPointerCapture(event.pointerId)) return;
      const { left, width } = divider.parentElement.getBoundingClientRect();
      this.#slider.value = (100 * (event.clientX - left)) / width;
      this.#draw();
    });
  }
}
