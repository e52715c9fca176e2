// The frames of a film, and their timecode: `new FrameRate("30000/1001")` knows where each frame is. Rates
// are exact fractions, as the server reads them from the file; times are seconds, as players count them.

// Of a frame: players tell times in whole microseconds, which may lie just before it.
const FRAME_EDGE = 0.01;

class FrameRate {
  // `rate`: "24", "25", "30000/1001". Where a file tells none, it is taken for what the providers make.
  constructor(rate) {
    const [frames, seconds = 1] = (rate || "24").split("/").map(Number);
    this.frames = frames;
    this.seconds = seconds;
    this.nominal = Math.round(frames / seconds);
    // 29.97 and 59.94 leave numbers out, so that the count keeps step with the clock. 23.976 does not.
    this.dropped = seconds === 1001 && this.nominal % 30 === 0 ? this.nominal / 15 : 0;
  }

  // The frame that is seen at a time, counted from 0.
  at(time) {
    return Math.max(Math.floor(time * this.frames / this.seconds + FRAME_EDGE), 0);
  }

  // Where to go to see a frame: the middle of it. At its very beginning, some players show the one before.
  time(frame) {
    return (frame + 0.5) * this.seconds / this.frames;
  }

  // How many there are in a film so long.
  count(duration) {
    return Math.max(Math.round(duration * this.frames / this.seconds), 1);
  }

  // HH:MM:SS:FF, and HH:MM:SS;FF where numbers are left out, as editors write it.
  timecode(frame) {
    const { nominal, dropped } = this;
    let number = frame;
    if (dropped) {
      const minute = 60 * nominal - dropped;
      const ten = 10 * minute + dropped;
      const rest = frame % ten;
      // Two of each minute (four of 59.94) but the tenth.
      number += 9 * dropped * Math.floor(frame / ten);
      if (rest >= dropped) number += dropped * Math.floor((rest - dropped) / minute);
    }
    const whole = Math.floor(number / nominal);
    const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60, number % nominal];
    const [hours, minutes, seconds, frames] = parts.map((part) => String(part).padStart(2, "0"));
    return `${hours}:${minutes}:${seconds}${dropped ? ";" : ":"}${frames}`;
  }
}
