"""Asks the providers about the jobs that are due, as often as each job's key allows."""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from jobs import credentials, database, directory, lifecycle
from jobs.credentials import circuit, rates
from jobs.follower.searching import forget_old_callbacks, search
from jobs.follower.sparing import crowd
from jobs.lifecycle.sending.key_queue import PAUSE_SECONDS
from jobs.models import Credential, Job, prepared
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS, errors
from jobs.providers.base import UPGRADES, Snapshot, State
from jobs.secrets import vault
from jobs.times import clock

logger = logging.getLogger(__name__)

BATCH = 64
UNREACHABLE_SECONDS = 30
"""The least until a job is looked at again whose provider can't be reached."""
ASK_LEASE_SECONDS = 60
"""Seconds that a claimed question may take before another process may ask it."""


def claim_due(limit: int = BATCH) -> list[UUID]:
    """Take up to `limit` due questions; nobody else gets them until the lease is over."""
    if not prepared.rows("questions due", lambda: Job.objects.due().values_list("pk")[:1]):
        return []
    # However many wait for a key that is asked with as often as it may be, others go on.
    due = Job.objects.due().exclude(_is_spoken_for()).order_by("check_at")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        ids = list(due.values_list("pk", flat=True)[:limit])
        Job.objects.filter(pk__in=ids).update(check_at=clock.after(ASK_LEASE_SECONDS))
    return ids


def _is_spoken_for() -> Q:
    """The job's key may not be used for a question now."""
    spoken_for = Q()
    for provider in PROVIDERS.values():
        until = clock.after(rates.ahead(provider.asks_per_second))
        spoken_for |= Q(provider=provider.name, credential__asks_until__gt=until)
    return spoken_for


def allowed(ids: Sequence[UUID]) -> list[Job]:
    """The claimed jobs whose key may be used for a question now; the others are put off."""
    by_key: dict[int | None, list[Job]] = defaultdict(list)
    some = prepared.padded(ids)
    found = prepared.rows(("to be asked about", len(some)), _with_key, *some) if some else []
    jobs_by_id = {job.pk: job for job in found}
    # In the order they were claimed in: who has waited longest is asked about first.
    for job in (jobs_by_id[job_id] for job_id in ids if job_id in jobs_by_id):
        by_key[job.credential_id].append(job)
    granted: list[Job] = []
    for key, jobs in by_key.items():
        number, delay = len(jobs), random.uniform(1, 2)  # noqa: S311
        credential = jobs[0].credential
        if credential is not None and credential.unreachable_since:
            jobs.sort(key=_is_no_probe)
            number = int(not _is_no_probe(jobs[0]) and circuit.take_probe(credential))
            delay = UNREACHABLE_SECONDS * random.uniform(1, 2)  # noqa: S311
        elif key is not None:
            per_second = PROVIDERS[jobs[0].provider].asks_per_second
            most = max(per_second // 2, 1)
            number = rates.claim_questions(key, min(len(jobs), most), per_second)
        granted += jobs[:number]
        later = [job.pk for job in jobs[number:]]
        if later:
            Job.objects.filter(pk__in=later).update(check_at=clock.after(delay))
    return granted


def _with_key(*ids: UUID) -> QuerySet[Job]:
    jobs = Job.objects.select_related("credential", "owner", "source")
    return jobs.filter(pk__in=ids).order_by()


def _is_no_probe(job: Job) -> bool:
    """A question about it need not reach the provider."""
    return job.status == Status.SUBMITTING or not job.external_id


def ask(job: Job) -> None:
    """Ask the provider about one claimed job and pass the answer on.

    What nobody foresaw is raised, and noted: its lease alone would hide that it happens each time.
    """
    try:
        _ask(job)
    except Exception as error:
        if not database.is_away(error):
            rows = Job.objects.filter(pk=job.pk, unasked_since=None)
            rows.update(unasked_since=Now())
        raise
    if job.unasked_since is not None:
        Job.objects.filter(pk=job.pk).update(unasked_since=None)


def _ask(job: Job) -> None:
    if job.status == Status.SUBMITTING:
        # Its answer is still on the way; whoever takes that looks at the callbacks too.
        Job.objects.filter(pk=job.pk, status=Status.SUBMITTING).update(check_at=None)
        return
    if job.nudged_at is not None:
        forget_old_callbacks(job)
    credential = _key_to_ask_with(job)
    if credential is None or _is_in_vain(job, credential):
        _later(job, PAUSE_SECONDS)
        return
    if job.kind in UPGRADES and not _may_ask_for(job):
        return
    try:
        key = vault.unseal(credential.sealed_key, credential.seal_context)
        if job.external_id:
            snapshot = directory.client(job.provider).fetch(key, job.work)
            told = _as_far_as_it_tells(job, credential, snapshot)
            lifecycle.observe(job.pk, told, least_pause=crowd.least_pause(job))
            circuit.reached(credential)
        else:
            search(job, key)
    except vault.Unreadable:
        credentials.found_unreadable(credential)
        _later(job, PAUSE_SECONDS)
    except errors.KeyRejected as error:
        # The key takes no new work now; the job stays, and is asked about again with it.
        credentials.set_state(credential, Credential.State.REJECTED, error)
        _later(job, PAUSE_SECONDS)
        circuit.reached(credential)
    except errors.ProviderError as error:
        logger.info("job %s: %s", job.pk, error)
        _later(job, max(error.retry_after or 0, 15 * random.uniform(1, 1.5)))  # noqa: S311
        if isinstance(error, errors.Unreachable):
            circuit.not_reached(credential)
        elif isinstance(error, errors.ANSWERS):
            circuit.reached(credential)


def _is_in_vain(job: Job, credential: Credential) -> bool:
    """Another key than the job's is asked with, for want of that, and its provider can't be
    reached. Of the job's own `allowed` has decided.
    """
    return credential.pk != job.credential_id and credential.unreachable_since is not None


def _may_ask_for(job: Job) -> bool:
    """Take the one permission to ask about an upgrade, which may be its order once more.

    Only of one that is running still, and never twice at once: of two questions the second could
    order anew what the first has just learned the end of.
    """
    free = Q(asked_until=None) | Q(asked_until__lte=Now())
    rows = Job.objects.filter(pk=job.pk, status=Status.RUNNING)
    if rows.filter(free).update(asked_until=clock.after(ASK_LEASE_SECONDS)):
        return True
    Job.objects.filter(pk=job.pk).exclude(status=Status.RUNNING).update(check_at=None)
    return False


def _as_far_as_it_tells(job: Job, credential: Credential, snapshot: Snapshot) -> Snapshot:
    """The answer without what it cannot prove of this job, asked with this key."""
    if snapshot.state == State.MISSING and not _is_its_own_key(job, credential):
        # Another account knows nothing of this job; that tells nothing about it.
        return replace(snapshot, state=State.UNCLEAR)
    if snapshot.error_code == errors.OutOfProviderCredits.code:
        credentials.set_state(credential, Credential.State.EMPTY, errors.OutOfProviderCredits())
        if job.is_confirmed:
            # An upgrade that was taken is paid for already: only the repeated order is refused.
            return replace(snapshot, state=State.UNCLEAR)
    return snapshot


def _is_its_own_key(job: Job, credential: Credential) -> bool:
    """The job was sent with this key, and the key is unchanged since."""
    if credential.pk != job.credential_id or job.sent_at is None:
        return False
    return credential.saved_at <= job.sent_at


def _key_to_ask_with(job: Job) -> Credential | None:
    """The job's own key, or where that is gone another one of its owner.

    A rejected key is asked with all the same: a limit on new work need not forbid questions. Nor
    need it be the account that a job's video lies in, as for sending: only proofs are believed.
    """
    if job.practice != settings.PRACTICE:
        return None
    if job.credential is not None:
        return job.credential
    keys = Credential.objects.usable_by(job.owner)
    return keys.filter(provider=job.provider).first()


def _later(job: Job, seconds: float) -> None:
    Job.objects.filter(pk=job.pk, check_at__isnull=False).update(
        check_at=clock.after(seconds), asked_until=None
    )
