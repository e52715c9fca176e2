"""The upper half of a landscape: sky, light, clouds or an aurora."""

from dataclasses import replace

from PIL import Image, ImageChops

from jobs.practice.film import terrain
from jobs.practice.film.palettes import Palette, mixed
from jobs.practice.film.planes import Layer, to_yuv
from jobs.practice.film.stage import Shimmer, Stage


def sky(palette: Palette, stage: Stage, horizon: int, sun_at: tuple[int, int]) -> Image.Image:
    stops = palette.sky
    column = Image.new("RGB", (1, 256))
    for y in range(256):
        place = min(2.999, y / 256 * stage.height / horizon * 3)
        column.putpixel((0, y), mixed(stops[int(place)], stops[int(place) + 1], place % 1.0))
    sky = column.resize((stage.width, stage.height), Image.Resampling.BICUBIC)
    if palette.stars:
        dots = terrain.stars((stage.width, horizon), stage.random)
        sky.paste(mixed(palette.light, (255, 255, 255), 0.5), (0, 0), dots)
    for reach, strength in ((0.85, 0.42), (0.34, 0.5)):
        radius = int(stage.height * reach)
        halo = terrain.glow(radius, strength)
        sky.paste(palette.light, (sun_at[0] - radius, sun_at[1] - radius), halo)
    # Dithering: eight bits of colour are too few for a slow gradient and would show bands.
    return Image.blend(sky, terrain.noise(sky.size, stage.random), 0.012)


def sun(palette: Palette, stage: Stage, at: tuple[int, int]) -> Layer:
    radius = int(stage.height * stage.random.uniform(0.04, 0.075))
    disc = Image.new("L", (stage.width, radius * 2 + 4))
    disc.paste(terrain.ball(radius), (at[0] - radius, 2))
    picture = Image.new("RGB", disc.size, mixed(palette.light, (255, 255, 255), 0.35))
    layer = stage.layer(picture, disc, at[1] - radius, 0.0)
    return replace(layer, rise=0.11 * stage.unit)


def clouds(palette: Palette, stage: Stage, horizon: int) -> Layer:
    speed = 0.55 * stage.unit
    size = (stage.span(speed), horizon * 7 // 20 * 2)
    mask = ImageChops.multiply(terrain.clouds(size, stage.random), terrain.slope(size, 90, 235))
    colour = mixed(palette.light, palette.sky[2], 0.3)
    return stage.layer(Image.new("RGB", size, colour), mask, 0, speed)


def veil(palette: Palette, stage: Stage, horizon: int) -> Shimmer:
    speed = 1.6 * stage.unit
    size = (stage.span(speed), horizon - horizon % 2)
    one, other = (
        terrain.curtain(size, stage.random).point(lambda value: min(255, 60 + value * 2))
        for _ in range(2)
    )
    wide = terrain.curtain((stage.width, size[1]), stage.random)
    coarse = wide.resize((stage.width // 24, size[1] // 10))
    shape = coarse.resize(wide.size, Image.Resampling.BICUBIC).point(_bright)
    # Only the rows that shine are painted.
    _, top, _, bottom = shape.getbbox() or (0, 0, 0, 2)
    top -= top % 2
    one, other, shape = (
        picture.crop((0, top, picture.width, bottom)) for picture in (one, other, shape)
    )
    return Shimmer(
        one=one, other=other, shape=shape, colour=to_yuv(palette.accent), top=top, speed=speed
    )


def _bright(value: int) -> int:
    return max(0, min(235, int(value * 2.7) - 16))
