"""The videos that a request is about, for whatever is done with several at once.

They are named one by one, or as all that the library found: then by its filters, with how many of
them were seen, when, and a digest of which, so that nobody does to others what they meant for
those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, cast
from uuid import UUID

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from jobs import library
from jobs.forms import LibraryForm, digits
from jobs.forms.library.choosing import VideosField
from jobs.letters import counts
from jobs.letters.explained import Explained
from jobs.models import User
from jobs.models.jobs.job import Jobs
from jobs.times import moments

MATCHING, SEEN = "matching", "seen"
UNREADABLE = "That selection can’t be read any more. Select the videos again."


class NoneMeant(Explained):
    """The request names no videos, or too many; `user_message` says which."""


def videos_meant(request: HttpRequest, *, at_least: int = 0) -> list[UUID]:
    """The ids of the videos that are named, as ticks, by a card's button or in the address, each
    once, in their order; or with `matching` of all that the library finds by these filters.

    Whether they are there, and whether this person may see them, is not looked at. Raises
    `NoneMeant`.
    """
    given = _given(request)
    if all_meant(request):
        return _all_that_match(given, cast("User", request.user))
    one = _one(given)
    try:
        ids: list[UUID] = VideosField(required=False).clean(
            [one] if one else given.getlist("video")
        )
    except forms.ValidationError as error:
        raise NoneMeant(" ".join(error.messages)) from error
    if len(ids) < at_least:
        raise NoneMeant("Choose at least one video.")
    return list(dict.fromkeys(ids))


def all_meant(request: HttpRequest) -> list[tuple[str, str]]:
    """What names all that the library found once more, in an address or a further form: of videos
    one by one neither holds as many. Empty where the request names them one by one.
    """
    given = _given(request)
    if MATCHING not in given or _one(given):
        return []
    return [(name, given.get(name, "")) for name in (MATCHING, SEEN)]


def _given(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _one(given: QueryDict) -> str:
    """By a button of one card, which is in the form of all that are ticked, and names its own."""
    return given.get("one", "").rpartition(" ")[2]


def as_seen(ids: Collection[UUID] | None) -> str:
    """What a page found just now, for `seen`: how many, when, and which; None for more than can be
    meant at once.
    """
    return f"{counts.number_of(ids)}-{moments.as_number(timezone.now())}-{_digest(ids or ())}"


class Seen(NamedTuple):
    """The same, as it came back."""

    total: int
    moment: datetime
    digest: str


def seen_in(text: str) -> Seen:
    """Raises `NoneMeant`."""
    number, _, rest = text.partition("-")
    moment, _, digest = rest.partition("-")
    total, microseconds = digits(number), digits(moment, moments.NUMBER_LENGTH)
    if total is None or microseconds is None:
        raise NoneMeant(UNREADABLE)
    if total > counts.COUNTED_MAX:
        raise NoneMeant(f"Choose up to {counts.COUNTED_MAX:,} videos at once: add a filter first.")
    return Seen(total, moments.of_number(microseconds), digest)


def still_as_seen(found: Jobs, seen: Seen) -> list[UUID]:
    """The ids of these, in their order, where they are those that were seen and no others.

    Raises `NoneMeant`.
    """
    ids = list(found.values_list("pk", flat=True)[: seen.total + 1])
    if len(ids) > seen.total:
        raise NoneMeant(
            f"More than the {seen.total:,} videos that you saw match by now, so nothing was "
            "changed. Look at them again first."
        )
    if not ids:
        raise NoneMeant("None of those videos matches any more.")
    if _digest(ids) != seen.digest:
        raise NoneMeant(
            "What matches has changed, so nothing was done. Look again and tick once more."
        )
    return ids


def _digest(ids: Iterable[UUID]) -> str:
    """Which they are, in whatever order."""
    return sha256(b"".join(sorted(each.bytes for each in ids))).hexdigest()[:16]


def _all_that_match(given: QueryDict, user: User) -> list[UUID]:
    seen = seen_in(given.get(SEEN, ""))
    # It begins with a question mark, so that all without a filter are not nothing.
    form = LibraryForm(QueryDict(str(given[MATCHING]).removeprefix("?")[:2000]), user=user)
    if not form.is_valid():
        raise NoneMeant(UNREADABLE)
    found = form.sought.of(user).filter(created_at__lte=seen.moment)
    return still_as_seen(library.newest_first(found), seen)
