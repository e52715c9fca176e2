"""The audit: who changed what, when, from what to what, and why. For admins only."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.forms import AuditFilterForm
from jobs.models import AuditEvent
from jobs.models.audit_event import AuditEventQuerySet
from jobs.views.access import Request, admin_required
from jobs.views.answers import csv

PER_PAGE = 50
COLUMNS = ("When", "Who", "Action", "Subject", "From", "To", "Reason")


@require_safe
@admin_required
def page(request: Request) -> HttpResponse:
    return _page(request, AuditFilterForm(request.GET))


@require_safe
@admin_required
@csv.counted
def export(request: Request) -> HttpResponseBase:
    """Send what the page's filter finds, all pages of it, as a CSV file."""
    form = AuditFilterForm(request.GET)
    if not form.is_valid():
        return _page(request, form)
    return csv.stream(
        f"audit-{timezone.localdate()}", COLUMNS, _rows(_found(form).select_related("actor"))
    )


def _page(request: Request, form: AuditFilterForm) -> HttpResponse:
    is_valid = form.is_valid()
    found = _found(form) if is_valid else AuditEvent.objects.none()
    events = Paginator(found.for_pages(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "events": events,
        "is_filtered": any(form.cleaned_data.values()),
    }
    return render(request, "team/audit.html", context, status=200 if is_valid else 422)


def _found(form: AuditFilterForm) -> AuditEventQuerySet:
    wanted = form.wanted
    found = AuditEvent.objects.matching(wanted.words)
    found = found.between(wanted.first, wanted.last)
    if wanted.action:
        found = found.filter(action=wanted.action)
    if wanted.is_by_server:
        return found.by_server()
    return found.filter(actor=wanted.actor_id) if wanted.actor_id else found


def _rows(events: AuditEventQuerySet) -> Iterator[tuple[object, ...]]:
    for event in events.iterator(chunk_size=1000):
        who = event.actor.username if event.actor else event.stranger
        yield (
            event.created_at,
            who,
            event.action,
            event.subject,
            event.before,
            event.after,
            event.reason,
        )
