"""A landscape that drifts: a still sky and the things that move before it."""

from dataclasses import dataclass, field

from jobs.practice.film.ground import ground
from jobs.practice.film.palettes import Palette, choose
from jobs.practice.film.planes import Planes, to_planes
from jobs.practice.film.sky import clouds, sky, sun, veil
from jobs.practice.film.stage import Stage, Thing


@dataclass
class Scene:
    """A still background and the things that move before it, from far to near."""

    palette: Palette
    background: Planes
    moving: list[Thing] = field(default_factory=list)


def build(prompt: str, stage: Stage) -> Scene:
    """The scene of a prompt; the stage's chance decides what the words leave open."""
    palette = choose(prompt, stage.random)
    horizon = int(stage.height * stage.random.uniform(0.5, 0.58))
    sun_at = (
        int(stage.width * stage.random.uniform(0.24, 0.76)),
        int(horizon * stage.random.uniform(0.45, 0.72)),
    )
    backdrop = sky(palette, stage, horizon, sun_at)
    scene = Scene(palette, to_planes(backdrop, stage.stride, stage.half_stride))
    scene.moving.append(sun(palette, stage, sun_at))
    if palette.veil:
        scene.moving.append(veil(palette, stage, horizon))
    else:
        scene.moving.append(clouds(palette, stage, horizon))
    scene.moving.extend(ground(palette, stage, horizon, backdrop, sun_at[0]))
    return scene
