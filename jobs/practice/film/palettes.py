"""Colours and moods. A prompt picks one by its hash, nudged by the words it contains."""

import colorsys
import re
from dataclasses import dataclass, replace
from random import Random

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """A mood: sky from the zenith to the horizon, the light, and the nearest ground."""

    sky: tuple[Colour, Colour, Colour, Colour]
    light: Colour
    ground: Colour
    accent: Colour
    stars: bool = False
    veil: bool = False
    water: bool = False
    pines: bool = True
    smooth: bool = False


def _rgb(text: str) -> Colour:
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def _palette(colours: str, **traits: bool) -> Palette:
    a, b, c, d, light, ground, accent = (_rgb(part) for part in colours.split())
    return Palette((a, b, c, d), light, ground, accent, **traits)


PALETTES: dict[str, Palette] = {
    "dawn": _palette("1b2a49 6b4e71 e8846b ffd3a1 fff1d0 1a1423 ffb27a", water=True),
    "mist": _palette("1f6d7e 4f9dab a8dcd1 f4f1de fffbe8 07252d f2c879"),
    "ember": _palette("24071b 7a1e3a e0533d ffb562 ffe2a8 14060f ff8a4c"),
    "aurora": _palette(
        "040916 0a1a38 10395a 23747b e6f4ff 02060f 5cf2b8", stars=True, veil=True, water=True
    ),
    "lavender": _palette("1d1638 55488a 9f86c0 f3c4d9 fff0f5 120c24 f7a8c9", water=True),
    "desert": _palette(
        "3b5b92 8fb3d9 f2d3b1 f7b267 fff6dc 5a2418 ff9d5c", pines=False, smooth=True
    ),
    "moonlit": _palette("070d20 16264d 37528a 93abd1 eef4ff 040713 9cc4ff", stars=True, water=True),
    "forest": _palette("18413f 4c8069 c3cf85 fff0b3 fffbe0 08170f d9e86c"),
    "coral": _palette("12355b 2f6690 81c3d7 ffd9c7 fff4ea 0b1d2e ff9e80", water=True, pines=False),
    "neon": _palette(
        "0b0220 33096e b5179e ff7aa2 ffe0ee 08021a ff5fa2", stars=True, smooth=True, pines=False
    ),
    "storm": _palette("161a24 363f4f 6f8096 cdd6de f5fbff 0b0e14 8fd0ff", water=True),
    "peach": _palette("4a6bab 9dbfe6 ffe0d0 ffc2a6 fffaf2 3a2238 ff8f70", smooth=True, pines=False),
}

HINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"aurora|northern lights|polar", ("aurora",)),
    (r"neon|cyber|synth|club|arcade", ("neon",)),
    (r"desert|dunes?|sahara|sand", ("desert", "peach")),
    (r"night|moon|stars?|midnight", ("moonlit", "aurora")),
    (r"forest|jungle|trees?|garden|greenhouse|leaves", ("forest", "mist")),
    (r"storm|rain|winter|snowy?|overcast", ("storm", "moonlit")),
    (r"sea|ocean|beach|lake|underwater|waves?|jellyfish", ("coral", "dawn", "storm")),
    (r"sunset|dusk|fire|lava|ember", ("ember", "lavender")),
    (r"sunrise|dawn|morning", ("dawn", "peach")),
)


def choose(prompt: str, random: Random) -> Palette:
    """A palette that suits the words of the prompt, its hues turned a little by the hash."""
    names = next(
        (names for words, names in HINTS if re.search(rf"\b(?:{words})\b", prompt.lower())),
        tuple(PALETTES),
    )
    palette = PALETTES[random.choice(names)]
    turn = random.uniform(-0.025, 0.025)
    a, b, c, d = (turned(colour, turn) for colour in palette.sky)
    return replace(palette, sky=(a, b, c, d), ground=turned(palette.ground, turn))


def turned(colour: Colour, turn: float) -> Colour:
    """The colour with its hue turned by a fraction of the whole circle."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    red, green, blue = colorsys.hls_to_rgb((hue + turn) % 1.0, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between the two: share 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
