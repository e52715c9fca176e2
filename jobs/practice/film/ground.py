"""The lower half of a landscape: ridges in parallax, sometimes water before the last two."""

from PIL import Image, ImageOps

from jobs.practice.film import terrain
from jobs.practice.film.palettes import Colour, Palette, mixed
from jobs.practice.film.planes import Layer, to_yuv
from jobs.practice.film.stage import Shimmer, Stage, Thing

RIDGES = 5


def ground(
    palette: Palette, stage: Stage, horizon: int, sky: Image.Image, sun_x: int
) -> list[Thing]:
    far = mixed(palette.sky[3], palette.sky[2], 0.45)
    shore = int(stage.height * 0.7)
    ridgelines = [_ridgeline(palette, stage, number / (RIDGES - 1)) for number in range(RIDGES)]
    tops = [_top(palette, stage, horizon, number / (RIDGES - 1)) for number in range(RIDGES)]
    things: list[Thing] = []
    for number, (ridgeline, top) in enumerate(zip(ridgelines, tops, strict=True)):
        near = number / (RIDGES - 1)
        # Nothing shows below the lowest point of the next ridge, so nothing is drawn there.
        bottom = stage.height
        if number < RIDGES - 1:
            bottom = min(bottom, int(tops[number + 1] + ridgelines[number + 1].relief) + 4)
        if palette.water and number == RIDGES - 2:
            bottom = shore + 2
        colour = mixed(far, palette.ground, 0.2 + 0.8 * near**0.8)
        things.append(_ridge(palette, stage, ridgeline, (top, bottom), near, colour))
        if palette.water and number == RIDGES - 2:
            things.extend(_water(palette, stage, shore, sky, sun_x))
    return things


def _ridgeline(palette: Palette, stage: Stage, near: float) -> terrain.Ridgeline:
    random = stage.random
    profile = (
        terrain.rolling(random) if palette.smooth else terrain.rugged(random, 6 - int(near * 2))
    )
    trees = palette.pines and near > 0.6
    return terrain.Ridgeline(
        profile,
        stretch=(520 - 190 * near) * stage.unit,
        relief=stage.height * (0.3 - 0.16 * near),
        headroom=_tree_height(stage, near) if trees else 0.0,
    )


def _tree_height(stage: Stage, near: float) -> float:
    return (30 + 260 * max(0.0, near - 0.7)) * stage.unit


def _top(palette: Palette, stage: Stage, horizon: int, near: float) -> int:
    """The row of a ridge's highest point."""
    depth = stage.height - horizon
    return int(horizon - depth * 0.34 + depth * (0.92 if palette.water else 0.8) * near)


def _ridge(
    palette: Palette,
    stage: Stage,
    ridgeline: terrain.Ridgeline,
    rows: tuple[int, int],
    near: float,
    colour: Colour,
) -> Layer:
    speed = (0.25 + 3.2 * near**1.7) * stage.unit
    top = rows[0] - int(ridgeline.headroom)
    size = (stage.span(speed), max(8, rows[1] - top + 2))
    mask = terrain.ridge(ridgeline, size)
    if ridgeline.headroom:
        terrain.pines(mask, ridgeline, ridgeline.headroom, stage.random)
    return stage.layer(_haze(size, colour, palette, near), mask, top, speed)


def _haze(size: tuple[int, int], colour: Colour, palette: Palette, near: float) -> Image.Image:
    """A ridge is clearest along its top and fades into the mist at its foot."""
    fog = mixed(colour, mixed(palette.sky[3], palette.sky[2], 0.5), 0.62 * (1 - near) + 0.06)
    ramp = terrain.slope(size, 0, 255)
    return Image.composite(Image.new("RGB", size, fog), Image.new("RGB", size, colour), ramp)


def _water(palette: Palette, stage: Stage, shore: int, sky: Image.Image, sun_x: int) -> list[Thing]:
    shore -= shore % 2
    size = (stage.width, stage.height - shore)
    mirror = ImageOps.flip(sky.crop((0, max(0, shore - size[1]), stage.width, shore)))
    deep = Image.blend(mirror.resize(size), Image.new("RGB", size, palette.ground), 0.38)
    still = stage.layer(deep, Image.new("L", size, 255), shore, 0.0)
    speed = 1.1 * stage.unit
    wide = (stage.span(speed), size[1])
    path = Image.new("L", size, 70)
    reach = int(stage.width * 0.3)
    path.paste(
        255,
        (sun_x - reach, -reach // 2),
        terrain.glow(reach, 1.0).resize((reach * 2, size[1] + reach)),
    )
    glitter = Shimmer(
        one=terrain.ripples(wide, stage.random),
        other=terrain.ripples(wide, stage.random).point(lambda value: min(255, 120 + value)),
        shape=path,
        colour=to_yuv(palette.light),
        top=shore,
        speed=speed,
    )
    return [still, glitter]
