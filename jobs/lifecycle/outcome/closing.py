"""What nothing more is to be done about, by an admin's word. It moves no job and no credit."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from jobs.lifecycle.outcome.resolving import NotResolved
from jobs.models import AuditEvent, Job, JobEvent, Rendition, User
from jobs.models.jobs.status import Status


def close(job: Job, by: User) -> None:
    """Mark it as done: it is no longer listed as open. Raises `NotResolved`."""
    _write(
        job, by, Q(closed_at=None) & _closable(), "marked as done", closed_at=Now(), closed_by=by
    )


def reopen(job: Job, by: User) -> None:
    """List it as open again. Raises `NotResolved`."""
    _write(job, by, Q(closed_at__isnull=False), "put back", closed_at=None, closed_by=None)


def _write(job: Job, by: User, where: Q, action: str, **fields: object) -> None:
    if not by.is_admin:
        raise NotResolved("Only an admin can do that.")
    with transaction.atomic():
        rows = Job.objects.filter(where, pk=job.pk)
        if not rows.update(version=F("version") + 1, changed_at=Now(), **fields):
            raise NotResolved("It has changed meanwhile. Nothing was changed now.")
        status = Job.objects.values_list("status", flat=True).get(pk=job.pk)
        text = f"{action.capitalize()} in To do"
        JobEvent.objects.create(job=job, before=status, after=status, actor=by, text=text)
        AuditEvent.objects.create(actor=by, action=action, subject=f"job {job.pk}", job=job)


def _closable() -> Q:
    """What goes no further by itself, or only by a callback that nobody can hurry."""
    files = Rendition.objects.filter(job=OuterRef("pk"))
    given_up = files.filter(state__in=[Rendition.State.EXPIRED, Rendition.State.REJECTED])
    unstored = Q(Exists(given_up)) & ~Q(Exists(files.on_their_way()))
    return Q(status__in=[Status.UNCERTAIN, Status.LOST]) | Q(status=Status.SUCCEEDED) & unstored
