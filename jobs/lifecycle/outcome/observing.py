"""Take in the news of a job that was sent. Poll and callback meet here, and only here.

Everything is idempotent: late, repeated and reordered news leave states and credits as they are,
except that a video which turns up late is still delivered and paid for.
"""

from __future__ import annotations

import hmac
import logging
import math
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, DurationField, ExpressionWrapper, F, When
from django.db.models.functions import Coalesce, Least, Now

from jobs import ledger, queue
from jobs.lifecycle.moves import move, touch
from jobs.lifecycle.outcome.cadence import LATE_FACTOR, next_check_seconds
from jobs.models import Job, Rendition
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES, Kind, Part, Snapshot, State
from jobs.secrets.tokens import hash_token
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
CHARGE_FACTOR_MAX = 10
"""A charge of more than this many times the quote is an error of the provider's figures."""
_UNDER_WAY = (State.WAITING, State.RUNNING)
_FOUND_SECONDS = 60
_AGE = ExpressionWrapper(Now() - Coalesce("sent_at", "created_at"), output_field=DurationField())
"""The time since the job was sent, by the database's clock."""


def observe(job_id: UUID, snapshot: Snapshot) -> None:
    """Take in the provider's own word about a job, whoever caused us to ask."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        return
    if snapshot.state == State.SUCCEEDED and snapshot.results:
        if _lacks_its_film(job, snapshot) and job.missing_count < TAILS_MAX:
            _go_on(job, snapshot)
        else:
            _succeed(job, snapshot)
    elif snapshot.state == State.FAILED:
        _fail(job, snapshot)
    elif job.status == Status.RUNNING:
        _go_on(job, snapshot)
    elif job.status in (Status.FAILED, Status.LOST) and snapshot.state in _UNDER_WAY:
        # Given up too early, and found again: its end is still to come.
        Job.objects.filter(pk=job.pk).update(check_at=clock.after(_FOUND_SECONDS))
    else:
        Job.objects.filter(pk=job.pk).update(check_at=None)


def _lacks_its_film(job: Job, snapshot: Snapshot) -> bool:
    """Only the new part of an extension is there: the whole film may still come."""
    is_open = job.status == Status.RUNNING and job.kind == Kind.EXTEND
    parts = {result.part for result in snapshot.results}
    return is_open and bool(parts) and Part.FILM not in parts


def attach(job: Job, external_id: str) -> bool:
    """Give an id that was proved to be this job's to a job that has none."""
    try:
        if move(
            job.pk,
            (Status.UNCERTAIN,),
            Status.RUNNING,
            "Found at the provider",
            external_id=external_id,
            is_confirmed=True,
            check_at=clock.after(next_check_seconds(0, job.usual_seconds)),
            error_code="",
            error="",
        ):
            return True
        with transaction.atomic():
            return bool(
                Job.objects.filter(
                    pk=job.pk, status__in=[Status.FAILED, Status.LOST], external_id=""
                ).update(external_id=external_id)
            )
    except IntegrityError:
        return False


def is_proof(job: Job, external_id: str, snapshot: Snapshot) -> bool | None:
    """True if the answer about an id, asked with this job's key, proves it to be this job's.

    None where it shows neither: the record may not be there yet.

    A provider that repeats nothing (docs/contracts.md, veo4 2) leaves the secret of the callback
    address as the proof: only it and we know which address was given for this job.
    """
    others = Job.objects.filter(provider=job.provider, external_id=external_id).exclude(pk=job.pk)
    if others.exists():
        return False
    if snapshot.state in (State.MISSING, State.UNCLEAR):
        return None
    echo = snapshot.echo
    if echo is None:
        return None if PROVIDERS[job.provider].echoes else True
    # A restored database does not know the address that was given for what it tells nothing of.
    if echo.callback_url and job.callback_hash:
        token = urlsplit(echo.callback_url).path.rstrip("/").rpartition("/")[2]
        return hmac.compare_digest(hash_token(token), job.callback_hash)
    settings = (
        (echo.model, job.model),
        (echo.resolution, job.resolution),
        # What was left to the model proves nothing.
        (echo.duration if job.duration else None, job.duration),
    )
    same_settings = all(said is None or said == ordered for said, ordered in settings)
    # Of twins without a seed neither id is taken already, and each film is as good as the other.
    same_seed = echo.seed == job.seed if job.has_seed else echo.seed is None
    return same_settings and same_seed and echo.prompt == job.prompt


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


def charge_for(job: Job, provider_charge: Decimal | None) -> int:
    """Our credits for what the provider says it charged; the quote where it says nothing.

    A figure out of all proportion is logged and not believed.
    """
    if provider_charge is None:
        return job.quote
    ours = in_our_credits(job, provider_charge)
    if not 0 <= ours <= job.quote * CHARGE_FACTOR_MAX:
        logger.critical("job %s: a charge of %s cannot be true", job.pk, provider_charge)
        return job.quote
    return math.ceil(ours)


def in_our_credits(job: Job, provider_charge: Decimal) -> Decimal:
    """A provider's charge as our price list has it, which may differ from the provider's.

    It counts relative to the provider's own estimate, or where the answer with that was lost, to
    its published price; where there is neither, its credits are taken for ours. So they are where
    they come to our price: an admin has set that by what the provider charges now.
    """
    if math.ceil(provider_charge) == job.quote:
        return provider_charge
    provider = PROVIDERS.get(job.provider)
    model = provider.model(job.model) if provider else None
    published = model.published_price(job.resolution, job.duration) if model else None
    estimated = job.provider_credits_estimated or published
    return job.quote * provider_charge / estimated if estimated else provider_charge


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


def _go_on(job: Job, snapshot: Snapshot) -> None:
    """Still running: note what is new and set the next question."""
    found = Job.objects.filter(pk=job.pk).annotate(age=_AGE).values_list("age", flat=True)
    age = found.get().total_seconds()
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
    pause = clock.after(next_check_seconds(*times, job.pace))
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
