"""From a checked submission to the task and the film it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jobs.practice.book.accounts import Account
from jobs.practice.book.tasks import Task, given
from jobs.practice.faults.tags import Tags
from jobs.practice.film import FilmSpec, size_of
from jobs.practice.kinds import UPGRADES, TaskKind
from jobs.practice.life.practice import Practice


@dataclass(frozen=True)
class Order:
    """A checked submission in words that both providers share.

    ``length`` is in seconds: for an extension, of the new part alone.
    """

    provider: str
    task_id: str
    account: Account
    params: Mapping[str, Any]
    price: int
    resolution: str
    ratio: str
    length: int
    model: str
    callback_url: str
    kind: TaskKind = TaskKind.GENERATE
    source: Task | None = None
    images: Sequence[str] = ()

    @property
    def prompt(self) -> str:
        """The prompt as it was sent. Not of an upgrade, which has none."""
        return str(given(self.params)["prompt"])

    @property
    def enlarges(self) -> Task | None:
        """The video that an upgrade enlarges; None for all else."""
        return self.source if self.kind in UPGRADES else None


def task_of(practice: Practice, order: Order, caption: str, tags: Tags) -> Task:
    """The task of a submission, not yet accepted."""
    resolution = "720p" if "fallback" in tags else order.resolution
    seconds = tags.number("seconds", practice.options.seconds)
    # A task whose whole length is given does not wait on top of it.
    waiting = 0.0 if "seconds" in tags else practice.options.queue_seconds
    source = order.source
    return Task(
        id=source.id if source is not None and "same-id" in tags else order.task_id,
        kind=order.kind,
        provider=order.provider,
        account=order.account,
        source=source,
        params=order.params,
        caption=caption,
        tags=tags,
        film=_film(practice, order, caption, resolution),
        images=order.images,
        ratio=order.ratio,
        resolution=resolution,
        price=Decimal(order.price),
        queue_seconds=tags.number("queue", waiting),
        seconds=seconds,
        callback_url=order.callback_url,
    )


def _film(practice: Practice, order: Order, caption: str, resolution: str) -> FilmSpec:
    width, height = size_of(resolution, order.ratio)
    told, images = given(order.params), len(order.images)
    seed = told.get("seeds", told.get("seed"))
    facts = ["PRACTICE", order.model, f"seed {seed}" if seed else "", resolution]
    changed = told.get("video_list")
    if changed:
        facts.append(f"changed from {changed[0]['start']} to {changed[0]['ends']} s")
    if images:
        facts.append("from 1 image" if images == 1 else f"from {images} images")
    film = FilmSpec(
        caption=caption,
        label="  \u00b7  ".join(fact for fact in facts if fact),
        width=width,
        height=height,
        seconds=order.length,
        fps=practice.options.fps,
        keeps=bool(changed),
    )
    if order.source is not None:
        film = _after(film, order.kind, order.source.film)
    return practice.films.spec(film)


def _after(film: FilmSpec, kind: TaskKind, source: FilmSpec) -> FilmSpec:
    """The film as it is with a source: the same landscape, larger or going on."""
    film = replace(film, like=source.look)
    if kind not in UPGRADES:
        return replace(film, width=source.width, height=source.height, before=source)
    if (source.width < source.height) is not (film.width < film.height):
        film = replace(film, width=film.height, height=film.width)
    return replace(film, opening=source.opening)
