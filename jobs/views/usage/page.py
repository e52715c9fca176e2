"""Usage: where the credits went in figures and charts, and everything as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs import ledger, usage
from jobs.forms import UsageForm
from jobs.models import Project, Team, User
from jobs.views.access import Request
from jobs.views.answers import csv

RANKS_DRAWN = 10
ROWS_HEAD = (
    "jobs",
    "videos",
    "settled",
    "held",
    "released",
    "wasted on failures",
    "charged above quote",
    "success percent",
    "credits per video",
)
JOBS_HEAD = (
    "booked on",
    "made at",
    "job",
    "person",
    "project",
    "provider",
    "model",
    "operation",
    "mode",
    "resolution",
    "status",
    "practice",
    "quote",
    "charged",
    "reported by provider",
    "draft",
    "price in full",
    "promoted from",
    "prompt",
)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Rank:
    """A row of the ranking, and the address that shows only what it stands for."""

    row: usage.UsageRow
    address: str


@require_safe
def page(request: Request) -> HttpResponse:
    form = UsageForm(request.GET, user=request.user)
    is_valid = form.is_valid()
    wanted = form.wanted
    report = usage.report(wanted)
    query = _query(form)
    today = ledger.today()
    ahead = usage.projection_of(wanted, report.total.settled, today)
    per_day = ahead.per_day if ahead and not ahead.is_early else 0
    team = Team.current()
    context = {
        "form": form,
        "scope": wanted,
        "report": report,
        "chart": usage.stacked(wanted, report.cells, today, per_day=per_day),
        "ahead": ahead,
        "ranks": [Rank(row, _narrowed(query, wanted.by, row.key)) for row in report.rows],
        "drawn": RANKS_DRAWN,
        "given": usage.given(wanted),
        "saved": usage.saved(wanted),
        "chips": _chips(form, query),
        "dimensions": [
            (label, f"?{urlencode({**query, 'by': name})}", name == wanted.by)
            for name, label in form.dimensions.items()
        ],
        "query": urlencode({**query, "by": wanted.by}),
        "standing": _standing(form, request.user, team),
        "team": team,
    }
    return render(request, "usage/page.html", context, status=200 if is_valid else 422)


@require_safe
@csv.counted
def export(request: Request) -> HttpResponseBase:
    """The ranking as the page shows it, or with `rows=jobs` every job that it counts."""
    form = UsageForm(request.GET, user=request.user)
    form.is_valid()
    wanted = form.wanted
    days = f"{wanted.start}-to-{wanted.end}"
    if request.GET.get("rows") == "jobs":
        return csv.stream(f"dailies-jobs-{days}", JOBS_HEAD, _jobs(wanted))
    rows = usage.report(wanted).rows
    name = f"dailies-usage-by-{wanted.by}-{days}"
    return csv.stream(name, (usage.DIMENSIONS[wanted.by].lower(), *ROWS_HEAD), map(_figures, rows))


def _figures(row: usage.UsageRow) -> Sequence[object]:
    of = row.figures
    averages = (
        None if value is None else round(value, 2) for value in (of.success_percent, of.per_video)
    )
    return (
        row.label,
        of.jobs,
        of.videos,
        of.settled,
        of.held,
        of.released,
        of.wasted,
        of.overrun,
        *averages,
    )


def _jobs(wanted: usage.UsageFilter) -> Iterator[Sequence[object]]:
    people, projects = usage.labels("person"), usage.labels("project")
    names = {**usage.labels("model"), **usage.labels("kind"), **usage.labels("provider")}
    rows = wanted.jobs().order_by("booked_on", "created_at", "pk")
    for row in rows.values_list(
        "booked_on",
        "created_at",
        "pk",
        "payer",
        "paid_project",
        "provider",
        "model",
        "kind",
        "mode",
        "resolution",
        "status",
        "practice",
        "quote",
        "charged",
        "provider_credits_charged",
        "is_draft",
        "full_price",
        "draft",
        "prompt",
    ).iterator(chunk_size=2000):
        day, made, pk, payer, project, provider, model, kind, *rest = row
        yield (
            day,
            made,
            pk,
            people[payer],
            projects[project] if project else "",
            names.get(provider, provider),
            names.get(model, model),
            names.get(kind, kind),
            *rest,
        )


def _query(form: UsageForm) -> dict[str, str]:
    """The query of the page, without what was left empty."""
    asked = {name: form.data.get(name) for name in form.fields if name not in form.errors}
    return {name: value for name, value in asked.items() if value}


def _narrowed(query: dict[str, str], by: str, key: str) -> str:
    """The address of one row alone, divided by something else then."""
    if by == "day":
        return "?" + urlencode({**query, "period": "dates", "start": key, "end": key})
    further = {"person": "project", "project": "person", "provider": "model", "model": "kind"}
    return "?" + urlencode({**query, by: key, "by": further.get(by, "day")})


def _chips(form: UsageForm, query: dict[str, str]) -> list[Chip]:
    chips = []
    for field in form.filters:
        if value := query.get(field.name):
            rest = {name: each for name, each in query.items() if name != field.name}
            words = form.words[field.name][value]
            chips.append(Chip(str(field.label), words, f"?{urlencode(rest)}"))
    return chips


def _standing(form: UsageForm, user: User, team: Team) -> ledger.Standing | None:
    """The budget that bounds what is shown: of one scope, in the running period."""
    wanted = form.wanted
    if not form.is_running_period or wanted.provider or wanted.model or wanted.kind:
        return None
    if wanted.project is not None:
        project = Project.objects.filter(pk=wanted.project).first()
        return ledger.standing_of_project(project) if project and wanted.person is None else None
    if wanted.person is None:
        return ledger.standing_of_team(team)
    person = user if wanted.person == user.pk else User.objects.get(pk=wanted.person)
    return ledger.standing_of(person)
