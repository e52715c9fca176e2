"""Frames and timecode: exact, also where a second holds no whole number of frames.

SMPTE ST 12: at 29.97 and 59.94 frames a second, drop-frame timecode leaves out the first two (four)
numbers of each minute but every tenth, so that it stays with the clock. No picture is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

NTSC = Fraction(1000, 1001)
DROPPED = {30 * NTSC: 2, 60 * NTSC: 4}
ROUNDED = Fraction(1, 2000)
"""Seconds by which a moment can be off that is kept in thousandths."""
MINUTE, TEN_MINUTES, HOUR = 60, 600, 3600


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames a second, exactly."""

    exact: Fraction

    @classmethod
    def read(cls, text: str) -> Rate:
        """As a rendition keeps it: 24, 30000/1001; 24 where it keeps none."""
        return cls(Fraction(text)) if text else UNKNOWN

    @property
    def whole(self) -> int:
        """Numbers of frames that timecode counts in a second: 30 at 29.97."""
        return max(round(self.exact), 1)

    @property
    def is_drop(self) -> bool:
        """Its timecode leaves numbers out."""
        return self.exact in DROPPED

    @property
    def name(self) -> str:
        """As people write it: 24, 29.97."""
        return f"{float(self.exact):.3f}".rstrip("0").rstrip(".")

    def frame_at(self, seconds: Decimal) -> int:
        """The number of the frame that is shown at a moment, the first is 0."""
        return max(int((Fraction(seconds) + ROUNDED) * self.exact), 0)

    def frames_in(self, seconds: Decimal) -> int:
        """The frames of a film of this length."""
        return max(round(Fraction(seconds) * self.exact), 1)

    def timecode(self, frame: int, start_hour: int = 0) -> str:
        """Hours, minutes, seconds and frames; with a semicolon where numbers are left out."""
        number = self._number(frame) + start_hour * HOUR * self.whole
        seconds, frames = divmod(number, self.whole)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        mark = ";" if self.is_drop else ":"
        return f"{hours % 24:02}:{minutes:02}:{seconds:02}{mark}{frames:02}"

    def _number(self, frame: int) -> int:
        """The number that timecode gives a frame: those that it leaves out are passed over."""
        dropped = DROPPED.get(self.exact, 0)
        in_minute = self.whole * MINUTE - dropped
        tens, rest = divmod(frame, self.whole * TEN_MINUTES - 9 * dropped)
        # The first minute of ten leaves nothing out.
        minutes = max(rest - dropped, 0) // in_minute
        return frame + dropped * (9 * tens + minutes)


UNKNOWN = Rate(Fraction(24))
"""Of a film that does not say: the rate at which both providers' models make theirs."""
