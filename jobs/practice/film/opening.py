"""A given picture as the first frame of a film, which then fades into the landscape, or half."""

from pathlib import Path

from PIL import Image, ImageOps

from jobs.practice.film.planes import Planes, to_planes

FADE_SECONDS = 1.5
KEPT = 0.5
"""Of the picture, in a film that keeps it."""


class Opening:
    """A picture that covers the frame at first and is gone after FADE_SECONDS, but for `kept`."""

    def __init__(
        self, picture: Path, size: tuple[int, int], like: Planes, fps: int, kept: float = 0
    ) -> None:
        with Image.open(picture) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
        fitted = ImageOps.fit(upright, size)
        self._planes = to_planes(fitted, like.y.width, like.u.width)
        self._frames = max(1, round(FADE_SECONDS * fps))
        self._kept = kept

    def draw(self, canvas: Planes, frame: int) -> None:
        """Lay it over the canvas, the thinner the later the frame."""
        share = max(1 - frame / self._frames, self._kept)
        if not share:
            return
        for plane, picture in (
            (canvas.y, self._planes.y),
            (canvas.u, self._planes.u),
            (canvas.v, self._planes.v),
        ):
            plane.paste(Image.blend(plane, picture.crop((0, 0, *plane.size)), share))
