"""Pictures as the three planes of a video frame, so that composing needs no colour conversion."""

from dataclasses import dataclass

from PIL import Image

# Video keeps luma within 16..235 and chroma within 16..240; Pillow's YCbCr uses 0..255.
_LUMA = [round(16 + value * 219 / 255) for value in range(256)]
_CHROMA = [round(128 + (value - 128) * 224 / 255) for value in range(256)]
_FULL_LUMA = [max(0, min(255, round((value - 16) * 255 / 219))) for value in range(256)]
_FULL_CHROMA = [max(0, min(255, round(128 + (value - 128) * 255 / 224))) for value in range(256)]

WHITE = (235, 128, 128)
BLACK = (16, 128, 128)
Yuv = tuple[int, int, int]


@dataclass(frozen=True)
class Planes:
    """Luma at full size and the two chroma planes at half size (4:2:0)."""

    y: Image.Image
    u: Image.Image
    v: Image.Image

    def copy(self) -> "Planes":
        """The same picture, free to be painted on."""
        return Planes(self.y.copy(), self.u.copy(), self.v.copy())

    def paint(self, colour: Yuv, mask: "Mask", x: int, y: int) -> None:
        """Lay one flat colour through a mask whose corner stands at (x, y)."""
        _fill(self.y, colour[0], mask.full, x, y)
        _fill(self.u, colour[1], mask.half, x // 2, y // 2)
        _fill(self.v, colour[2], mask.half, x // 2, y // 2)

    def to_rgb(self, size: tuple[int, int]) -> Image.Image:
        """The picture of that size (pixels) in ordinary colours."""
        chroma = [
            plane.point(_FULL_CHROMA)
            .resize((plane.width * 2, plane.height * 2))
            .crop((0, 0, *size))
            for plane in (self.u, self.v)
        ]
        luma = self.y.point(_FULL_LUMA).crop((0, 0, *size))
        return Image.merge("YCbCr", (luma, *chroma)).convert("RGB")


@dataclass(frozen=True)
class Mask:
    """Coverage at full size and at half size."""

    full: Image.Image
    half: Image.Image

    @classmethod
    def of(cls, image: Image.Image) -> "Mask":
        """The mask of a grey picture, its sides made even."""
        even = image.crop((0, 0, image.width + image.width % 2, image.height + image.height % 2))
        return cls(even, even.reduce(2))

    def part(self, x: int, width: int) -> "Mask":
        """The columns from x on."""
        height = self.full.height
        return Mask(
            self.full.crop((x, 0, x + width, height)),
            self.half.crop((x // 2, 0, x // 2 + width // 2, height // 2)),
        )


@dataclass(frozen=True)
class Layer:
    """A strip of scenery, wider than the picture, that drifts by ``speed`` pixels a frame."""

    planes: Planes
    mask: Mask
    top: int
    speed: float
    rise: float = 0.0

    def draw(self, canvas: Planes, frame: int, width: int) -> None:
        """Lay the part that is in view at this frame over the canvas."""
        x, top = int(self.speed * frame), self.top - int(self.rise * frame)
        mask = self.mask.part(x, width)
        _lay(canvas.y, self.planes.y, mask.full, x, top)
        _lay(canvas.u, self.planes.u, mask.half, x // 2, top // 2)
        _lay(canvas.v, self.planes.v, mask.half, x // 2, top // 2)


def to_planes(picture: Image.Image, stride: int, half_stride: int) -> Planes:
    """Planes of an RGB picture, their rows padded to the video frame's strides (bytes)."""
    luma, cb, cr = picture.convert("YCbCr").split()
    half = [plane.reduce(2).point(_CHROMA) for plane in (cb, cr)]
    u, v = (plane.crop((0, 0, max(half_stride, plane.width), plane.height)) for plane in half)
    y = luma.point(_LUMA).crop((0, 0, max(stride, luma.width), luma.height))
    return Planes(y, u, v)


def to_yuv(colour: tuple[int, int, int]) -> Yuv:
    """One colour as video luma and chroma."""
    planes = to_planes(Image.new("RGB", (2, 2), colour), 2, 1)
    y, u, v = (plane.tobytes()[0] for plane in (planes.y, planes.u, planes.v))
    return y, u, v


def _fill(plane: Image.Image, value: int, mask: Image.Image, x: int, y: int) -> None:
    plane.paste(value, (x, y, x + mask.width, y + mask.height), mask)


def _lay(plane: Image.Image, source: Image.Image, mask: Image.Image, x: int, top: int) -> None:
    plane.paste(source.crop((x, 0, x + mask.width, mask.height)), (0, top), mask)
