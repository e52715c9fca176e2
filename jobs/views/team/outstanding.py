"""Unfinished work, for admins: each with who, how long, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jobs import lifecycle, moments
from jobs.archive.results.hosts import setting_with
from jobs.letters import isolated
from jobs.lifecycle.sending.reach import DAY_SECONDS
from jobs.models import Credential, Job, Mailing, Rendition
from jobs.models.jobs.status import Status
from jobs.models.news.mailing import TOLD_FOR
from jobs.providers import PROVIDERS
from jobs.templatetags.dailies import countdown
from jobs.views.access import Request, admin_required
from jobs.views.team.outages import UNREACHED, outages, when
from jobs.views.team.restored import restored

ROWS_SHOWN, ROWS_MAX = 12, 100
"""Of one kind, and of the one that more is asked of."""
MAILINGS_MAX = 20
NOT_STORED = (
    Rendition.State.WAITING,
    Rendition.State.FETCHING,
    Rendition.State.EXPIRED,
    Rendition.State.REJECTED,
)


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


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of open things, the oldest first."""

    name: str
    title: str
    rows: list[OutstandingRow]
    more: int

    @property
    def is_longer(self) -> bool:
        """More of it can be shown."""
        return bool(self.more) and len(self.rows) < ROWS_MAX


@dataclass(frozen=True, slots=True)
class HostToAllow:
    """A host that files wait for."""

    entry: str
    number: int
    """Of its files."""

    @property
    def may_be_private(self) -> bool:
        """What is listed with a port is connected to wherever it lies."""
        return ":" in self.entry


@require_safe
@admin_required
def page(request: Request) -> HttpResponse:
    """Lead to where it stands, beside everything else that admins are needed for."""
    return redirect(f"{reverse('requests')}#unfinished")


def unfinished(at_length: str = "") -> dict[str, Any]:
    """All of it, as the page of what is to do shows it. `at_length`: the section with more rows."""
    people = Job.objects.select_related("owner", "credential")
    # Said by what they are, which an index leads to, and not by what they are not.
    files = Rendition.objects.filter(state__in=NOT_STORED, job__trashed_at=None)
    files = files.select_related("job__owner")
    refused = Q(credential__state=Credential.State.REJECTED)
    section = partial(_section, at_length)
    sections = [
        section("files", "Not stored yet", files.order_by("job__finished_at"), _file),
        section("doubt", "Needs a look", people.filter(status=Status.UNCERTAIN), _doubtful),
        section(
            "pick",
            "Reserved for a pick",
            people.filter(status=Status.AWAITING_PICK).select_related("offered_on"),
            _unpicked,
        ),
        section("late", "Late", people.filter(status=Status.RUNNING, is_late=True), _late),
        section(
            "keys",
            "Waiting for a key",
            people.filter(
                Q(status=Status.QUEUED, error_code=Job.PAUSED) | Q(refused, status=Status.RUNNING)
            ),
            _keyless,
        ),
        section(
            "unreached",
            "Waiting for a provider",
            people.filter(status=Status.QUEUED, error_code__in=UNREACHED),
            _unreached,
        ),
        section(
            "lost",
            "Charged without proof",
            people.filter(status=Status.LOST, is_unverified=True),
            _lost,
        ),
    ]
    hosts, keys = hosts_to_allow(), list(Credential.objects.current().in_trouble())
    return {
        "restored": restored(),
        "hosts": hosts,
        "outages": outages(keys),
        "mailings": list(_mailings()),
        "setting": setting_with([host.entry for host in hosts]),
        "sections": [each for each in sections if each.rows],
        "keys": [key for key in keys if key.is_failing],
    }


def _mailings() -> QuerySet[Mailing]:
    """The newest e-mails that did not go out, or not yet, and why."""
    lately = timezone.now() - TOLD_FOR
    rows = Mailing.objects.troubled().filter(made_at__gt=lately).select_related("person")
    return rows.order_by("-pk")[:MAILINGS_MAX]


def hosts_to_allow() -> list[HostToAllow]:
    """Of results that wait for nothing else."""
    waiting = Rendition.objects.without_host().order_by("missing_host").values("missing_host")
    counted = waiting.annotate(number=Count("pk"))[:ROWS_MAX]
    return [HostToAllow(row["missing_host"], row["number"]) for row in counted]


def _section(
    at_length: str,
    name: str,
    title: str,
    found: QuerySet[Any],
    row: Callable[[Any], OutstandingRow],
) -> Section:
    """The first rows, and how many there are beyond: two queries at most."""
    most = ROWS_MAX if name == at_length else ROWS_SHOWN
    oldest = found.order_by("created_at") if found.model is Job else found
    shown = list(oldest[: most + 1])
    more = found.count() - most if len(shown) > most else 0
    return Section(name, title, [row(each) for each in shown[:most]], more)


def _file(file: Rendition) -> OutstandingRow:
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
    return OutstandingRow(job=job, since=since, text=text, next_step=step, file=file)


def _doubtful(job: Job) -> OutstandingRow:
    sent = job.sent_at or job.created_at
    step = (
        f"After {moments.in_words(sent + job.retention)} it counts as lost and spent. Open it to "
        "attach the ID from the provider’s log, send it again, or write it off."
    )
    # A restored database knows no address for the callback of what was sent after the backup.
    if job.callback_hash or job.error_code != lifecycle.RESTORED:
        step = f"If its callback comes, it continues automatically. {step}"
    text = job.error or "The provider’s answer was lost."
    return OutstandingRow(job=job, since=sent, text=text, next_step=step, held=job.quote)


def _unpicked(job: Job) -> OutstandingRow:
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


def _late(job: Job) -> OutstandingRow:
    sent = job.sent_at or job.created_at
    step = (
        f"Next automatic check: {when(job.check_at)}. We stop checking after "
        f"{moments.in_words(sent + job.retention)}. See the provider’s log if you need "
        "to know sooner."
    )
    text = "Taking much longer than usual."
    return OutstandingRow(job=job, since=sent, text=text, next_step=step, held=job.quote)


def _keyless(job: Job) -> OutstandingRow:
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


def _unreached(job: Job) -> OutstandingRow:
    label = PROVIDERS[job.provider].label
    since = job.unreached_since or job.changed_at
    step = (
        f"Sent automatically as soon as {label} answers. If it doesn’t by "
        f"{moments.in_words(since + timedelta(seconds=DAY_SECONDS))}, this fails and its credits "
        "are released. Canceling it releases them now."
    )
    return OutstandingRow(job=job, since=since, text=job.error, next_step=step, held=job.quote)


def _lost(job: Job) -> OutstandingRow:
    step = (
        "If the video turns up after all, it is delivered and its charge corrected. Compare the "
        "charge with the provider’s log."
    )
    since = job.finished_at or job.changed_at
    text = f"{job.error} {job.charged or 0:,} credits were spent."
    return OutstandingRow(job=job, since=since, text=text, next_step=step)
