"""The frame a scene is built for, and light that moves in it."""

from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops

from jobs.practice.film.planes import Layer, Mask, Planes, Yuv, to_planes


@dataclass(frozen=True)
class Stage:
    """The frame a scene is built for. All lengths are pixels."""

    width: int
    height: int
    stride: int
    half_stride: int
    frames: int
    random: Random

    @property
    def unit(self) -> float:
        """One pixel of a picture 720 lines high."""
        return min(self.width, self.height) / 720

    def span(self, speed: float) -> int:
        """The width a layer needs to drift at that speed (pixels a frame) to the end."""
        wide = self.width + int(abs(speed) * self.frames) + 2
        return wide + wide % 2

    def layer(self, picture: Image.Image, mask: Image.Image, top: int, speed: float) -> Layer:
        """A drifting layer; tops are even so that luma and chroma meet."""
        return Layer(to_planes(picture, 0, 0), Mask.of(mask), top - top % 2, speed)


@dataclass(frozen=True)
class Shimmer:
    """Light that never repeats: two textures drift against each other and are multiplied."""

    one: Image.Image
    other: Image.Image
    shape: Image.Image
    colour: Yuv
    top: int
    speed: float

    def draw(self, canvas: Planes, frame: int, width: int) -> None:
        """Lay this frame's light over the canvas."""
        height = self.one.height
        right, left = int(self.speed * frame), int(self.speed * 0.8 * frame)
        start = self.other.width - width - left
        light = ImageChops.multiply(
            self.one.crop((right, 0, right + width, height)),
            self.other.crop((start, 0, start + width, height)),
        )
        mask = Mask.of(ImageChops.multiply(light, self.shape))
        canvas.paint(self.colour, mask, 0, self.top)


Thing = Layer | Shimmer
