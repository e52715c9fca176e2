"""The words of visitors about a link's takes, and the team's answers. Two visitors at once are two
notes; of one visitor the latest verdict counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from jobs import limits, news
from jobs.letters.explained import Explained
from jobs.limits import Limit
from jobs.models import Job, ReviewNote, SharedTake, ShareLink, User, prepared
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES
from jobs.secrets.tokens import hash_token
from jobs.shares.takes import places_of, root_of
from jobs.shares.upgrading import start

VERDICTS = (ReviewNote.Kind.PICK, ReviewNote.Kind.APPROVE, ReviewNote.Kind.CHANGES)
OWN_MAX = 200
"""Notes of one kind that a visitor has on a link; and an address, before nobody new is heard."""
ADDRESS_MAX = 1000
"""Of all visitors from one address."""
NOTES_MAX = 2000
"""In all on one link, before nobody new is heard on it."""
AGAIN_WITHIN = timedelta(minutes=10)
"""The same words of a visitor are a form that was sent twice: its answer was slow, or got lost."""
BLOCKED = (
    "You can look at this link, but not comment on it. If you would like to, ask whoever sent you "
    "the link."
)


class NoteRefused(Explained):
    """The note is not accepted; `user_message` says why."""


def is_under_review(job: Job) -> bool:
    """Some visitor could say something of this video right now."""
    return bool(prepared.rows("under review", _open_to_notes, job.pk))


def _open_to_notes(job_id: UUID) -> QuerySet[SharedTake, int]:
    links = ShareLink.objects.open().filter(takes_notes=True)
    shown = SharedTake.objects.of_job(Job(pk=job_id)).filter(link__in=links)
    return shown.order_by().values_list("pk", flat=True)[:1]


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
    address: str = "",
    text: str = "",
    seconds: Decimal | None = None,
) -> ReviewNote:
    """Note what a visitor says; the first pick has the larger copy made that is held for. Of what
    is sent twice, one after the other, the note is there once.

    `visitor` is what their browser is known by, `address` what it is counted by without. Raises
    `NoteRefused`, also of a link that is over since it was found, and `limits.TooMany`.
    """
    is_verdict = kind in VERDICTS
    # Counted apart: who has commented a lot can still pick.
    said_as = "verdict" if is_verdict else "comment"
    limits.take(Limit.COMMENTS_OF_ADDRESS, link.pk, said_as, address)
    limits.take(Limit.COMMENTS, link.pk, said_as, visitor)
    whose = {"visitor": hash_token(visitor), "address": _hidden(address)}
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
        _refuse_more(link, VERDICTS if is_verdict else (ReviewNote.Kind.COMMENT,), **whose)
        words = {"take": take, "kind": kind, "name": name, "text": text, "seconds": seconds}
        said = _newest(link, whose["visitor"])
        # A pick is looked at again: what was in the way of its larger copy may be out of it.
        if said and kind != ReviewNote.Kind.PICK and _says(said, words):
            return said
        before = _replace(link, whose["visitor"]) if is_verdict else []
        note = ReviewNote.objects.create(link=link, **words, **whose)
        show(take, *before)
        news.said(note)
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
    show(note.take)
    return made


@transaction.atomic
def resolve(note: ReviewNote, by: User) -> bool:
    """Note that it is dealt with; true if it was still open."""
    rows = ReviewNote.objects.filter(pk=note.pk).open()
    if not rows.update(resolved_at=Now(), resolved_by=by):
        return False
    show(note.take)
    return True


def opinions(link: ShareLink) -> Iterator[Opinion]:
    """The last word of each visitor: what they picked, approved or want changed."""
    places = places_of(link)
    for note in link.notes.filter(kind__in=VERDICTS, is_replaced=False).select_related("take"):
        yield Opinion(note, places.get(note.take_id))


def show_verdicts(link: ShareLink) -> None:
    """Let open pages see that this link changed, where a take was judged on it."""
    judged = link.notes.filter(kind__in=VERDICTS, is_replaced=False)
    show(*(note.take for note in judged.select_related("take__rendition__job")))


def is_blocked(link: ShareLink, visitor: str, address: str) -> bool:
    """Nothing this visitor says on the link would be heard: they are blocked, or they are new on
    the network of somebody who is. `visitor` and `address` as for `say`.
    """
    return _is_blocked(link, hash_token(visitor), _hidden(address))


def _refuse_more(link: ShareLink, kinds: Sequence[str], *, visitor: str, address: str) -> None:
    """Raise `NoteRefused` where this visitor is not heard: blocked, or said too much already.

    What one of them does never silences those who have been heard before.
    """
    if _is_blocked(link, visitor, address):
        raise NoteRefused(BLOCKED)
    is_known = link.notes.filter(visitor=visitor).exists()
    said = link.notes.filter(author=None, kind__in=kinds)
    from_here = said.filter(address=address).count() if address else 0
    own = said.filter(visitor=visitor).count() if is_known else from_here
    if own >= OWN_MAX or from_here >= ADDRESS_MAX:
        raise NoteRefused("You have left as many comments as this link can take from one place.")
    if not is_known and said.count() >= NOTES_MAX:
        raise NoteRefused("This link can’t take more comments. Ask whoever sent it for a new one.")


def _is_blocked(link: ShareLink, visitor: str, address: str) -> bool:
    blocked = Q(visitor=visitor)
    if address:
        blocked |= Q(address=address)
    found = set(link.blocked.filter(blocked).values_list("visitor", flat=True))
    if not found:
        return False
    # Who was heard before is not taken for somebody else on the same network.
    return visitor in found or not link.notes.filter(visitor=visitor).exists()


def _newest(link: ShareLink, visitor: str) -> ReviewNote | None:
    """The last of what this visitor has said, if that was a moment ago."""
    notes = link.notes.filter(visitor=visitor, created_at__gt=Now() - AGAIN_WITHIN)
    return notes.order_by("-pk").first()


def _says(note: ReviewNote, words: Mapping[str, object]) -> bool:
    return all(getattr(note, name) == value for name, value in words.items())


def _replace(link: ShareLink, visitor: str) -> list[SharedTake]:
    """Have this visitor's earlier verdicts not count, on these takes; those without a word are
    forgotten.
    """
    earlier = link.notes.filter(kind__in=VERDICTS, visitor=visitor)
    counted = earlier.filter(is_replaced=False).select_related("take__rendition__job")
    takes = [note.take for note in counted]
    earlier.filter(text="", answers=None).delete()
    earlier.update(is_replaced=True)
    return takes


def _hidden(address: str) -> str:
    if not address:
        return ""
    return salted_hmac("jobs.shares.address", address, algorithm="sha256").hexdigest()


def show(*takes: SharedTake) -> None:
    """Let open pages of their jobs see that something was said."""
    roots = {root for take in takes if (root := root_of(take.rendition.job))}
    copies = Job.objects.filter(source__in=roots, kind__in=UPGRADES)
    # The videos before what is made of them, as everybody takes them. What awaits a pick is another
    # link's: two that stand for each other's takes would wait in a circle.
    for rows in (Job.objects.filter(pk__in=roots), copies.exclude(status=Status.AWAITING_PICK)):
        for job in rows.in_turn().values_list("pk", flat=True):
            Job.objects.filter(pk=job).show_changed()
