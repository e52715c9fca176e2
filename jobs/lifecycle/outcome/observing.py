"""Take in the news of a job that was sent. Poll and callback meet here, and only here.

Everything is idempotent: late, repeated and reordered news leave states and credits as they are,
except that a video which turns up late is still delivered and paid for.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, DurationField, ExpressionWrapper, F, QuerySet, When
from django.db.models.functions import Coalesce, Least, Now

from jobs import ledger, queue
from jobs.lifecycle.moves import move, touch
from jobs.lifecycle.outcome.cadence import LATE_FACTOR, next_check_seconds
from jobs.lifecycle.outcome.charges import charge_for
from jobs.models import Job, Rendition, prepared
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES, Kind, Part, Snapshot, State
from jobs.times import clock

logger = logging.getLogger(__name__)

GRACE_SECONDS = 120
"""docs/contracts.md, kie 3: a record may not be there yet just after the task was created."""
MISSING_MAX = 3
TAILS_MAX = 10
"""Questions about an extension that ended without its film."""
_TAIL_SECONDS = 120
"""Such a film comes soon or never, however long the extension took or others do: asked as of a job
of this age, which is usual."""
_UNDER_WAY = (State.WAITING, State.RUNNING)
_FOUND_SECONDS = 60
_AGE = ExpressionWrapper(Now() - Coalesce("sent_at", "created_at"), output_field=DurationField())
"""The time since the job was sent, by the database's clock."""


def observe(job_id: UUID, snapshot: Snapshot, *, least_pause: float = 0.0) -> None:
    """Take in the provider's own word about a job, whoever caused us to ask.

    `least_pause`: seconds until it is asked about again, at least, if it is still under way.
    """
    found = prepared.rows("observed", _with_age, job_id)
    if not found:
        return
    job = found[0]
    if snapshot.state == State.SUCCEEDED and snapshot.results:
        if _lacks_its_film(job, snapshot) and job.missing_count < TAILS_MAX:
            _go_on(job, snapshot, 0.0)
        else:
            _succeed(job, snapshot)
    elif snapshot.state == State.FAILED:
        _fail(job, snapshot)
    elif job.status == Status.RUNNING:
        _go_on(job, snapshot, least_pause)
    elif job.status in (Status.FAILED, Status.LOST) and snapshot.state in _UNDER_WAY:
        # Given up too early, and found again: its end is still to come.
        Job.objects.filter(pk=job.pk).update(check_at=clock.after(_FOUND_SECONDS))
    else:
        Job.objects.filter(pk=job.pk).update(check_at=None)


def _with_age(job_id: UUID) -> QuerySet[Job]:
    return Job.objects.filter(pk=job_id).order_by().annotate(age=_AGE)


def _lacks_its_film(job: Job, snapshot: Snapshot) -> bool:
    """Only the new part of an extension is there: the whole film may still come."""
    is_open = job.status == Status.RUNNING and job.kind == Kind.EXTEND
    parts = {result.part for result in snapshot.results}
    return is_open and bool(parts) and Part.FILM not in parts


def _succeed(job: Job, snapshot: Snapshot) -> None:
    charge = charge_for(job, snapshot.provider_credits)
    with transaction.atomic():
        in_time = move(
            job.pk, (Status.RUNNING,), Status.SUCCEEDED, **_end(charge, snapshot), **NO_ERROR
        )
        late = not in_time and move(
            job.pk,
            # An upgrade that failed may have been ordered anew; its file is that one's.
            (Status.LOST,) if job.kind in UPGRADES else (Status.LOST, Status.FAILED),
            Status.SUCCEEDED,
            "The video turned up after all",
            **_end(charge, snapshot),
            **NO_ERROR,
        )
        if not in_time and not late:
            return
        if in_time:
            ledger.settle(job, charge)
        else:
            ledger.reverse(job, charge, reason="The video turned up after all")
            _take_out_of_trash(job)
        # Of a larger copy whose video was deleted for good meanwhile nothing is kept.
        if late and Job.objects.filter(pk=job.pk, purged_at__isnull=False).exists():
            return
        # One file for each part: the film, and of an extension the new segment.
        for result in {result.part: result for result in reversed(snapshot.results)}.values():
            rendition = Rendition.objects.create(
                job=job,
                part=result.part.value,
                resolution=result.resolution or job.resolution,
                source_url=result.url,
                try_at=clock.after(queue.FIRST_WAKE_UP_SECONDS),
            )
            queue.store(rendition.pk)


def _take_out_of_trash(job: Job) -> None:
    """What was thrown away was a failure, and not this film. A larger copy lies where its video
    does.
    """
    thrown = Job.objects.filter(pk=job.pk, trashed_at__isnull=False).exclude(kind__in=UPGRADES)
    thrown.update(trashed_at=None, trashed_by=None, purged_at=None)


NO_ERROR: dict[str, Any] = {"error_code": "", "error": "", "is_late": False, "is_unverified": False}


def _end(charge: int, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "charged": charge,
        "progress": 100,
        "finished_at": Now(),
        "check_at": None,
        "provider_credits_charged": snapshot.provider_credits,
        "is_fallback": snapshot.fallback,
    }


def _fail(job: Job, snapshot: Snapshot) -> None:
    charge = charge_for(job, snapshot.provider_credits) if snapshot.provider_credits else 0
    with transaction.atomic():
        if not move(
            job.pk,
            (Status.RUNNING,),
            Status.FAILED,
            snapshot.error,
            charged=charge,
            finished_at=Now(),
            check_at=None,
            is_late=False,
            provider_credits_charged=snapshot.provider_credits,
            error_code=snapshot.error_code[:40] or "failed",
            error=snapshot.error[:500] or "The provider could not make this video.",
        ):
            Job.objects.filter(pk=job.pk).exclude(status=Status.RUNNING).update(check_at=None)
            return
        if charge:
            ledger.settle(job, charge)
        else:
            ledger.release(job, reason="Failed at the provider")


def _go_on(job: Job, snapshot: Snapshot, least_pause: float) -> None:
    """Still running: note what is new and set the next question."""
    age: float = vars(job)["age"].total_seconds()
    is_tail = _lacks_its_film(job, snapshot)
    missing = is_tail or (snapshot.state == State.MISSING and age > GRACE_SECONDS)
    # An answer that tells nothing does not tell that what was missing is there.
    count = F("missing_count") + int(missing) if missing or snapshot.state == State.UNCLEAR else 0
    if snapshot.state == State.UNCLEAR:
        logger.warning("job %s: an answer we cannot read: %s", job.pk, snapshot.error)
    if snapshot.state == State.MISSING and missing and job.missing_count + 1 >= MISSING_MAX:
        lose(job, "The provider no longer has a record of this video.")
        return
    if age > job.retention.total_seconds():
        days = job.retention.days
        lose(job, f"The provider keeps records for {days} days, and this video never finished.")
        return
    usual = job.usual_seconds
    times = (min(age, _TAIL_SECONDS), _TAIL_SECONDS) if is_tail else (age, usual)
    pause = clock.after(next_check_seconds(*times, job.pace, least=least_pause))
    Job.objects.filter(pk=job.pk, status=Status.RUNNING).update(
        # A callback that came while we asked has made the job due, or reserved a later moment.
        check_at=Case(
            When(check_at__lte=Now(), then=F("check_at")),
            When(nudged_at__gt=Now(), then=Least("nudged_at", pause)),
            default=pause,
        ),
        missing_count=count,
        asked_until=None,
        **({"is_confirmed": True} if snapshot.state in _UNDER_WAY else {}),
    )
    if age > LATE_FACTOR * usual and not job.is_late:
        touch(job, "Taking longer than usual. Still checking", is_late=True)
    if snapshot.progress is not None and snapshot.progress != job.progress:
        touch(job, progress=snapshot.progress)


def lose(job: Job, text: str) -> None:
    """Give a job up whose end nobody can learn any more: paid in full, flagged unverified."""
    if job.kind in UPGRADES and not job.is_confirmed:
        # Its first answer was lost, and no later one ever showed that the provider took it.
        _fail(job, Snapshot(State.FAILED, error_code="never-taken", error=text))
        return
    # What was begun in practice, and can be asked about no more since that ended, cost nothing.
    charge = job.quote if job.practice == settings.PRACTICE else 0
    with transaction.atomic():
        if move(
            job.pk,
            (Status.RUNNING, Status.UNCERTAIN),
            Status.LOST,
            text,
            charged=charge,
            is_unverified=True,
            finished_at=Now(),
            check_at=None,
            error_code="lost",
            error=text,
        ):
            if charge:
                ledger.settle(job, charge)
            else:
                ledger.release(job, reason="Begun in practice mode, which ended")
