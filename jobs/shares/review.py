"""The words of visitors about a link's takes, and the team's answers. Everything is added, nothing
overwritten: two visitors at once are two notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from jobs import clock
from jobs.models import Job, ReviewNote, SharedTake, ShareLink, User
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES
from jobs.shares.takes import places_of, root_of
from jobs.shares.upgrading import start
from jobs.tokens import hash_token

VERDICTS = (ReviewNote.Kind.PICK, ReviewNote.Kind.APPROVE, ReviewNote.Kind.CHANGES)
SAID_MAX, SAID_SECONDS = 30, 600
"""Notes that one link takes within so many seconds, whoever writes them."""
NOTES_MAX = 500
"""In all on one link."""


class NoteRefused(Exception):
    """The note is not accepted; `user_message` says why."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


def is_under_review(job: Job) -> bool:
    """Some visitor could say something of this video right now."""
    links = ShareLink.objects.open().filter(takes_notes=True)
    return SharedTake.objects.of_job(job).filter(link__in=links).exists()


@dataclass(frozen=True, slots=True)
class Opinion:
    """The judgement of one visitor on the takes by now."""

    note: ReviewNote
    place: int | None
    """Of the take, on the link's page; None where its file is gone."""


def say(
    link: ShareLink,
    take: SharedTake,
    kind: str,
    *,
    name: str,
    visitor: str,
    text: str = "",
    seconds: Decimal | None = None,
) -> ReviewNote:
    """Note what a visitor says; the first pick has the larger copy made that is held for.

    Raises `NoteRefused`, also of a link that is over since it was found.
    """
    with transaction.atomic():
        # Locked until the end: of many at once each sees those before it.
        ShareLink.objects.filter(pk=link.pk).update(title=F("title"))
        # Only now is it certain what it is: a pick after this may cost its owner something.
        rows = ShareLink.objects.open().filter(token_hash=link.token_hash, password=link.password)
        now = rows.filter(pk=link.pk).first()
        if now is None:
            raise NoteRefused("This link has ended.")
        if not now.takes_notes:
            raise NoteRefused("Comments are closed on this link.")
        # Counted apart: no flood of comments keeps the client from picking.
        counted = VERDICTS if kind in VERDICTS else (ReviewNote.Kind.COMMENT,)
        said = link.notes.filter(author=None, kind__in=counted)
        if said.filter(created_at__gt=clock.after(-SAID_SECONDS)).count() >= SAID_MAX:
            raise NoteRefused(
                "There were many comments just now. Wait a few minutes, then send yours."
            )
        if said.count() >= NOTES_MAX:
            raise NoteRefused(
                "This link can’t take more comments. Ask whoever sent it for a new one."
            )
        note = ReviewNote.objects.create(
            link=link,
            take=take,
            kind=kind,
            name=name,
            visitor=hash_token(visitor),
            text=text,
            seconds=seconds,
        )
        _show(take)
        if kind == ReviewNote.Kind.PICK:
            start(link, take, name)
    return note


@transaction.atomic
def answer(note: ReviewNote, text: str, by: User) -> ReviewNote:
    """Say something back; visitors of the link see it."""
    made = ReviewNote.objects.create(
        link=note.link,
        take=note.take,
        kind=ReviewNote.Kind.ANSWER,
        answer_to=note,
        author=by,
        text=text,
    )
    _show(note.take)
    return made


@transaction.atomic
def resolve(note: ReviewNote, by: User) -> bool:
    """Note that it is dealt with; true if it was still open."""
    rows = ReviewNote.objects.filter(pk=note.pk).open()
    if not rows.update(resolved_at=Now(), resolved_by=by):
        return False
    _show(note.take)
    return True


def opinions(link: ShareLink) -> Iterator[Opinion]:
    """The last word of each visitor: what they picked, approved or want changed."""
    said = link.notes.filter(kind__in=VERDICTS)
    last = {note.visitor: note for note in said.select_related("take")}
    places = places_of(link)
    for note in sorted(last.values(), key=lambda each: each.pk):
        yield Opinion(note, places.get(note.take_id))


def _show(take: SharedTake) -> None:
    """Let open pages of its job see that something was said."""
    root = root_of(take.rendition.job)
    copies = Job.objects.filter(source=root, kind__in=UPGRADES)
    # The video before what is made of it, as everybody takes them. What awaits a pick is another
    # link's: two that stand for each other's takes would wait in a circle.
    for rows in (Job.objects.filter(Q(pk=root)), copies.exclude(status=Status.AWAITING_PICK)):
        rows.update(version=F("version") + 1, changed_at=Now())
