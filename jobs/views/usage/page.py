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
from jobs.views import csv
from jobs.views.access import Request

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
    scope = form.scope
    report = usage.report(scope)
    query = _query(form)
    most = max((row.figures.settled for row in report.rows), default=0)
    team = Team.current()
    context = {
        "form": form,
        "scope": scope,
        "report": report,
        "chart": usage.stacked(scope, report.cells, ledger.today()),
        "ranks": [Rank(row, _narrowed(query, scope.by, row.key)) for row in report.rows],
        "drawn": RANKS_DRAWN,
        "most": most,
        "given": usage.given(scope),
        "chips": _chips(form, query),
        "dimensions": [
            (label, f"?{urlencode({**query, 'by': name})}", name == scope.by)
            for name, label in form.dimensions.items()
        ],
        "query": urlencode({**query, "by": scope.by}),
        "standing": _standing(form, request.user, team),
        "team": team,
    }
    return render(request, "usage/page.html", context, status=200 if is_valid else 422)


@require_safe
def export(request: Request) -> HttpResponseBase:
    """The ranking as the page shows it, or with `rows=jobs` every job that it counts."""
    form = UsageForm(request.GET, user=request.user)
    form.is_valid()
    scope = form.scope
    days = f"{scope.start}-to-{scope.end}"
    if request.GET.get("rows") == "jobs":
        return csv.stream(f"dailies-jobs-{days}", JOBS_HEAD, _jobs(scope))
    rows = usage.report(scope).rows
    name = f"dailies-usage-by-{scope.by}-{days}"
    return csv.stream(name, (usage.DIMENSIONS[scope.by].lower(), *ROWS_HEAD), map(_figures, rows))


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


def _jobs(scope: usage.Scope) -> Iterator[Sequence[object]]:
    people, projects = usage.labels("person"), usage.labels("project")
    names = {**usage.labels("model"), **usage.labels("kind"), **usage.labels("provider")}
    rows = scope.jobs().order_by("booked_on", "created_at", "pk")
    for row in rows.values_list(
        "booked_on",
        "created_at",
        "pk",
        "payer",
        "project",
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
        "prompt",
    ).iterator(chunk_size=2000):
        day, made, pk, payer, project, provider, model, kind, *rest = row
        yield (
            day,
            made,
            pk,
            people[payer],
            projects[project] if project else "",
            *(names.get(each, each) for each in (provider, model, kind)),
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
    scope = form.scope
    if not form.is_running_period or scope.provider or scope.model or scope.kind:
        return None
    if scope.project is not None:
        project = Project.objects.filter(pk=scope.project).first()
        return ledger.standing_of_project(project) if project and scope.person is None else None
    if scope.person is None:
        return ledger.standing_of_team(team)
    person = user if scope.person == user.pk else User.objects.get(pk=scope.person)
    return ledger.standing_of(person)
