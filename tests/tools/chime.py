"""Makes the sound that tells of news: python -m tests.tools.chime

Two soft notes, a fifth apart, as anybody may make them: nobody else's recording.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "static" / "sounds" / "notice.wav"
RATE = 16_000
NOTES = ((659.26, 0.0), (987.77, 0.11))
"""Hertz, and the second at which it begins."""
SECONDS, LOUDNESS, FADE = 0.55, 0.3, 7.0


def made() -> bytes:
    """The file, the same each time."""
    samples = [_sample(number / RATE) for number in range(int(SECONDS * RATE))]
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def _sample(second: float) -> int:
    heard = sum(
        math.sin(2 * math.pi * hertz * (second - begin))
        * math.exp(-FADE * (second - begin))
        # A beginning of its own without a click.
        * min((second - begin) / 0.008, 1)
        for hertz, begin in NOTES
        if second >= begin
    )
    end = min((SECONDS - second) / 0.05, 1)
    return round(heard / len(NOTES) * LOUDNESS * 2 * end * 32_767 * 0.8)


if __name__ == "__main__":
    FILE.write_bytes(made())
