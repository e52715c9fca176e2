"""The words on a film: the prompt, a strip of facts, a running timecode and a leader's clock."""

import unicodedata
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from jobs.practice.film import terrain
from jobs.practice.film.planes import BLACK, WHITE, Mask, Planes, Yuv
from jobs.practice.film.spec import FilmSpec

MAX_CAPTION = 320
MAX_LINES = 4
ELLIPSIS = "\u2026"
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font(size: float) -> Font:
    """Pillow's own typeface, so that no font need be installed. Size in pixels."""
    return ImageFont.load_default(max(8.0, size))


def readable(text: str, face: Font) -> str:
    """The text on one line, in letters that the typeface has.

    An accent it lacks is dropped; a run of other letters it lacks becomes one ellipsis.
    """
    missing = _picture_of("\uffff", face)
    known: list[str] = []
    for letter in " ".join(text.split())[:MAX_CAPTION]:
        plain = unicodedata.normalize("NFKD", letter)[0]
        shown = next((each for each in (letter, plain) if _has(each, face, missing)), None)
        if shown is not None:
            known.append(shown)
        elif known[-1:] != [ELLIPSIS]:
            known.append(ELLIPSIS)
    return "".join(known).strip()


def _has(letter: str, face: Font, missing: bytes) -> bool:
    if letter == " ":
        return True
    return letter.isprintable() and _picture_of(letter, face) != missing


def _picture_of(letter: str, face: Font) -> bytes:
    mask = face.getmask(letter, mode="L")
    return repr(mask.size).encode() + bytes(mask)


def wrap(text: str, face: Font, width: float) -> list[str]:
    """Lines no wider than that many pixels, at most MAX_LINES; long words are cut."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if face.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = _shortened(word, face, width)
    lines.append(line)
    if len(lines) > MAX_LINES:
        last = _shortened(f"{lines[MAX_LINES - 1]} {ELLIPSIS}", face, width)
        lines = [*lines[: MAX_LINES - 1], last]
    return lines


def _shortened(text: str, face: Font, width: float) -> str:
    if face.getlength(text) <= width:
        return text
    while text and face.getlength(text + ELLIPSIS) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


@dataclass(frozen=True)
class Stamp:
    """A mask and the corner at which it is laid (pixels, even)."""

    mask: Mask
    x: int
    y: int

    @classmethod
    def of(cls, picture: Image.Image, x: float, y: float) -> "Stamp":
        """The picture at about that place, empty margins cut away to save painting."""
        left, top, right, bottom = picture.getbbox() or (0, 0, 2, 2)
        left, top = left // 2 * 2, top // 2 * 2
        corner = int(x) // 2 * 2 + left, int(y) // 2 * 2 + top
        return cls(Mask.of(picture.crop((left, top, right, bottom))), *corner)

    def paint(self, canvas: Planes, colour: Yuv) -> None:
        """Lay it on the canvas in one colour."""
        canvas.paint(colour, self.mask, self.x, self.y)


class Lettering:
    """Everything written; what does not change with the frame is drawn once."""

    def __init__(self, spec: FilmSpec, accent: Yuv) -> None:
        self.fps, self.frames, self.accent = spec.fps, spec.frames, accent
        self.size = width, height = spec.canvas
        self.unit = unit = min(width, height) / 720
        self.margin = round(44 * unit)
        self.small, self.middling, self.large = (font(size * unit) for size in (17, 24, 33))
        self.strip = height - 62 * unit
        lines = self._caption_lines(spec.caption)
        tall = round((240 + 43 * len(lines)) * unit)
        self.shade = terrain.slope((width, tall), 0, 190)
        self.stamps = [self._line(line, number) for number, line in enumerate(reversed(lines))]
        self.stamps += self._strip(spec.label)
        self.digits = {letter: self._digit(letter) for letter in "0123456789:"}
        self.hands = [self._hand(frame) for frame in range(self.fps)]

    def draw(self, canvas: Planes, frame: int) -> None:
        """Write on the canvas what belongs to this frame."""
        canvas.y.paste(BLACK[0], (0, self.size[1] - self.shade.height), self.shade)
        for stamp in self.stamps:
            stamp.paint(canvas, WHITE)
        self._progress(canvas, frame)
        self._timecode(canvas, frame)
        self._clock(canvas, frame)

    def _caption_lines(self, caption: str) -> list[str]:
        width = self.size[0] - self.margin * 2 - 60 * self.unit
        return wrap(readable(caption, self.large), self.large, width)

    def _line(self, line: str, number: int) -> Stamp:
        picture = Image.new("L", (self.size[0], round(56 * self.unit)))
        ImageDraw.Draw(picture).text(
            (self.margin, 40 * self.unit), line, fill=245, font=self.large, anchor="ls"
        )
        return Stamp.of(picture, 0, self.strip - (62 + 43 * number) * self.unit)

    def _strip(self, label: str) -> list[Stamp]:
        width = self.size[0] - self.margin * 2 - 150 * self.unit
        picture = Image.new("L", (self.size[0], round(50 * self.unit)))
        facts = _shortened(readable(label, self.small), self.small, width)
        place = (self.margin, 37 * self.unit)
        ImageDraw.Draw(picture).text(place, facts, fill=190, font=self.small, anchor="ls")
        rule = Image.new("L", (self.size[0] - self.margin * 2, 2), 70)
        return [
            Stamp.of(picture, 0, self.strip),
            Stamp.of(rule, self.margin, self.strip + 8 * self.unit),
        ]

    def _progress(self, canvas: Planes, frame: int) -> None:
        whole = self.size[0] - self.margin * 2
        done = max(2, round(whole * (frame + 1) / self.frames))
        bar = Image.new("L", (done, max(2, round(2.5 * self.unit))), 255)
        Stamp.of(bar, self.margin, self.strip + 7 * self.unit).paint(canvas, self.accent)

    def _digit(self, letter: str) -> Image.Image:
        picture = Image.new("L", (round(11 * self.unit), round(26 * self.unit)))
        place = (picture.width / 2, 20 * self.unit)
        ImageDraw.Draw(picture).text(place, letter, fill=235, font=self.small, anchor="ms")
        return picture

    def _timecode(self, canvas: Planes, frame: int) -> None:
        text = f"00:{frame // self.fps:02d}:{frame % self.fps:02d}"
        cell, height = self.digits["0"].size
        picture = Image.new("L", (cell * len(text), height))
        for number, letter in enumerate(text):
            picture.paste(self.digits[letter], (cell * number, 0))
        x = self.size[0] - self.margin - picture.width
        Stamp.of(picture, x, self.strip + 17 * self.unit).paint(canvas, WHITE)

    def _hand(self, frame: int) -> Image.Image:
        """The sweeping hand of a film leader, once round a second."""
        side = round(56 * self.unit)
        picture = Image.new("L", (side * 4, side * 4))
        pen = ImageDraw.Draw(picture)
        box = [4, 4, side * 4 - 5, side * 4 - 5]
        pen.pieslice(box, -90, 360 * (frame + 1) / self.fps - 90, fill=70)
        pen.ellipse(box, outline=190, width=max(2, round(6 * self.unit)))
        return picture.reduce(4)

    def _clock(self, canvas: Planes, frame: int) -> None:
        picture = self.hands[frame % self.fps].copy()
        left = -(-(self.frames - frame) // self.fps)
        middle = (picture.width / 2, picture.height / 2)
        ImageDraw.Draw(picture).text(middle, str(left), fill=245, font=self.middling, anchor="mm")
        x = self.size[0] - self.margin - picture.width
        Stamp.of(picture, x, self.margin).paint(canvas, WHITE)
