"""Resolve a job whose answer was lost: the ways that a person has."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from jobs import credentials, directory, ledger, letters
from jobs.letters import isolated
from jobs.letters.explained import Explained
from jobs.lifecycle.moves import move
from jobs.lifecycle.ordering.submission import NotSubmitted, submission_of
from jobs.lifecycle.ordering.submitting import submit
from jobs.lifecycle.outcome.observing import observe
from jobs.lifecycle.outcome.proving import attach, is_proof
from jobs.models import AuditEvent, Job, JobEvent, User
from jobs.models.jobs.status import Status
from jobs.providers import errors
from jobs.providers.base import UPGRADES, Snapshot, State
from jobs.secrets import vault
from jobs.times import clock

WRITE_OFF_SECONDS = 15 * 60
"""Seconds for which an answer or a callback may still come before somebody may rule it out."""
WRITTEN_OFF = "written-off"
"""The error code of a job that failed by an admin's statement."""
EXTERNAL_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)


class NotResolved(Explained):
    """The id was not attached; nothing has changed."""


def resolve(job: Job, external_id: str, by: User) -> None:
    """Attach an id that somebody found in the provider's log, if the provider proves it.

    Raises `NotResolved` with the reason.
    """
    if not may_resolve(job):
        raise NotResolved("This video no longer needs an ID.")
    if not EXTERNAL_ID.fullmatch(external_id):
        raise NotResolved("An ID has only letters, digits, periods, dashes and underscores.")
    snapshot = _asked(job, external_id)
    if snapshot.state in (State.MISSING, State.UNCLEAR):
        raise NotResolved("The provider doesn’t know this ID, asked with this video’s key.")
    if snapshot.echo is None:
        raise NotResolved("This provider shows nothing that proves which video an ID belongs to.")
    if not is_proof(job, external_id, snapshot) or not attach(job, external_id):
        raise NotResolved(
            "This ID belongs to another video: its prompt, seed or address differs, or it is "
            "already in use."
        )
    AuditEvent.objects.create(
        actor=by, action="id attached", subject=f"job {job.pk}", job=job, after=external_id
    )
    observe(job.pk, snapshot)


def may_resolve(job: Job) -> bool:
    """An id from the provider's log would help: a statement or a loss may be wrong."""
    if job.external_id or job.kind in UPGRADES:
        return False
    stated = job.status == Status.FAILED and job.error_code == WRITTEN_OFF
    return stated or job.status in (Status.UNCERTAIN, Status.LOST)


def may_write_off(job: Job) -> bool:
    """An admin may state by now that the provider never took this job."""
    return Job.objects.filter(_writable(), pk=job.pk).exists()


def write_off(job: Job, by: User, reason: str) -> None:
    """An admin's statement that the provider's own log shows nothing of this job.

    Its credits are released. Should the video turn up after all, it is delivered and paid for. Not
    so a larger copy, which nobody asks about any more, since that may order it: whoever orders it
    again gets the one that is there. Raises `NotResolved`.
    """
    if not by.is_admin:
        raise NotResolved("Only an admin can confirm that.")
    if not letters.is_visible(reason):
        raise NotResolved("Say what you saw in the provider’s log.")
    minutes = WRITE_OFF_SECONDS // 60
    with transaction.atomic():
        if not move(
            job.pk,
            (Status.UNCERTAIN, Status.RUNNING),
            Status.FAILED,
            f"Confirmed by an admin: {reason}",
            actor=by,
            where=_writable(),
            charged=0,
            finished_at=Now(),
            check_at=None,
            error_code=WRITTEN_OFF,
            error=(
                f"{isolated(by.label)} confirmed that the provider’s log doesn’t show it. "
                "Nothing was charged here."
            ),
        ):
            raise NotResolved(
                "A video can be written off once it has needed a look, or its upgrade has been "
                f"overdue, for {minutes} minutes."
            )
        ledger.release(job, reason=f"Written off: {reason}"[:200], actor=by)
        AuditEvent.objects.create(
            actor=by, action="written off", subject=f"job {job.pk}", job=job, reason=reason[:300]
        )


def resubmit(job: Job, by: User) -> Job:
    """Send the work of an uncertain job again, as a new job with a hold of its own.

    The person has been told that both may be charged. The old job stays as it is and can still be
    found again. There is one second try, whoever asks how often. Raises `NotSubmitted`.
    """
    with transaction.atomic():
        rows = Job.objects.filter(pk=job.pk, status=Status.UNCERTAIN, resubmitted_as=None)
        # Taken before anything is ordered: of two people at once the second sees the first's job.
        # A draft has one promotion of a kind: the new job takes the place of the old one.
        if not rows.update(version=F("version") + 1, changed_at=Now(), draft=None):
            return _sent_again_before(job, by)
        again = submit(by, submission_of(job), uuid4(), may_park=False)
        Job.objects.filter(pk=job.pk).update(resubmitted_as=again, closed_at=Now(), closed_by=by)
        JobEvent.objects.create(
            job=job,
            before=Status.UNCERTAIN,
            after=Status.UNCERTAIN,
            actor=by,
            text=f"Sent again as job {again.pk}, at the risk of paying twice",
        )
        AuditEvent.objects.create(
            actor=by,
            action="submitted again",
            subject=f"job {job.pk}",
            job=job,
            after=f"job {again.pk}",
            after_job=again,
            reason="Warned that both may be charged",
        )
    return again


def _sent_again_before(job: Job, by: User) -> Job:
    again = Job.objects.get(pk=job.pk).resubmitted_as
    if again is None:
        raise NotSubmitted("This video is no longer in doubt. See how it ended.")
    if not Job.objects.visible_to(by).filter(pk=again.pk).exists():
        raise NotSubmitted(f"{again.owner.label} has already sent it again.")
    return again


def _writable() -> Q:
    """Jobs in doubt; and upgrades that nobody confirmed, or of which kie may say "not ready" for
    ever.
    """
    endless = Q(is_late=True) | Q(is_confirmed=False)
    upgrades = Q(endless, status=Status.RUNNING, kind__in=list(UPGRADES))
    doubtful = Q(status=Status.UNCERTAIN)
    return (upgrades | doubtful) & Q(sent_at__lte=clock.after(-WRITE_OFF_SECONDS))


def _asked(job: Job, external_id: str) -> Snapshot:
    if job.credential is None:
        raise NotResolved("The key this video was sent with is gone, so we can’t check.")
    try:
        key = vault.unseal(job.credential.sealed_key, job.credential.seal_context)
        return directory.client(job.provider).fetch(key, replace(job.work, external_id=external_id))
    except vault.Unreadable as error:
        raise NotResolved(credentials.why_unreadable()) from error
    except errors.ProviderError as error:
        raise NotResolved(error.user_message) from error
