"""A quiet chord as floating-point samples."""

import math
from array import array
from random import Random

RATE = 24_000
LOUDNESS = 0.05

# Whole hertz, so that every note repeats exactly after a second: one second is computed and the
# rest copied. The pair one hertz apart beats slowly.
CHORDS: tuple[tuple[int, ...], ...] = (
    (110, 111, 165, 220, 277),
    (98, 99, 147, 196, 247),
    (130, 131, 196, 261, 330),
    (87, 88, 131, 175, 220),
    (123, 124, 185, 247, 294),
    (147, 148, 220, 294, 349),
)
SINE = [math.sin(2 * math.pi * step / RATE) for step in range(RATE)]


def chord(seconds: int, random: Random) -> "array[float]":
    """Mono samples of that length, faded in and out over a second."""
    notes = random.choice(CHORDS)
    second = array("f", bytes(4 * RATE))
    for number, note in enumerate(notes):
        size = LOUDNESS / (1 + 0.3 * number)
        second = array(
            "f", [so_far + size * SINE[note * at % RATE] for at, so_far in enumerate(second)]
        )
    samples = second * seconds
    for at in range(RATE // 2):
        samples[at] *= 2 * at / RATE
        samples[-1 - at] *= 2 * at / RATE
    return samples
