"""What an empty studio offers to begin with."""

from __future__ import annotations

from typing import NamedTuple


class Starter(NamedTuple):
    """A prompt that works, with a picture drawn for it."""

    picture: str
    """A static file: a sketch of what comes of it, and no frame of a real video."""
    title: str
    prompt: str


STARTERS = (
    Starter(
        "starters/bottle.svg",
        "Product orbit",
        "A ceramic bottle on a plinth, slow 360° studio orbit, soft key light from the left, "
        "shallow focus, 85 mm.",
    ),
    Starter(
        "starters/fjord.svg",
        "Landscape dolly",
        "Aurora over a still fjord at midnight, slow dolly forward above the water, "
        "long-exposure stars, 24 mm.",
    ),
    Starter(
        "starters/espresso.svg",
        "Macro loop",
        "Espresso pouring in extreme macro, crema swirling in slow motion, warm backlight, "
        "seamless loop.",
    ),
)
