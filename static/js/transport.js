// Plays several films as one, in step. What each of them does is looked at anew whenever one of them says that
// something happened, so no order of events is counted on: who is not ready is waited for, and who drifts is led
// back by its tempo, which nobody sees. The film that is heard is left alone.
class Transport extends EventTarget {
  static #NEAR = 0.03; // Seconds apart that nobody sees: less than a frame.
  static #FAR = 0.5; // Beyond it a film jumps instead of catching up.
  static #TEMPO = 0.08; // By how much at most one plays faster or slower meanwhile.

  films = [];
  heard = null; // Whose sound is on.
  loops = true;
  wanted = false; // Whether they are to play.
  #goal = null; // Where to go once all have arrived where they were sent before.
  #here = null; // Where they were sent last, to the frame, until they play on.
  #paused = new WeakSet(); // What we paused ourselves.
  #rates = new WeakMap(); // Of the films that it has met.

  // These play from now on, and no others. What comes new goes to where the rest is.
  use(films) {
    const { time } = this;
    for (const film of this.films) if (!films.includes(film)) this.#pause(film);
    const come = films.filter((film) => !this.films.includes(film));
    this.films = films;
    for (const film of come) this.#take(film);
    if (come.length && time) this.seek(time);
    this.#settle();
  }

  get time() {
    return this.#goal ?? this.#here ?? this.#lead()?.currentTime ?? 0;
  }

  get duration() {
    return Math.max(0, ...this.films.map((film) => film.duration || Number(film.dataset.seconds) || 0));
  }

  // Those that the others wait for.
  get held() {
    return this.films.filter((film) => Transport.#isHeld(film));
  }

  // The frames of one of them.
  rateOf(film) {
    return this.#rates.get(film) ?? new FrameRate();
  }

  play() {
    this.wanted = true;
    if (this.films.every(Transport.#isOver)) this.seek(0);
    this.#here = null;
    this.#settle();
  }

  // All of them at the same frame.
  pause() {
    this.wanted = false;
    this.seek(this.time);
  }

  // All of them to this moment. While they are on their way, of many wishes the last one counts.
  seek(time) {
    this.#goal = Math.min(Math.max(time, 0), this.duration);
    this.#here = this.wanted ? null : this.#goal;
    this.#settle();
  }

  // So many frames of this film on, or back; the others show what they have at that moment.
  step(frames, film = this.films[0]) {
    const rate = this.rateOf(film);
    const from = this.#goal ?? this.#here ?? film.currentTime;
    this.wanted = false;
    this.seek(rate.time(rate.at(from) + frames));
  }

  hear(film) {
    this.heard = film;
    for (const each of this.films) each.muted = each !== film;
    this.#say();
  }

  // Called for each picture on the screen while they play.
  follow() {
    const lead = this.#lead();
    if (!this.wanted || !lead || this.held.length) return;
    for (const film of this.films.filter((each) => !Transport.#isOver(each))) {
      const gap = film === lead ? 0 : lead.currentTime - film.currentTime;
      if (Math.abs(gap) > Transport.#FAR) film.currentTime = Math.min(lead.currentTime, film.duration);
      const most = Transport.#TEMPO;
      const tempo = Math.abs(gap) < Transport.#NEAR ? 1 : 1 + Math.min(Math.max(gap, -most), most);
      if (Math.abs(film.playbackRate - tempo) > 0.004) film.playbackRate = tempo;
    }
  }

  // Whom the others go by: who is heard, else the longest that still plays.
  #lead() {
    const going = this.films.filter((film) => !Transport.#isOver(film));
    if (going.includes(this.heard)) return this.heard;
    const longest = (one, other) => ((other.duration || 0) > (one.duration || 0) ? other : one);
    return going.length ? going.reduce(longest) : this.films.length ? this.films.reduce(longest) : null;
  }

  #take(film) {
    film.muted = film !== this.heard;
    film.preload = "auto";
    if (this.#rates.has(film)) return;
    this.#rates.set(film, new FrameRate(film.dataset.rate));
    const news = "loadedmetadata loadeddata canplay playing waiting stalled seeking seeked ended error emptied";
    for (const name of news.split(" ")) film.addEventListener(name, () => this.#settle());
    film.addEventListener("pause", () => {
      // By the keys of a headset, the system, or a phone that saves power: then all of them rest.
      const isOurs = this.#paused.has(film) || !this.films.includes(film);
      if (film.paused && !isOurs && !Transport.#isOver(film)) this.pause();
      else this.#settle();
    });
  }

  #settle() {
    if (this.#goal !== null && !this.films.some((film) => film.seeking)) {
      const goal = this.#goal;
      this.#goal = null;
      for (const film of this.films) film.currentTime = this.#within(film, goal);
    }
    if (this.wanted && this.films.every(Transport.#isOver)) {
      if (this.loops) for (const film of this.films) film.currentTime = 0;
      else this.wanted = false;
    }
    const { held } = this;
    for (const film of this.films) {
      // Who is waited for goes on trying: some phones load nothing of a film that is not to play.
      const goes = this.wanted && !Transport.#isOver(film) && (!held.length || held.includes(film));
      if (goes) this.#play(film);
      else this.#pause(film);
    }
    this.#say();
  }

  #play(film) {
    this.#paused.delete(film);
    if (!film.paused) return;
    film.play().catch((reason) => {
      // Nobody has touched the page yet: browsers play nothing aloud then.
      if (reason.name === "NotAllowedError") this.pause();
    });
  }

  #pause(film) {
    this.#paused.add(film);
    film.pause();
  }

  #say() {
    this.dispatchEvent(new Event("change"));
  }

  // The last picture of a film that ends sooner stays; it is not waited for, nor is one that cannot be played.
  static #isOver(film) {
    return Boolean(film.error) || film.ended || film.duration - film.currentTime < 0.01;
  }

  static #isHeld(film) {
    return !Transport.#isOver(film) && (film.seeking || film.readyState < film.HAVE_FUTURE_DATA);
  }

  // Where this film shows what it has at a moment: in the middle of a frame, the last one at most.
  #within(film, time) {
    const rate = this.rateOf(film);
    const frame = rate.at(time);
    return time ? rate.time(film.duration ? Math.min(frame, rate.count(film.duration) - 1) : frame) : 0;
  }
}
