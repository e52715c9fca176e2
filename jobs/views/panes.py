"""The boxes in which takes are compared, for the team's page and for a client's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from jobs.models import Job, Rendition, User, visible
from jobs.providers.base import Kind, lines_of

MOST = 4
"""As many as fit on a screen, and as a browser loads at once from one host beside its page."""
ROOM = 3.8
"""The widths of all boxes of one height, in heights, up to which they stand in one row."""
SQUARE_UP_TO = 5 / 4
"""A film of 4:3 has less black beside it in a wide box than above it in a square one on a phone."""
SHAPES = {"wide": 16 / 9, "square": 1.0, "tall": 9 / 16}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One take that is compared: its name, its film at all sizes, and what is known of both."""

    key: str
    """Names it among its page's elements."""
    name: str
    """Its short name, which tells it from the others: Take 2, Video 1."""
    title: str
    """The name in full, with words of people, isolated."""
    shape: str
    """wide, square or tall."""
    files: Sequence[tuple[str, Rendition]]
    """Address and file of its film, the smallest first; empty while it cannot be played."""
    poster: str = ""
    of: Any = None
    """What its page knows of it beyond that: a card, or a take of a link."""

    @property
    def is_playable(self) -> bool:
        return bool(self.files)

    @property
    def first(self) -> str:
        """The address that plays without script: the least to load."""
        return self.files[0][0]

    @property
    def sizes(self) -> str:
        """Every address with the lines of its picture, of which js/compare.js chooses."""
        return ", ".join(f"{url} {lines_of(file.resolution)}" for url, file in self.files)

    @property
    def seconds(self) -> Decimal | None:
        return self.files[-1][1].seconds if self.files else None

    @property
    def rate(self) -> str:
        """Frames a second, as a fraction; '' where that is not known."""
        return self.files[0][1].frame_rate

    @property
    def size(self) -> tuple[int, int]:
        """Pixels of the film that plays without script, by which its box has its shape."""
        file = self.files[0][1]
        return file.width or 1280, file.height or 720


def shape_of(file: Rendition | None, aspect_ratio: str) -> str:
    """wide, square or tall: as the film is, and before there is one as it was ordered."""
    if file and file.width and file.height:
        ratio = file.width / file.height
    else:
        across, _, down = aspect_ratio.partition(":")
        # What follows its image has none of its own.
        ratio = int(across) / int(down) if down else SHAPES["wide"]
    if 1 / SQUARE_UP_TO <= ratio <= SQUARE_UP_TO:
        return "square"
    return "wide" if ratio > 1 else "tall"


def layout_of(panes: Sequence[Pane]) -> str:
    """The classes of the boxes' list: a row or two of them, and how many there are of each shape.

    Boxes of a row have one height, those of a grid one size.
    """
    shapes = [pane.shape for pane in panes]
    counts = [f"{name}-{shapes.count(name)}" for name in SHAPES]
    width = sum(SHAPES[name] for name in shapes)
    return " ".join(["row" if width <= ROOM else "grid-of-two", *counts])


def compare_address(job: Job, viewer: User, changed: Job | None = None) -> str:
    """Where this video stands beside those it is best compared with; '' where there are none.

    Takes of one order, else what was made from the same, else what it was extended from, or the
    video that it changes, where the viewer may see that.
    """
    if job.take_group:
        query: list[tuple[str, object]] = [("group", job.take_group)]
    elif visible.rows(viewer, "made from the same", _alike, job.likeness, job.pk):
        query = [("like", job.pk)]
    elif before := changed or (job.source_seen_by(viewer) if job.kind == Kind.EXTEND else None):
        query = [("take", before.pk), ("take", job.pk)]
    else:
        return ""
    return f"{reverse('compare')}?{urlencode(query)}"


def _alike(viewer: User, likeness: str, job_id: UUID) -> QuerySet[Job, UUID]:
    alike = Job.objects.visible_to(viewer).takes().like_any([likeness]).exclude(pk=job_id)
    return alike.order_by().values_list("pk", flat=True)[:1]
