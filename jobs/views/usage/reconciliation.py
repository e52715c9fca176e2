"""Our settlements beside the providers' word, for admins; and the file for their support."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs import reconciliation, statements
from jobs.models import Job
from jobs.providers import PROVIDERS
from jobs.reconciliation import Difference, Movement, Span
from jobs.views.access import Request, admin_required
from jobs.views.answers.downloads import save_as
from jobs.views.usage.statements import parse_month

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of all differences of one name."""

    name: str
    count: int
    credits: int


@dataclass(frozen=True, slots=True)
class MovementRow:
    movement: Movement
    jobs: list[Job]
    """Those it names, by their rows."""


@require_safe
@admin_required
def page(request: Request) -> HttpResponse:
    """The differences of a month, of one provider or all."""
    span = _span(request)
    found = reconciliation.differences(span)
    moved = reconciliation.movements(span)
    context = {
        "span": span,
        "months": list(reversed(statements.every_month())),
        "providers": list(PROVIDERS.values()),
        "differences": found[:SHOWN_MAX],
        "more": max(len(found) - SHOWN_MAX, 0),
        "sums": _sums(found),
        "movements": _named(moved.unexplained[:SHOWN_MAX]),
        "more_movements": max(len(moved.unexplained) - SHOWN_MAX, 0),
        "agreed": moved.agreed,
    }
    return render(request, "usage/reconciliation.html", context)


@require_safe
@admin_required
def evidence(request: Request, provider: str, month: str) -> HttpResponse:
    """The file for one provider's support: text, so that anybody there can read it."""
    if provider not in PROVIDERS:
        raise Http404
    span = Span(parse_month(month), provider)
    lines = reconciliation.evidence(span, with_prompts="prompts" in request.GET)
    answer = HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
    save_as(answer, f"evidence-{span.provider}-{span.month:%Y-%m}.txt")
    return answer


def _span(request: Request) -> Span:
    """The month and provider asked for; the running month of all without."""
    provider = request.GET.get("provider", "")
    if provider and provider not in PROVIDERS:
        raise Http404
    month = request.GET.get("month", "")
    return Span(parse_month(month) if month else statements.this_month(), provider)


def _sums(found: list[Difference]) -> list[Sum]:
    names = dict.fromkeys(each.name for each in found)
    of = {name: [each.credits for each in found if each.name == name] for name in names}
    return [Sum(name, len(credits), sum(credits)) for name, credits in of.items()]


def _named(found: list[Movement]) -> list[MovementRow]:
    jobs = Job.objects.in_bulk({job_id for each in found for job_id in each.named})
    return [MovementRow(each, [jobs[job_id] for job_id in each.named]) for each in found]
