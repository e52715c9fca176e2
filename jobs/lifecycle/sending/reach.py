"""Queued jobs whose provider can't be reached: they say so, wait with their hold, and go on.

Their circuit opens and closes in one row (`credentials.circuit`). The jobs follow in the sweep,
some at a time: so a queue of thousands is no long transaction, open pages hear of it bit by bit,
and what came meanwhile, or lost its key, is put right as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from jobs import queue
from jobs.credentials import circuit
from jobs.lifecycle.sending.ending import fail_unmade
from jobs.models import Credential, Job, prepared
from jobs.models.jobs.status import IMAGES_UNREACHED, UNREACHABLE, Status
from jobs.providers import PROVIDERS
from jobs.times import clock

DAY_SECONDS = 24 * 3600
REST_SECONDS = 2 * DAY_SECONDS
"""Nobody is woken for what waits before its circuit closes, or its day is over."""
AT_ONCE = 500
WAKE_AGAIN_SECONDS = 30
_SHOWN: Mapping[str, Any] = {"version": F("version") + 1, "changed_at": Now()}
"""Lets open pages show it."""


def may_try(credential: Credential) -> bool:
    """The circuit of this key is closed; or the next order may be the probe, where the provider
    can be asked nothing for free. Whether it is, `circuit.take_probe` says.
    """
    if credential.unreachable_since is None:
        return True
    if PROVIDERS[credential.provider].tells_balance:
        return False
    return Credential.objects.filter(pk=credential.pk, probe_at__lte=Now()).exists()


def waiting(credential: Credential) -> dict[str, Any]:
    """The fields of a queued job that waits for its provider, but for the moment of its try."""
    return {
        "error_code": UNREACHABLE,
        "error": circuit.waits(credential)[:500],
        "unreached_since": Coalesce("unreached_since", Now()),
        "wake_at": clock.after(REST_SECONDS),
    }


def rest(job: Job) -> None:
    """Leave a job that waits alone until its circuit closes, should it have been woken for."""
    rows = Job.objects.filter(pk=job.pk, status=Status.QUEUED, error_code=UNREACHABLE)
    rows.update(wake_at=clock.after(REST_SECONDS))


def follow_circuits() -> None:
    """Have the queued jobs say what is true of their circuits. Called by the sweep."""
    away = prepared.rows("out of reach", Credential.objects.out_of_reach)
    keys = {key.pk: key for key in away}
    if prepared.rows("says that it waits", lambda: _marked().values_list("pk")[:1]):
        _go_on(_marked().exclude(credential__in=keys))
    if keys:
        queued = Job.objects.filter(status=Status.QUEUED)
        said = (UNREACHABLE, Job.PAUSED)
        # By the index job_queue: what says so already rests for longer.
        awake = queued.filter(credential__in=keys, wake_at__lte=clock.after(DAY_SECONDS))
        _wait(awake.exclude(error_code__in=said), keys)


def _marked() -> QuerySet[Job]:
    """Those queued that say that their provider can't be reached."""
    return Job.objects.filter(
        status=Status.QUEUED, error_code=UNREACHABLE, unreached_since__isnull=False
    )


def _go_on(jobs: QuerySet[Job]) -> None:
    if not jobs.exists():
        return
    with transaction.atomic():
        Job.objects.filter(pk__in=[job.pk for job in _locked(jobs)]).update(
            error_code="", error="", unreached_since=None, wake_at=Now(), **_SHOWN
        )


def _wait(jobs: QuerySet[Job], keys: Mapping[int, Credential]) -> None:
    if not jobs.exists():
        return
    with transaction.atomic():
        of_each: dict[int, list[UUID]] = {pk: [] for pk in keys}
        for job in _locked(jobs):
            of_each[job.credential_id or 0].append(job.pk)
        for pk, ids in of_each.items():
            if ids:
                Job.objects.filter(pk__in=ids).update(**waiting(keys[pk]), **_SHOWN)


def wake_probes() -> None:
    """Have the oldest job of each account tried whose provider can be asked nothing for free."""
    silent = [name for name, provider in PROVIDERS.items() if not provider.tells_balance]
    due = Credential.objects.current().filter(provider__in=silent, probe_at__lte=Now())
    for key in list(due):
        rows = Job.objects.filter(
            status=Status.QUEUED, error_code=UNREACHABLE, credential=key, try_at__lte=Now()
        )
        oldest = rows.in_turn().first()
        if oldest is None:
            continue
        with transaction.atomic():
            resting = rows.filter(pk=oldest.pk, wake_at__gt=clock.after(WAKE_AGAIN_SECONDS))
            if resting.update(wake_at=clock.after(WAKE_AGAIN_SECONDS)):
                queue.start(oldest.pk)


def give_up_after_a_day() -> None:
    """End what has waited a whole day for its provider. Nothing of it was sent; its hold ends."""
    for job in prepared.rows("waits for a day", _overdue):
        label = PROVIDERS[job.provider].label
        text = f"{label} could not be reached for 24 hours. Nothing was sent or charged."
        fail_unmade(
            job,
            (Status.QUEUED,),
            text,
            code=UNREACHABLE,
            error=text,
            reason="Its provider could not be reached for 24 hours",
            where=_is_overdue(),
        )


def _overdue() -> QuerySet[Job]:
    return Job.objects.filter(_is_overdue(), status=Status.QUEUED)[:AT_ONCE]


def _is_overdue() -> Q:
    return Q(
        unreached_since__lte=clock.after(-DAY_SECONDS),
        error_code__in=(UNREACHABLE, IMAGES_UNREACHED),
    )


def _locked(jobs: QuerySet[Job]) -> list[Job]:
    """Some of these, the oldest first; what somebody else has in hand comes with the next sweep."""
    rows = jobs.only("pk", "credential").order_by("created_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows[:AT_ONCE])
