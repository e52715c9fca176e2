"""Pages of the library: each begins behind a video, so the last one is as quick as the first.

A place is a video and, where the order goes by something that people change, what that was: so a
page begins where the one before it ended, also after somebody has rated its last video. Moments
are compared in the database alone: SQLite keeps them as texts, of which Python knows one spelling.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q, Subquery, Value
from django.db.models.functions import Abs, Coalesce

from jobs.library.sought import all_of
from jobs.models import Job, User
from jobs.models.jobs.job import Jobs

PAGE_SIZE = 24


class Key(NamedTuple):
    """One of the things that an order goes by."""

    name: str
    is_down: bool
    write: Callable[[Any], str] | None = None
    """Into an address; None for what the video itself is asked for."""
    read: Callable[[str], Any] = str
    """Back from there. Raises ValueError."""


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of the library."""

    label: str
    keys: tuple[Key, ...]
    day: str = ""
    """The moment by whose days its videos stand together; empty where they do not."""
    goes_by_words: bool = False
    """Those with one word may stand close together, and far from its beginning."""


@dataclass(frozen=True, slots=True)
class Page:
    """The videos of one page, and where its neighbors begin; empty where there is none."""

    places: Mapping[UUID, str]
    """Each in its order, with the place behind which another page can begin."""
    days: Mapping[UUID, datetime]
    """The moment of each, where the order has days."""
    before: str
    after: str


def page_of(jobs: Jobs, sort: Sort, user: User, *, after: str = "", before: str = "") -> Page:
    """The page that begins behind a place, or ends in front of one. Raises ValueError for none,
    which the place of a video that this person may not see is as well.

    Two queries, or three behind a place; in an order that goes not by time those of `all_of`
    besides, which are asked once.
    """
    keys = [each._replace(is_down=not each.is_down) for each in sort.keys] if before else sort.keys
    place = before or after
    rows = _in_order(_to_sort(jobs, sort), sort, keys)
    if place:
        rows = rows.filter(_beyond(keys, _read(place, sort, user)))
    found = list(
        rows.values(*{"pk", sort.day or "pk", *(key.name for key in keys)})[: PAGE_SIZE + 1]
    )
    goes_on, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if before:
        found.reverse()
    places = {row["pk"]: _written(row, sort) for row in found}
    is_first, is_last = (not goes_on, False) if before else (not place, not goes_on)
    return Page(
        places=places,
        days={row["pk"]: row[sort.day] for row in found} if sort.day else {},
        before="" if is_first or not found else places[found[0]["pk"]],
        after="" if is_last or not found else places[found[-1]["pk"]],
    )


def _to_sort(jobs: Jobs, sort: Sort) -> Jobs:
    """The same jobs, for an order by whose index they can be read.

    By when they were ordered each index has them in which they are looked for. In any other order
    few are sorted once they are found; among very many it is not long until a page is full.
    """
    if sort.day == "created_at":
        return jobs
    ids = all_of(jobs)
    if ids is not None:
        return Job.objects.filter(pk__in=ids)
    by_words = jobs.from_texts() if sort.goes_by_words else None
    return jobs.met_in_order() if by_words is None else by_words


def _in_order(jobs: Jobs, sort: Sort, keys: Sequence[Key]) -> Jobs:
    named = {key.name for key in sort.keys}
    rows = jobs.annotate(**{name: each for name, each in COMPUTED.items() if name in named})
    ways = (F(key.name).desc() if key.is_down else F(key.name).asc() for key in keys)
    return rows.order_by(*ways)


def _beyond(keys: Sequence[Key], at: Mapping[str, Any]) -> Q:
    """What comes after this place in this order."""
    first, found, same = keys[0], Q(), Q()
    for key in keys:
        found |= same & Q(**{f"{key.name}__{'lt' if key.is_down else 'gt'}": at[key.name]})
        same &= Q(**{key.name: at[key.name]})
    # Said once more without an "or", by which an index leads to the place at once.
    return Q(**{f"{first.name}__{'lte' if first.is_down else 'gte'}": at[first.name]}) & found


def _written(row: Mapping[str, Any], sort: Sort) -> str:
    said = [key.write(row[key.name]) for key in sort.keys if key.write]
    return ".".join((*said, row["pk"].hex))


def _read(place: str, sort: Sort, user: User) -> dict[str, Any]:
    *said, hex_ = place.split(".")
    video = UUID(hex_)
    written = [key for key in sort.keys if key.write]
    # Also of one that has been thrown away meanwhile: what comes after it is still there.
    itself = Job.objects.known_to(user).filter(pk=video).order_by()
    takes = list(itself.values_list("take", flat=True))
    if not takes:
        raise ValueError("no such video")
    at: dict[str, Any] = {
        key.name: Subquery(itself.values(key.name))
        for key in sort.keys
        if key.name in ("created_at", "changed_at")
    }
    at |= {key.name: key.read(each) for key, each in zip(written, said, strict=True)}
    return at | {"pk": video, PLACE: takes[0] or 0}


def _as_text(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _text(said: str) -> str:
    try:
        text = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode()
    except binascii.Error as error:
        raise ValueError("no text") from error
    if "\0" in text:
        raise ValueError("no text that a database takes")
    return text


def _number(said: str) -> int:
    if not (said.isascii() and said.isdigit() and len(said) <= 9):
        raise ValueError("no number")
    return int(said)


PLACE, DOTS = "place_among_takes", "dots"
COMPUTED = {PLACE: Coalesce("take", Value(0)), DOTS: Abs("rating")}
"""What orders go by; of dots as the index job_best has them."""
_TAKES = (Key(PLACE, is_down=False), Key("pk", is_down=True))
"""Takes of one order were made at one moment: they stand in their own order."""
_NEWEST = (Key("created_at", is_down=True), *_TAKES)
SORTS: Mapping[str, Sort] = {
    "newest": Sort("Newest first", _NEWEST, day="created_at"),
    "oldest": Sort(
        "Oldest first",
        (Key("created_at", is_down=False), Key(PLACE, is_down=False), Key("pk", is_down=False)),
        day="created_at",
    ),
    "changed": Sort(
        "Last changed",
        (Key("changed_at", is_down=True), Key("pk", is_down=True)),
        day="changed_at",
    ),
    "longest": Sort(
        "Longest",
        (
            Key(
                "film_seconds",
                is_down=True,
                write=lambda seconds: str(int(seconds * 1000)),
                read=lambda said: Decimal(_number(said)) / 1000,
            ),
            *_NEWEST,
        ),
    ),
    "rated": Sort("Best rated", (Key(DOTS, True, str, _number), *_NEWEST)),
    "title": Sort(
        "Title",
        (Key("title_key", False, _as_text, _text), *_NEWEST),
        goes_by_words=True,
    ),
}
