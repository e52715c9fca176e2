"""Shapes of a landscape as grey masks, drawn at double size and reduced for smooth edges."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Profile = Callable[[float], float]


def rugged(random: Random, detail: int) -> Profile:
    """A mountain line: octaves of value noise, each half as high and twice as fine."""
    octaves = [[random.random() for _ in range(257)] for _ in range(detail)]

    def height(x: float) -> float:
        total, size = 0.0, 0.5
        for octave, values in enumerate(octaves):
            place = x * 2**octave
            cell, part = int(place) % 256, place % 1.0
            # A straight blend keeps peaks sharp; the low octaves are eased to look like slopes.
            eased = part * part * (3 - 2 * part) if octave < 2 else part
            total += size * (values[cell] + (values[cell + 1] - values[cell]) * eased)
            size /= 2
        return total

    return height


def rolling(random: Random) -> Profile:
    """A dune line: three slow sines."""
    waves = [(random.uniform(0.5, 2.1) * k, random.uniform(0, 6.3), 0.26 / k) for k in (1, 2, 3)]

    def height(x: float) -> float:
        return 0.5 + sum(size * math.sin(x * rate + phase) for rate, phase, size in waves)

    return height


@dataclass(frozen=True)
class Ridgeline:
    """The upper edge of a ridge. All lengths are pixels of the picture."""

    profile: Profile
    stretch: float
    relief: float
    headroom: float

    def at(self, x: float) -> float:
        """Distance of the line from the upper edge of its mask."""
        return self.headroom + (1 - min(1.0, self.profile(x / self.stretch))) * self.relief


def ridge(ridgeline: Ridgeline, size: tuple[int, int]) -> Image.Image:
    """The ground below a line."""
    width, height = size
    picture = Image.new("L", (width * 2, height * 2))
    step = 4
    edge = [(x, ridgeline.at(x / 2) * 2) for x in range(0, width * 2 + step, step)]
    corners = [(width * 2 + step, height * 2), (0, height * 2)]
    ImageDraw.Draw(picture).polygon([*edge, *corners], fill=255)
    return picture.reduce(2)


def pines(mask: Image.Image, ridgeline: Ridgeline, tall: float, random: Random) -> None:
    """Plant groups of fir trees, up to ``tall`` pixels high, along a line, in place."""
    picture = Image.new("L", (mask.width * 2, mask.height * 2))
    pen = ImageDraw.Draw(picture)
    x, left = 0.0, 0
    while x < mask.width:
        foot = ridgeline.at(x) + tall * 0.1
        size = random.uniform(0.3, 0.6) if left % 3 else random.uniform(0.6, 1.0)
        _pine(pen, x * 2, foot * 2, tall * 2 * size, random)
        left -= 1
        x += tall * random.uniform(0.1, 0.26)
        if left < 0:
            x, left = x + tall * random.uniform(0.4, 2.2), random.randint(2, 9)
    mask.paste(255, (0, 0), picture.reduce(2))


def _pine(pen: ImageDraw.ImageDraw, x: float, foot: float, tall: float, random: Random) -> None:
    tiers = 7
    pen.polygon([(x, foot - tall), (x - tall * 0.02, foot), (x + tall * 0.02, foot)], fill=255)
    for tier in range(tiers):
        top = foot - tall * (0.97 - 0.12 * tier)
        left, right = (tall * (0.035 + 0.026 * tier) * random.uniform(0.7, 1.2) for _ in range(2))
        low = top + tall * 0.17
        pen.polygon([(x, top), (x - left, low), (x, low - tall * 0.04), (x + right, low)], fill=255)


def stars(size: tuple[int, int], random: Random) -> Image.Image:
    """Points of light, fewer and fainter towards the lower edge."""
    width, height = size
    picture = Image.new("L", (width * 2, height * 2))
    pen = ImageDraw.Draw(picture)
    for _ in range(width * height // 2600):
        x, y = random.uniform(0, width * 2), random.random() ** 1.6 * height * 2
        reach = random.choice((0.6, 0.8, 0.8, 1.1, 1.7)) * height / 400
        shine = int(random.uniform(60, 255) * (1 - y / height / 2.2))
        pen.ellipse([x - reach, y - reach, x + reach, y + reach], fill=shine)
    return picture.reduce(2)


def curtain(size: tuple[int, int], random: Random) -> Image.Image:
    """Soft upright folds of light, bright below and fading upwards; two of them make an aurora."""
    width, height = size
    small = Image.new("L", (max(8, width // 8), max(8, height // 8)))
    pen = ImageDraw.Draw(small)
    bend = rolling(random)
    for x in range(small.width):
        foot = small.height * (0.55 + 0.4 * bend(x / small.width * 9) - 0.1)
        reach = small.height * random.uniform(0.35, 0.75)
        glow = random.randint(70, 255)
        for y in range(max(0, int(foot - reach)), min(small.height, int(foot))):
            rise = (foot - y) / reach
            pen.point((x, y), fill=int(glow * max(0.0, 1 - rise) ** 1.4 * min(1.0, rise * 9)))
    soft = small.filter(ImageFilter.GaussianBlur(1.6))
    return soft.resize(size, Image.Resampling.BICUBIC)


def ripples(size: tuple[int, int], random: Random) -> Image.Image:
    """Flat dashes of light, longer and sparser towards the viewer."""
    width, height = size
    picture = Image.new("L", size)
    pen = ImageDraw.Draw(picture)
    for _ in range(width * height // 420):
        depth = random.random()
        x, y = random.uniform(-40, width), depth * height
        reach = (6 + 60 * depth) * random.uniform(0.4, 1.4) * height / 200
        pen.line([x, y, x + reach, y], fill=random.randint(90, 255), width=1 + int(2 * depth))
    return picture.filter(ImageFilter.GaussianBlur(0.7))


def clouds(size: tuple[int, int], random: Random) -> Image.Image:
    """Long soft bands."""
    width, height = size
    small = Image.new("L", (width // 4, height // 4))
    for _ in range(16 + width // 160):
        puff = Image.new("L", small.size)
        x, y = random.uniform(-60, small.width), random.uniform(0.05, 0.8) * small.height
        wide, thin = random.uniform(30, 150) * height / 300, random.uniform(1.5, 6) * height / 300
        ImageDraw.Draw(puff).ellipse(
            [x, y - thin, x + wide, y + thin], fill=random.randint(40, 120)
        )
        small = ImageChops.add(small, puff)
    return small.filter(ImageFilter.GaussianBlur(height / 90)).resize(
        size, Image.Resampling.BICUBIC
    )


def slope(size: tuple[int, int], start: int, end: int) -> Image.Image:
    """A grey gradient from the upper edge to the lower."""
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
    return ramp.point([round(start + (end - start) * value / 255) for value in range(256)])


def glow(reach: int, strength: float) -> Image.Image:
    """A round light of that radius (pixels), strongest in the middle, nothing at its edge."""
    # Pillow's gradient reaches 181 at the middle of each side and 255 only in the corners.
    fall = [round(255 * strength * max(0.0, 1 - value / 180) ** 2.4) for value in range(256)]
    return Image.radial_gradient("L").point(fall).resize((reach * 2, reach * 2))


def ball(radius: int) -> Image.Image:
    """A full disc with a smooth edge. Radius in pixels."""
    picture = Image.new("L", (radius * 8, radius * 8))
    ImageDraw.Draw(picture).ellipse([0, 0, radius * 8 - 1, radius * 8 - 1], fill=255)
    return picture.reduce(4)


def noise(size: tuple[int, int], random: Random) -> Image.Image:
    """Grey noise in ordinary colours, one tile repeated."""
    side = 256
    tile = Image.frombytes("L", (side, side), random.randbytes(side * side))
    picture = Image.new("L", size)
    for x in range(0, size[0], side):
        for y in range(0, size[1], side):
            picture.paste(tile, (x, y))
    return picture.convert("RGB")
