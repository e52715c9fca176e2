"""Unfinished work, for admins: each with who, how long, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.archive.results.hosts import setting_with
from jobs.models import Credential, Job, Mailing, Rendition, Stray
from jobs.models.jobs.status import Status
from jobs.models.news.mailing import TOLD_FOR
from jobs.views.access import Request, admin_required
from jobs.views.team.unfinished import open_rows
from jobs.views.team.unfinished.open_rows import OutstandingRow
from jobs.views.team.unfinished.outages import UNREACHED, outages
from jobs.views.team.unfinished.restored import restored

ROWS_SHOWN, PAGE_SIZE = 12, 50
"""Of one kind among the others, and on a page of its own."""
HOSTS_MAX, MAILINGS_MAX, DONE_MAX = 100, 20, 12
NOT_STORED = (
    Rendition.State.WAITING,
    Rendition.State.FETCHING,
    Rendition.State.EXPIRED,
    Rendition.State.REJECTED,
)


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of open things, the oldest first."""

    name: str
    title: str
    rows: list[OutstandingRow]
    number: int
    """Of all there are."""
    page: Page[Any] | None = None
    """Where it has a page of its own."""


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


def unfinished() -> dict[str, Any]:
    """All of it, as the page of what is to do shows it, with the first rows of each kind."""
    sections = [_section(kind) for kind in _kinds()]
    closed = Job.objects.filter(closed_at__isnull=False, trashed_at=None).select_related(
        "closed_by"
    )
    hosts, keys = hosts_to_allow(), list(Credential.objects.current().in_trouble())
    return {
        "restored": restored(),
        "strays": Stray.objects.count(),
        "hosts": hosts,
        "outages": outages(keys),
        "mailings": list(_mailings()),
        "setting": setting_with([host.entry for host in hosts]),
        "sections": [each for each in sections if each.rows],
        "closed": closed.order_by("-closed_at")[:DONE_MAX],
        "keys": [key for key in keys if key.is_failing],
    }


def all_of(name: str, page: int) -> Section | None:
    """One kind on a page of its own; None where nothing is called so."""
    for kind in _kinds():
        if kind.name == name:
            shown = Paginator(kind.found, PAGE_SIZE).get_page(page)
            rows = [kind.row(each) for each in shown]
            return Section(name, kind.title, rows, shown.paginator.count, shown)
    return None


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    title: str
    found: QuerySet[Any]
    row: Callable[[Any], OutstandingRow]


def _kinds() -> list[_Kind]:
    people = Job.objects.select_related("owner", "credential").order_by("created_at", "pk")
    # Said by what they are, which an index leads to, and not by what they are not.
    files = Rendition.objects.filter(state__in=NOT_STORED, job__trashed_at=None)
    files = files.filter(Q(job__closed_at=None) | Q(state__in=NOT_STORED[:2]))
    files = files.select_related("job__owner").order_by("job__finished_at", "pk")
    picks = people.filter(status=Status.AWAITING_PICK).select_related("offered_on")
    refused = Q(credential__state=Credential.State.REJECTED, status=Status.RUNNING)
    keyless = people.filter(Q(status=Status.QUEUED, error_code=Job.PAUSED) | refused)
    unreached = people.filter(status=Status.QUEUED, error_code__in=UNREACHED)
    # What its owner threw away stands under Reconciliation all the same.
    lost = people.filter(status=Status.LOST, is_unverified=True, closed_at=None, trashed_at=None)
    late = people.filter(status=Status.RUNNING, is_late=True)
    return [
        _Kind("files", "Not stored yet", files, open_rows.file),
        _Kind("doubt", "Needs a look", people.in_doubt(), open_rows.doubtful),
        _Kind("pick", "Reserved for a pick", picks, open_rows.unpicked),
        _Kind("late", "Late", late, open_rows.late),
        _Kind("keys", "Waiting for a key", keyless, open_rows.keyless),
        _Kind("unreached", "Waiting for a provider", unreached, open_rows.unreached),
        _Kind("lost", "Charged without proof", lost, open_rows.lost),
    ]


def _mailings() -> QuerySet[Mailing]:
    """The newest e-mails that did not go out, or not yet, and why."""
    lately = timezone.now() - TOLD_FOR
    rows = Mailing.objects.troubled().filter(made_at__gt=lately).select_related("person")
    return rows.order_by("-pk")[:MAILINGS_MAX]


def hosts_to_allow() -> list[HostToAllow]:
    """Of results that wait for nothing else."""
    waiting = Rendition.objects.without_host().order_by("missing_host").values("missing_host")
    counted = waiting.annotate(number=Count("pk"))[:HOSTS_MAX]
    return [HostToAllow(row["missing_host"], row["number"]) for row in counted]


def _section(kind: _Kind) -> Section:
    """The first rows, and how many there are in all: two queries at most."""
    shown = list(kind.found[: ROWS_SHOWN + 1])
    number = len(shown) if len(shown) <= ROWS_SHOWN else kind.found.count()
    return Section(kind.name, kind.title, [kind.row(each) for each in shown[:ROWS_SHOWN]], number)
