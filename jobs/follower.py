"""Follows everything outstanding: asks what is due, and wakes workers for what was forgotten.

Several followers at once are harmless: every row is claimed by an UPDATE before it is worked on.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import connection, transaction
from django.db.models import Case, DateTimeField, Exists, F, Q, When
from django.db.models.functions import Now

from jobs import archive, clock, credentials, directory, lifecycle, queue, rates, spool, vault
from jobs.lifecycle import lose
from jobs.models import Credential, Job, Rendition, WebhookEvent
from jobs.models.status import RETENTION, Status
from jobs.providers import PROVIDERS, errors
from jobs.providers.base import UPGRADES, Snapshot, State

logger = logging.getLogger(__name__)

BATCH = 64
ASK_LEASE_SECONDS = 60
"""How long a claimed question may take before another process may ask it."""
WAKE_AGAIN_SECONDS = 30
PAUSE_SECONDS = 60
BALANCE_SECONDS = 600
"""How often a working key's balance is read, and a rejected key tried again."""
EMPTY_SECONDS = 60
"""How soon topping up an empty account is noticed, or a balance is read that nobody knows yet."""
KEYS_AT_ONCE = 4
SEARCH_SECONDS = 10
LOOKUPS_MAX = 20
"""How often an id is looked up whose record does not come."""
CALLBACKS_KEPT = 200
"""Of one job, when it is asked about."""
CANDIDATES_PER_ASK = 5
"""How many ids from callbacks are looked up for an uncertain job at a time."""


def claim_due(limit: int = BATCH) -> list[UUID]:
    """Take up to `limit` due questions; nobody else gets them until the lease is over."""
    due = Job.objects.due().order_by("check_at")
    if not due.exists():
        return []
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:limit])
        Job.objects.filter(pk__in=ids).update(check_at=clock.after(ASK_LEASE_SECONDS))
    return ids


def allowed(ids: Sequence[UUID]) -> list[Job]:
    """The claimed jobs whose key may be used for a question now; the others are put off."""
    by_key: dict[int | None, list[Job]] = defaultdict(list)
    jobs_by_id = Job.objects.select_related("credential", "owner", "source").in_bulk(ids)
    # In the order they were claimed in: who has waited longest is asked about first.
    for job in (jobs_by_id[job_id] for job_id in ids if job_id in jobs_by_id):
        by_key[job.credential_id].append(job)
    granted: list[Job] = []
    for key, jobs in by_key.items():
        number = len(jobs)
        if key is not None:
            per_second = directory.provider(jobs[0].provider).asks_per_second
            most = max(per_second // 2, 1)
            number = rates.take_questions(key, min(len(jobs), most), per_second)
        granted += jobs[:number]
        later = [job.pk for job in jobs[number:]]
        if later:
            delay = random.uniform(1, 2)  # noqa: S311
            Job.objects.filter(pk__in=later).update(check_at=clock.after(delay))
    return granted


def ask(job: Job) -> None:
    """Ask the provider about one claimed job and pass the answer on."""
    if job.status == Status.SUBMITTING:
        # Its answer is still on the way; whoever takes that looks at the callbacks too.
        Job.objects.filter(pk=job.pk, status=Status.SUBMITTING).update(check_at=None)
        return
    if job.nudged_at is not None:
        _forget_old_callbacks(job)
    credential = _key_for(job)
    if credential is None:
        _later(job, PAUSE_SECONDS)
        return
    if job.kind in UPGRADES and not _may_ask_for(job):
        return
    try:
        key = vault.unseal(credential.sealed_key, credential.seal_context)
        if job.external_id:
            snapshot = directory.provider(job.provider).fetch(key, job.work)
            lifecycle.observe(job.pk, _as_far_as_it_tells(job, credential, snapshot))
        else:
            _search(job, key)
    except vault.Unreadable:
        credentials.mark(credential, Credential.State.REJECTED, None)
        _later(job, PAUSE_SECONDS)
    except errors.KeyRejected as error:
        # The key takes no new work now; the job stays, and is asked about again with it.
        credentials.mark(credential, Credential.State.REJECTED, error)
        _later(job, PAUSE_SECONDS)
    except errors.ProviderError as error:
        logger.info("job %s: %s", job.pk, error)
        _later(job, max(error.retry_after or 0, 15 * random.uniform(1, 1.5)))  # noqa: S311


def _forget_old_callbacks(job: Job) -> None:
    """Keep the newest callbacks only: whoever has a job's address cannot fill our disk with it."""
    newest = job.webhook_events.order_by("-id").values_list("pk", flat=True)
    for oldest_kept in newest[CALLBACKS_KEPT - 1 : CALLBACKS_KEPT]:
        job.webhook_events.filter(pk__lt=oldest_kept).delete()


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
        credentials.mark(credential, Credential.State.EMPTY, errors.OutOfProviderCredits())
        if job.is_confirmed:
            # An upgrade that was taken is paid for already: only the repeated order is refused.
            return replace(snapshot, state=State.UNCLEAR)
    return snapshot


def _search(job: Job, key: str) -> None:
    """Look up the ids that callbacks named for a job that has none, a few at a time."""
    waiting = job.webhook_events.filter(verdict=WebhookEvent.Verdict.WAITING)
    # Least looked up first, so that nothing an attacker sends keeps the genuine one waiting.
    candidates = waiting.order_by("lookups", "-id").values_list("external_id", flat=True)
    for external_id in list(dict.fromkeys(candidates[:CANDIDATES_PER_ASK])):
        if _is_found(job, key, external_id):
            return
    more = WebhookEvent.objects.filter(job=job.pk, verdict=WebhookEvent.Verdict.WAITING)
    Job.objects.filter(pk=job.pk, external_id="", check_at__gt=Now()).update(
        check_at=Case(
            When(Exists(more), then=clock.after(SEARCH_SECONDS)),
            default=None,
            output_field=DateTimeField(),
        )
    )


def _is_found(job: Job, key: str, external_id: str) -> bool:
    """Ask about one candidate, and attach it if the answer proves that it is this job's."""
    events = WebhookEvent.objects.filter(
        job=job, external_id=external_id, verdict=WebhookEvent.Verdict.WAITING
    )
    events.update(lookups=F("lookups") + 1)
    try:
        snapshot = directory.provider(job.provider).fetch(
            key, replace(job.work, external_id=external_id)
        )
    except errors.KeyRejected:
        raise
    except errors.ProviderError as error:
        logger.info("job %s: %s", job.pk, error)
        return False
    proven = lifecycle.is_proof(job, external_id, snapshot)
    if proven and lifecycle.attach(job, external_id):
        events.update(verdict=WebhookEvent.Verdict.ATTACHED)
        lifecycle.observe(job.pk, snapshot)
        return True
    if proven is None:
        # Nothing was disproved. The record may come; it is asked for again, and not for ever.
        events = events.filter(lookups__gte=LOOKUPS_MAX)
    if events.update(verdict=WebhookEvent.Verdict.REFUSED):
        logger.warning("job %s: a callback named %s, which is not its", job.pk, external_id)
    return False


def _is_its_own_key(job: Job, credential: Credential) -> bool:
    """Whether this is the key the job was sent with, unchanged since."""
    if credential.pk != job.credential_id or job.sent_at is None:
        return False
    return credential.saved_at <= job.sent_at


def _key_for(job: Job) -> Credential | None:
    """The job's own key, or where that is gone another one of its owner.

    A rejected key is asked with all the same: a limit on new work need not forbid questions.
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


def sweep() -> None:
    """Everything that is found by looking at the rows instead of waiting to be told."""
    parts = (_replay, lifecycle.abandon, _wake_forgotten, _wake_archive, _follow_again)
    for part in parts:
        try:
            part()
        except DatabaseProblem:
            raise
        except Exception:
            # One odd row must not keep the other parts from their work.
            logger.exception("a part of the sweep broke")


def _replay() -> None:
    def accept(job_id: str, external_id: str, credits: str | None) -> bool:
        return lifecycle.accept(UUID(job_id), external_id, Decimal(credits) if credits else None)

    spool.replay(accept)


def _wake_forgotten() -> None:
    """Queued jobs whose wake-up was lost (a purged queue, a crashed worker)."""
    forgotten = Job.objects.forgotten()
    for job_id in list(forgotten.order_by("wake_at").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows = forgotten.filter(pk=job_id)
            if rows.update(wake_at=clock.after(WAKE_AGAIN_SECONDS)):
                queue.start(job_id)


def _wake_archive() -> None:
    """Files to fetch, those included whose worker did not finish within its lease."""
    due = Rendition.objects.due()
    for rendition_id in list(due.order_by("try_at").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows = due.filter(pk=rendition_id)
            if archive.give_up(rendition_id):
                logger.critical("rendition %s could not be stored", rendition_id)
            elif rows.update(state=Rendition.State.WAITING, try_at=clock.after(WAKE_AGAIN_SECONDS)):
                queue.store(rendition_id)


def _follow_again() -> None:
    """Jobs that nobody would ask about any more, whatever made them so."""
    ids = list(Job.objects.unfollowed().values_list("pk", flat=True)[:BATCH])
    Job.objects.filter(pk__in=ids, check_at=None).update(check_at=Now())


def claim_keys(limit: int = KEYS_AT_ONCE) -> list[Credential]:
    """Take up to `limit` keys whose balance is to be read now; nobody else gets them meanwhile.

    That is also how a key that was refused is found to work again: an hourly limit ends by itself,
    and an account is topped up.
    """
    stale = Q(checked_at=None) | Q(checked_at__lt=clock.after(-BALANCE_SECONDS))
    empty = Q(state=Credential.State.EMPTY, checked_at__lt=clock.after(-EMPTY_SECONDS))
    unknown = Q(balance=None, checked_at__lt=clock.after(-EMPTY_SECONDS))
    # Where no balance is told there is nothing to read, only a refused key to be tried again.
    silent = [name for name, provider in PROVIDERS.items() if not provider.tells_balance]
    idle = Q(provider__in=silent) & ~Q(state=Credential.State.REJECTED)
    due = (
        Credential.objects.current()
        .filter(stale | empty | unknown & Q(state=Credential.State.READY))
        .exclude(idle)
    )
    return [
        credential
        for credential in list(due.order_by("checked_at")[:limit])
        if due.filter(pk=credential.pk).update(checked_at=Now())
    ]


def read_balance(credential: Credential) -> None:
    """Ask for one claimed key's balance; what cannot be learned now is asked again later."""
    with suppress(errors.ProviderError, vault.Unreadable):
        credentials.refresh_balance(credential)


def give_up() -> None:
    """Lose the jobs that no provider can tell anything about any more."""
    open_ended = Job.objects.filter(status__in=[Status.UNCERTAIN, Status.RUNNING])
    long_ago = clock.after(-(RETENTION.total_seconds() + 3600))
    for job in open_ended.filter(sent_at__lt=long_ago):
        lose(job, "Nothing was heard of this job for 14 days, and the provider keeps no record.")
