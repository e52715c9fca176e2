"""The order of a film: size, length and the words on it."""

import hashlib
from dataclasses import dataclass, replace

SHORT_SIDE = {"360p": 360, "480p": 480, "720p": 720, "1080p": 1080, "4k": 2160}

# Larger pictures are composed at this size and scaled up while encoding: drawing 4K frames in
# Python would take a minute and 100 MB.
LARGEST_CANVAS_SIDE = 1080


@dataclass(frozen=True)
class FilmSpec:
    """One film to render. Equal specs give the same film."""

    caption: str
    label: str
    width: int
    height: int
    seconds: int = 8
    fps: int = 24
    like: str = ""
    """The look of the film whose landscape it shows; else it has one of its own."""
    opening: str = ""
    """The name of the picture it starts from."""
    keeps: bool = False
    """That picture shows through to the end: it is of a film that this one changes."""
    before: "FilmSpec | None" = None
    """The film that it continues, and which it then starts with."""

    @property
    def frames(self) -> int:
        """Number of pictures in the film, without those of the film before it."""
        return self.seconds * self.fps

    @property
    def length(self) -> int:
        """Seconds from the very start."""
        return self.seconds + (self.before.length if self.before else 0)

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height in pixels at which frames are composed."""
        short = min(self.width, self.height)
        if short <= LARGEST_CANVAS_SIDE:
            return self.width, self.height
        scale = LARGEST_CANVAS_SIDE / short
        return round(self.width * scale), round(self.height * scale)

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits that differ for every different film."""
        return hashlib.sha256(repr(self).encode("utf-8", "replace")).hexdigest()

    @property
    def look(self) -> str:
        """The seed of all that is left to chance in it."""
        return self.like or self.fingerprint

    @property
    def segment(self) -> "FilmSpec":
        """Only what it adds to the film before it."""
        return replace(self, before=None)


def size_of(resolution: str, ratio: str) -> tuple[int, int]:
    """Pixels of a resolution (360p to 4k) in a ratio (16:9, 1:1, 3:4…; Auto is 16:9).

    Both are even, as encoders want them.
    """
    short = SHORT_SIDE[resolution]
    across, down = (int(part) for part in (ratio if ":" in ratio else "16:9").split(":"))
    long = short * max(across, down) // min(across, down) // 2 * 2
    return (short, long) if across < down else (long, short)
