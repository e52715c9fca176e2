"""What a person can do about a job whose answer was lost."""

from __future__ import annotations

import re

from jobs import directory, vault
from jobs.lifecycle.news import attach, is_proof, observe
from jobs.models import AuditEvent, Job, User
from jobs.models.status import Status
from jobs.providers import errors
from jobs.providers.base import Snapshot, State

EXTERNAL_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)


class NotResolved(Exception):
    """The id was not attached; nothing has changed."""

    def __init__(self, user_message: str) -> None:
        self.user_message = user_message
        super().__init__(user_message)


def resolve(job: Job, external_id: str, by: User) -> None:
    """Attach an id that somebody found in the provider's log, if the provider proves it.

    Raises `NotResolved` with the reason.
    """
    if job.status != Status.UNCERTAIN:
        raise NotResolved("This job needs no id any more.")
    if not EXTERNAL_ID.fullmatch(external_id):
        raise NotResolved("An id has only letters, digits, points, dashes and underscores.")
    snapshot = _asked(job, external_id)
    if snapshot.state in (State.MISSING, State.UNCLEAR):
        raise NotResolved("The provider knows no such id, asked with this job's key.")
    if snapshot.echo is None:
        raise NotResolved("This provider shows nothing that could prove whose an id is.")
    if not is_proof(job, external_id, snapshot) or not attach(job, external_id):
        raise NotResolved(
            "This id belongs to another job: its prompt, seed or address differs, or it is in use."
        )
    AuditEvent.objects.create(
        actor=by, action="id attached", subject=f"job {job.pk}", after=external_id
    )
    observe(job.pk, snapshot)


def _asked(job: Job, external_id: str) -> Snapshot:
    if job.credential is None:
        raise NotResolved("The key this job was sent with is gone, so nothing can be asked.")
    try:
        key = vault.unseal(job.credential.sealed_key, job.credential.seal_context)
        return directory.provider(job.provider).fetch(key, external_id)
    except vault.Unreadable as error:
        raise NotResolved("The stored key cannot be opened. Enter it again.") from error
    except errors.ProviderError as error:
        raise NotResolved(error.user_message) from error
