"""Writes the text of a watermark: a line of white letters in a soft dark edge."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT = Path(__file__).resolve().parents[2] / "static" / "fonts" / "geist.woff2"
HEIGHT = 0.035
"""Of the text, its line and the space around it, as a part of a picture's shorter side."""
WIDTH_MAX = 0.6
"""Of the text, as a part of a picture's width."""
DRAWN = 200
"""Pixels that the text is drawn at, to be made smaller: larger than any film needs it."""
WEIGHT = 500
"""A little stronger than text on a page: it stands before all kinds of things."""
WHITE, DARK = 0.7, 0.55
"""The part of the picture that shines through the letters, and through their surroundings."""
NO_LETTER = "\U0010ffff"
"""No font has it: shown as what is shown for letters that are missing."""


def missing_letters(text: str) -> str:
    """The letters of a text that our font lacks, each once, in their order.

    It has those of Western Europe and the usual signs. Others (Polish, Czech, Turkish and
    Vietnamese ones, Greek, Cyrillic, Arabic, Asian scripts, emoji) would show as empty boxes.
    """
    font = _font()
    box = bytes(font.getmask(NO_LETTER))
    return "".join(each for each in dict.fromkeys(text) if bytes(font.getmask(each)) == box)


def _font() -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(FONT, DRAWN)
    font.set_variation_by_axes([WEIGHT])
    return font


def stamp_of(size: tuple[int, int], text: str) -> Image.Image:
    """The text as it is laid over a picture of this size: white, in a soft dark edge."""
    font = _font()
    # One line: Pillow fails at some of the signs that end one.
    line = " ".join(text.split())
    space = DRAWN // 8
    ascent, descent = font.getmetrics()
    drawn = (round(font.getlength(line)) + 2 * space, ascent + descent)
    letters = Image.new("L", drawn)
    ImageDraw.Draw(letters).text((space, 0), line, fill=255, font=font)
    edge = letters.filter(ImageFilter.GaussianBlur(DRAWN / 16))
    stamp = Image.new("RGBA", drawn)
    stamp.putalpha(edge.point(lambda value: min(2 * value, 255) * DARK))
    white = Image.new("RGBA", drawn, (255, 255, 255, 0))
    white.putalpha(letters.point(lambda value: value * WHITE))
    stamp.alpha_composite(white)
    scale = min(HEIGHT * min(size) / DRAWN, WIDTH_MAX * size[0] / drawn[0])
    small = (max(int(drawn[0] * scale), 1), max(int(drawn[1] * scale), 1))
    return stamp.resize(small, Image.Resampling.LANCZOS)
