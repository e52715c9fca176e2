"""Which life this database is in, and whether it is the one that this machine remembers.

A database that was restored looks as one does that was never anything else: what it is about to
send may have been sent and paid for. So it counts its notches, one for each claim of a paid
request, and each machine keeps outside of it, in VAR_DIR, how far it had come. Counts do not depend
on clocks, and they never go back by themselves. See DECISIONS.md.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from fcntl import LOCK_EX, flock
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from jobs.machine import disk
from jobs.machine.outages import described
from jobs.models import Job, Life, Lifeline, prepared
from jobs.times import clock

logger = logging.getLogger(__name__)

UNKNOWN_SECONDS = 120
"""A machine that remembers nothing believes a database that was alive so lately: others work on
it, or it worked on it itself before its memory was thrown away."""


class PutBack(Exception):
    """This is not the database as it was: it was restored. Nothing may be sent from it yet."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Memory:
    """How far a life of the database had come when this machine last saw it."""

    life: str
    notches: int


def notch() -> Memory:
    """Count one more notch, locked until the transaction ends that this is called in.

    Raises `PutBack`. What is returned is to be remembered once that is committed, before anything
    is sent.
    """
    lifeline, reason = _looked_at()
    if reason:
        raise PutBack(reason)
    if lifeline is None:
        lifeline = _first()
    prepared.update("notched", _line, {"notches": F("notches") + 1, "alive_at": Now()})
    return Memory(str(lifeline.life_id), lifeline.notches + 1)


def begin(reason: str = "") -> Life | None:
    """Begin a new life of a database that was restored: for this reason, else if it looks so.

    Call in a transaction: nobody claims anything until that ends.
    """
    lifeline, doubt = _looked_at()
    reason = reason or doubt
    if not reason:
        # Another process came first.
        return None
    moment = _left_off_at(lifeline)
    if known := remembered():
        # Other machines remember it too, and are to see that it was given up.
        Life.objects.get_or_create(pk=known.life, defaults={"began_at": moment})
    life = Life.objects.create(reason=reason, left_off_at=moment)
    if lifeline is None:
        # Of two processes that come to this at once the second fails here, and looks again.
        Lifeline.objects.create(life=life, notches=1)
    else:
        Lifeline.objects.filter(pk=1).update(life=life, notches=1, alive_at=Now())
    life.refresh_from_db()
    return life


def remember(memory: Memory) -> None:
    """Keep on this machine's disk how far the database has come, unless it knows of more."""
    path = Path(settings.LIFE_FILE)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path):
            before = remembered()
            if before and before.life == memory.life and before.notches >= memory.notches:
                return
            draft = path.with_suffix(".tmp")
            with draft.open("w", encoding="ascii") as file:
                json.dump(asdict(memory), file)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
            disk.sync(path.parent)
    except OSError as error:
        # No reason to stop work: only a restore at this very moment would go unnoticed.
        said = "cannot keep in %s how far the database has come: %s"
        logger.error(said, path, described(error))


def remembered() -> Memory | None:
    """What this machine knows of the database; None where it knows nothing."""
    try:
        kept = json.loads(Path(settings.LIFE_FILE).read_text(encoding="ascii"))
        return Memory(str(UUID(kept["life"])), int(kept["notches"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = "cannot read %s, so this machine remembers no database: %s"
        logger.error(said, settings.LIFE_FILE, described(error))
        return None


def note_backup() -> None:
    """Say in the database itself that a backup of it begins now."""
    with transaction.atomic():
        lifeline = _locked() or _first()
        Life.objects.filter(pk=lifeline.life_id).update(backed_up_at=Now())


def _looked_at() -> tuple[Lifeline | None, str]:
    """The lifeline, locked, and why this is taken for a restored database; else no reason."""
    lifeline = _locked()
    reason = _doubt(lifeline)
    if reason and lifeline is None and (lifeline := _locked()):
        # A life and its line are made at once, by another process between these two looks.
        reason = _doubt(lifeline)
    return lifeline, reason


def _locked() -> Lifeline | None:
    rows = prepared.rows("lifeline", lambda: _line().select_for_update())
    return rows[0] if rows else None


def _line() -> QuerySet[Lifeline]:
    return Lifeline.objects.filter(pk=1)


def _first() -> Lifeline:
    """The lifeline of a database that nobody has worked on before."""
    try:
        with transaction.atomic():
            return Lifeline.objects.create(life=Life.objects.create())
    except IntegrityError:
        return Lifeline.objects.select_for_update().get(pk=1)


def _doubt(lifeline: Lifeline | None) -> str:
    """The reason to take this for a restored database; empty where there is none."""
    known = remembered()
    if known and lifeline and known.life == str(lifeline.life_id):
        is_earlier = lifeline.notches < known.notches
        return "This machine remembers a later state of it." if is_earlier else ""
    if lifeline is None and Life.objects.exists():
        return "It was loaded from a backup."
    if not Job.objects.exists():
        # Made anew, where another one was before.
        return ""
    if known and not Life.objects.filter(pk=known.life).exists():
        return "This machine remembers a life of it that it does not know itself."
    if lifeline and lifeline.notches and not _is_alive():
        return "This machine does not know it, and nothing has worked on it of late."
    return ""


def _is_alive() -> bool:
    span = (clock.after(-UNKNOWN_SECONDS), clock.after(UNKNOWN_SECONDS))
    return Lifeline.objects.filter(alive_at__range=span).exists()


def _left_off_at(lifeline: Lifeline | None) -> datetime:
    """The moment that a restored database tells of, as far as it knows that itself."""
    if lifeline is not None:
        return lifeline.alive_at
    life = Life.objects.first()
    if life is not None:
        return life.backed_up_at or life.began_at
    newest = Job.objects.order_by("changed_at").last()
    return newest.changed_at if newest else timezone.now()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process of this machine at a time."""
    with path.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield
