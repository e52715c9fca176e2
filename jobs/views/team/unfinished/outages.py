"""Providers that can't be reached, for admins: since when, what waits for them, and a button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from jobs.credentials import circuit
from jobs.models import Credential, Job
from jobs.models.jobs.status import IMAGES_UNREACHED, UNREACHABLE, Status
from jobs.providers import PROVIDERS
from jobs.views.access import Request, admin_required

UNREACHED = (UNREACHABLE, IMAGES_UNREACHED)


@dataclass(frozen=True, slots=True)
class OutageRow:
    """A provider that can't be reached, with whichever accounts."""

    provider: str
    since: datetime
    probe_at: datetime
    jobs: int
    """Of the videos that wait for it."""
    held: int

    @property
    def next_try(self) -> str:
        return when(self.probe_at)


@require_POST
@admin_required
def try_now(request: Request, provider: str) -> HttpResponse:
    """Have it tried at once whether this provider answers again."""
    if provider not in PROVIDERS:
        raise Http404
    label = PROVIDERS[provider].label
    if circuit.try_now(provider):
        messages.success(request, f"Trying {label} now. Reload this page in a few seconds.")
    else:
        messages.success(request, f"{label} answers again.")
    return redirect(f"{reverse('requests')}#outages")


def outages(keys: Iterable[Credential]) -> list[OutageRow]:
    """Those that these keys meet with: one query, none where there is no outage."""
    met: dict[str, list[tuple[datetime, datetime]]] = {}
    for key in keys:
        if key.unreachable_since and key.probe_at:
            met.setdefault(key.provider, []).append((key.unreachable_since, key.probe_at))
    if not met:
        return []
    waiting = Job.objects.filter(status=Status.QUEUED, error_code__in=UNREACHED).order_by()
    counted = waiting.values_list("provider").annotate(Count("pk"), Sum("quote"))
    of_each = {provider: (jobs, held) for provider, jobs, held in counted}
    return [
        OutageRow(
            provider,
            min(since for since, _ in moments),
            min(probe_at for _, probe_at in moments),
            *of_each.get(provider, (0, 0)),
        )
        for provider, moments in sorted(met.items())
    ]


def when(moment: datetime | None) -> str:
    """A moment to come, in words."""
    if moment is None:
        return "soon"
    minutes = (moment - timezone.now()).total_seconds() / 60
    if minutes < 1:
        return "within a minute"
    return f"in {minutes:.0f} min" if minutes < 90 else f"in {minutes / 60:.0f} h"
