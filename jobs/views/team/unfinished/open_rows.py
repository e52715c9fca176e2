"""One open thing of each kind in words: how it stands, and what comes next of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import ngettext

from jobs import lifecycle
from jobs.letters import isolated
from jobs.lifecycle.sending.reach import DAY_SECONDS
from jobs.models import Credential, Job, Rendition
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS
from jobs.templatetags.dailies import countdown
from jobs.times import moments
from jobs.views.team.unfinished.outages import when


@dataclass(frozen=True, slots=True, kw_only=True)
class OutstandingRow:
    """One open thing."""

    job: Job
    since: datetime
    text: str
    """Its state in words."""
    next_step: str
    held: int = 0
    file: Rendition | None = None
    may_close: bool = False
    """Somebody can say that nothing more is to be done about it."""


def file(file: Rendition) -> OutstandingRow:
    job = file.job
    tries = ngettext("%d attempt", "%d attempts", file.attempts) % file.attempts
    text = file.get_state_display()
    if not file.missing_host:
        text += f", {tries}"
    if file.problem:
        text += f": {file.problem}"
    since = job.finished_at or job.changed_at
    if file.is_closed_unstored:
        step = (
            "We stopped trying. If the cause is fixed (say, its host is now listed), fetch it "
            "again."
        )
    elif file.state == Rendition.State.FETCHING:
        step = "Being fetched now."
    else:
        if file.missing_host:
            step = "See Hosts to allow, above. "
        else:
            step = f"Next automatic attempt: {when(file.try_at)}. "
        last = since + job.retention
        step += (
            f"We stop trying after {moments.in_words(last)}: {countdown(last) or 'any moment now'}."
        )
    return OutstandingRow(
        job=job,
        since=since,
        text=text,
        next_step=step,
        file=file,
        may_close=file.is_closed_unstored,
    )


def doubtful(job: Job) -> OutstandingRow:
    sent = job.sent_at or job.created_at
    step = (
        f"After {moments.in_words(sent + job.retention)} it counts as lost and spent. Open it to "
        "attach the ID from the provider’s log, send it again, or write it off."
    )
    # A restored database knows no address for the callback of what was sent after the backup.
    if job.callback_hash or job.error_code != lifecycle.RESTORED:
        step = f"If its callback comes, it continues automatically. {step}"
    text = job.error or "The provider’s answer was lost."
    return OutstandingRow(
        job=job, since=sent, text=text, next_step=step, held=job.quote, may_close=True
    )


def unpicked(job: Job) -> OutstandingRow:
    link = job.offered_on
    if link.upgrade_until:
        step = (
            "Made automatically once a client picks a take. If nobody does, its credits are "
            f"released on {moments.in_words(link.upgrade_until)}. Canceling it releases them now."
        )
    else:
        step = (
            "Made automatically once a client picks a take. Canceling it releases its credits now."
        )
    text = f"On the link “{isolated(link.label)}”."
    since = job.created_at
    return OutstandingRow(job=job, since=since, text=text, next_step=step, held=job.quote)


def late(job: Job) -> OutstandingRow:
    sent = job.sent_at or job.created_at
    step = (
        f"Next automatic check: {when(job.check_at)}. We stop checking after "
        f"{moments.in_words(sent + job.retention)}. See the provider’s log if you need "
        "to know sooner."
    )
    text = "Taking much longer than usual."
    return OutstandingRow(job=job, since=sent, text=text, next_step=step, held=job.quote)


def keyless(job: Job) -> OutstandingRow:
    key = job.credential
    if job.status == Status.RUNNING:
        text = "Being made at the provider, which can’t be asked with this key."
    else:
        text = job.error or "Waiting for a working key."
    if key and key.state == Credential.State.EMPTY:
        step = "Top up the provider’s account, and it continues within minutes."
    else:
        name = isolated(job.owner.label)
        if key is None:
            first = f"{name} can add a key on the API keys page."
        elif key.owner_id is None:
            first = f"An admin can replace the key ending in {key.last_four} on the API keys page."
        else:
            first = f"{name} can replace the key ending in {key.last_four} on the API keys page."
        step = f"{first} We also retry it every 10 minutes, and it continues once the key works."
    since = job.sent_at or job.created_at
    return OutstandingRow(job=job, since=since, text=text, next_step=step, held=job.quote)


def unreached(job: Job) -> OutstandingRow:
    label = PROVIDERS[job.provider].label
    since = job.unreached_since or job.changed_at
    step = (
        f"Sent automatically as soon as {label} answers. If it doesn’t by "
        f"{moments.in_words(since + timedelta(seconds=DAY_SECONDS))}, this fails and its credits "
        "are released. Canceling it releases them now."
    )
    return OutstandingRow(job=job, since=since, text=job.error, next_step=step, held=job.quote)


def lost(job: Job) -> OutstandingRow:
    step = (
        "If the video turns up after all, it is delivered and its charge corrected. Compare the "
        "charge with the provider’s log."
    )
    since = job.finished_at or job.changed_at
    text = f"{job.error} {job.charged or 0:,} credits were spent."
    return OutstandingRow(job=job, since=since, text=text, next_step=step, may_close=True)
