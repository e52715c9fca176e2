"""Takes up a database that was restored, before anything is sent from it.

What it would send may have been sent, and paid for, after the moment it tells of. Nobody can know
that, so nothing is guessed: it needs a look, and a person decides. See DECISIONS.md.
"""

from __future__ import annotations

import logging

from django.db import IntegrityError, transaction
from django.utils.translation import ngettext

from jobs import batches, lifecycle, lives, mail, queue
from jobs.models import AuditEvent, Life
from jobs.times import moments

logger = logging.getLogger(__name__)


def recognize() -> Life | None:
    """Count a sign of life of this database; if it was restored, begin a new one of it.

    Called before workers and the follower start, twice a minute after that, and wherever a claim
    found it out. Returns the life that began, if one did.
    """
    try:
        with transaction.atomic():
            memory = lives.notch()
    except lives.PutBack:
        try:
            return begin_anew()
        except IntegrityError:
            logger.info("another process takes up the restored database")
            return None
    lives.remember(memory)
    return None


def begin_anew(reason: str = "", *, moved: bool = False) -> Life | None:
    """Put in doubt whatever may have been sent since, and begin a new life, both at once.

    For this reason, else only if the database looks as if it was restored. With `moved` nothing
    is put in doubt: somebody vouches that nothing was sent.
    """
    with transaction.atomic():
        life = lives.begin(reason)
        if life is None:
            return None
        _calm(life, moved=moved)
    lives.remember(lives.Memory(str(life.pk), 1))
    if not moved:
        logger.critical(
            "the database was restored to how it was at %s: %s %s, see Team, To do",
            life.left_off_at,
            life.reason,
            looks(life),
        )
    return life


def looks(life: Life) -> str:
    """How much of what was waiting to be sent needs a look now."""
    number = life.doubted
    if not number:
        return "Nothing was waiting to be sent"
    return ngettext("%d video needs a look", "%d videos need a look", number) % number


def _calm(life: Life, *, moved: bool) -> None:
    """Let nothing that stands in it go on by itself."""
    queue.forget()
    if moved:
        Life.objects.filter(pk=life.pk).update(left_off_at=None, reason="")
    else:
        text = explained(life)
        mail.forget_unsent()
        batches.stop_all(f"Not ordered. {text}")
        life.doubted = lifecycle.doubt_unsent(text)
        Life.objects.filter(pk=life.pk).update(doubted=life.doubted)
    AuditEvent.objects.create(
        actor=None,
        action="database moved" if moved else "database restored",
        subject="database",
        before=f"as of {_moment(life)}",
        after="" if moved else looks(life),
        reason=life.reason,
    )


def explained(life: Life) -> str:
    """What people are told of a video that may have been sent."""
    return (
        f"The database was restored to how it was on {_moment(life)}. This may have been sent to "
        "the provider after that, so we don’t send it again."
    )


def _moment(life: Life) -> str:
    return moments.in_words(life.left_off_at) if life.left_off_at else "an unknown day"
