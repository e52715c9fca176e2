"""The cursor of the one poll per tab: what changed since, or nothing at all.

The cursor names the newest change seen and lists the changes close before it. Rows may commit a
little out of order, so the last two seconds are looked at again each time; the list tells which of
them are new, so that in a team where something always changes nothing is sent twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.http import HttpResponse

from jobs.ledger import Standing
from jobs.models import Job, User, prepared, visible
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.status import Status
from jobs.views.jobs.cards.kept.dealing import DealtCard

Row = tuple[UUID, int, datetime, UUID | None]
"""A job, its version, its latest change, and what it was made of."""

OVERLAP = timedelta(seconds=2)
LOOK_BACK = timedelta(minutes=2)
NEWEST = 24
"""Changes that a page asks for: seldom are there more within the overlap."""
CHANGES_MAX = 1000
"""More than a tab sleeps through; only the cards that it shows are rendered."""
LISTED_MAX = 40
"""Changes that a cursor lists: an address holds no more of everything."""
MANY = "~"
UNDER_WAY = (Status.QUEUED, Status.SUBMITTING, Status.RUNNING)
MOVING_SECONDS, DOUBTFUL_SECONDS, IDLE_SECONDS = 2, 15, 30
WATCHING_SECONDS, CROWDED_SECONDS = 3, 5
"""While what moves is colleagues' alone, and while it is that much."""
CROWD = 8
"""Cards of one answer. Of more nobody follows each, and for every tab they are read and sent."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The jobs that changed, and the cursor to ask with next time."""

    ids: tuple[UUID, ...]
    cursor: str
    is_new: bool
    sources: frozenset[UUID] = frozenset()
    """What some of them were made of, whose cards change with them."""
    is_known: bool = True
    """The cursor tells the state that was found; else nothing has changed that was looked at."""
    beside: tuple[object, ...] = ()
    """What the question was answered beside, the same with each row."""


def newest(jobs: Jobs, number: int = NEWEST) -> QuerySet[Job, Row]:
    """The latest changes among these."""
    rows = jobs.order_by("-changed_at").values_list("pk", "version", "changed_at", "source")
    return rows[:number]


def changed_after(jobs: Jobs, moment: datetime) -> QuerySet[Job, Row]:
    """The latest changes since then."""
    return newest(jobs.filter(changed_at__gt=moment), CHANGES_MAX)


def changed_within(belongs: Q, moment: datetime) -> QuerySet[Job, Row]:
    """The latest changes since then of what belongs to a page, and of whatever was moved since: it
    may stand on the page and belong there no longer.
    """
    moved = Q(moved_at__gt=moment)
    return changed_after(Job.objects.filter(belongs | moved if belongs else belongs), moment)


def cursor_of(rows: Sequence[Row], ask: Callable[[datetime], Iterable[Row]]) -> str:
    """The cursor of a page that is being rendered, by the `newest` changes. Where so much changed
    just now that these are not all of it, by what `ask` finds that changed after a moment.
    """
    if len(rows) == NEWEST and rows[-1][2] > (earliest := rows[0][2] - OVERLAP):
        rows = list(ask(earliest))
    return _changes(rows, rows[0][2] if rows else datetime.now(UTC)).cursor


def cursor_of_all(viewer: User) -> str:
    """That of a page of everything that this person may see."""
    ask = partial(visible.rows, viewer, "newest of all after", _newest_of_all)
    return cursor_of(visible.rows(viewer, "newest of all", _newest_of_all), ask)


def _newest_of_all(viewer: User, *after: datetime) -> QuerySet[Job, Row]:
    jobs = Job.objects.visible_to(viewer)
    return changed_after(jobs, *after) if after else newest(jobs)


def since(cursor: str, ask: Callable[[datetime], Iterable[Row]]) -> Changes:
    """Find what changed after the cursor, by what `ask` finds that changed after a moment, the
    latest first. Raises ValueError for a bad cursor.
    """
    stamp, _, seen = cursor.partition("-")
    try:
        moment = datetime.fromtimestamp(float(stamp), UTC)
        earlier = moment - OVERLAP
        rows = list(ask(earlier))
    except (OverflowError, OSError) as error:
        raise ValueError("no moment that there is") from error
    if not rows:
        return Changes((), f"{stamp}-{seen or 0}", not seen, is_known=False)
    return _changes(rows, moment, seen)


def announcements(cards: Iterable[DealtCard], changes: Changes) -> list[str]:
    """What is told aloud of these cards: what happened, and not what somebody thinks of them."""
    return [card.told for card in cards if card.told and card.job.pk in changes.ids]


def shown_of(jobs: Iterable[UUID], known: Container[str]) -> set[UUID]:
    """Those of these whose cards a page has told that it shows."""
    return {job for job in jobs if job.hex[:12] in known}


def _changes(rows: Sequence[Row], moment: datetime, seen: str = "") -> Changes:
    newest = max(rows[0][2], moment) if rows else moment
    listed = _listed(row for row in rows if row[2] > newest - OVERLAP)
    if seen.startswith(MANY):
        new = rows if listed != seen else []
    else:
        known = set(seen.split("."))
        new = [row for row in rows if _named(row) not in known]
    return Changes(
        tuple(row[0] for row in new),
        f"{newest.timestamp():.6f}-{listed}",
        bool(new) or not seen,
        frozenset(row[3] for row in new if row[3]),
        is_known=bool(rows),
        beside=rows[0][4:] if rows else (),
    )


def _listed(rows: Iterable[Row]) -> str:
    """These changes as a cursor lists them; of many only a fingerprint."""
    names = sorted(map(_named, rows))
    if len(names) > LISTED_MAX:
        return MANY + hashlib.blake2s("".join(names).encode(), digest_size=6).hexdigest()
    return ".".join(names) or "0"


def _named(row: Row) -> str:
    return f"{row[0].hex[:8]}{row[1]:x}"


def cursor_before_now() -> str:
    """A cursor that brings once more what changed lately, for a page that missed some of it."""
    return f"{(datetime.now(UTC) - LOOK_BACK).timestamp():.6f}-"


def nothing_new() -> HttpResponse:
    """The answer to almost every poll, so without headers that only a document needs."""
    response = HttpResponse(status=204)
    del response.headers["Content-Type"]
    for switch in ("xframe_options_exempt", "_csp_exempt"):  # Django's own, and django-csp's
        setattr(response, switch, True)
    return response


def interval_by(statuses: Iterable[str]) -> int:
    """Seconds until the first poll, by what is here; it says itself when the next one is due."""
    is_moving = any(status in UNDER_WAY for status in statuses)
    return MOVING_SECONDS if is_moving else IDLE_SECONDS


def interval(jobs: Jobs) -> int:
    """Seconds until the next poll: what rests may be built on, and a colleague may begin something
    at any time. One query.
    """
    return interval_of(pace(jobs))


def interval_of(answered: Iterable[int]) -> int:
    """The same, of the answer to `pace`."""
    return next(iter(answered), IDLE_SECONDS)


def as_seen_by(seconds: int, standing: Standing | None, brought: int = 0) -> int:
    """The same for who holds no credits, and so has nothing under way that is their own.

    `brought`: the cards that come with the answer.
    """
    if standing and standing.held:
        return seconds
    return max(seconds, CROWDED_SECONDS if brought > CROWD else WATCHING_SECONDS)


def pace(jobs: Jobs) -> QuerySet[Job, int]:
    """The question for it; no row where there is no job at all."""
    seconds = Case(
        When(jobs.moving(), then=MOVING_SECONDS),
        When(jobs.doubtful(), then=DOUBTFUL_SECONDS),
        default=IDLE_SECONDS,
        output_field=IntegerField(),
    )
    # Any one row will do: the answer is the same for each.
    return Job.objects.order_by().values_list(seconds, flat=True)[:1]


def is_anything_open() -> bool:
    """Anybody's waits for somebody, or for its file. One query, put together once."""
    return any(prepared.rows("anything open", _open))


def _open() -> QuerySet[Job, int]:
    number = Case(When(Job.objects.doubtful(), then=1), default=0, output_field=IntegerField())
    return Job.objects.order_by().values_list(number, flat=True)[:1]
