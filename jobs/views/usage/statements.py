"""The books of each month: who asks sees their own; admins see everybody's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jobs import statements
from jobs.forms import digits
from jobs.models import Job, Project, Statement, User
from jobs.statements import Scope, Unfinished
from jobs.times.months import month_after
from jobs.views.access import Request, admin_required
from jobs.views.answers import csv

JOBS_SHOWN = 500
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
TEAM = "team"
FIGURES = (
    "opening",
    "granted",
    "adjusted",
    "expired",
    "spent",
    "closing",
    "held",
    "released",
    "job_count",
)
NOTHING = Unfinished(0, 0)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in a list."""

    statement: Statement
    url: str
    is_counted: bool


@require_safe
def page(request: Request) -> HttpResponse:
    """For admins all statements of a month, and the months; for members theirs, by month."""
    if not request.user.is_admin:
        mine = statements.of_scope(Scope(owner=request.user.pk))
        return render(request, "usage/statements.html", {"months": _rows(mine), "of_month": []})
    text = request.GET.get("month", "")
    month = parse_month(text) if text else statements.this_month()
    everybody = statements.of_month(month)
    months = statements.of_scope(Scope(), everybody)
    if month not in {each.month for each in months} | {statements.this_month()}:
        raise Http404
    context = {
        "months": _rows(months),
        "month": month,
        "of_month": _rows(everybody),
        "month_csv": reverse("statements-csv", args=[f"{month:%Y-%m}"]),
        "why_open": _why_open(month, None),
    }
    return render(request, "usage/statements.html", context)


@require_safe
def statement(request: Request, scope: str, whose: str, month: str) -> HttpResponse:
    """One statement with its lines; it prints on paper."""
    found = _find(request.user, scope, whose, parse_month(month))
    lines = list(statements.job_lines(found, JOBS_SHOWN))
    context = {
        "statement": found,
        "whose": _label(found),
        "is_counted": statements.is_counted(found),
        "end": month_after(found.month),
        "money": _money(found),
        "given": statements.given(found),
        "lines": lines,
        "more": found.job_count - len(lines),
        "totals": statements.totals(found),
        "why_open": "" if found.pk else _why_open(found.month, _scope(found)),
        "csv_url": reverse("statement-csv", args=[scope, whose, month]),
        "with_people": not found.owner_id,
    }
    return render(request, "usage/statement.html", context)


@require_safe
@csv.counted
def statement_csv(request: Request, scope: str, whose: str, month: str) -> StreamingHttpResponse:
    """A statement's figures, then each of its lines."""
    found = _find(request.user, scope, whose, parse_month(month))
    # A person and a project may be called the same.
    kind = _kind(found)
    of = kind if kind == TEAM else f"{kind}-{statements.whose(found)}"
    name = f"statement-{of}-{month}"
    header = ["day", "what", "prompt", "model", "operation", "held", "credits", "who", "why", "job"]
    return csv.stream(name, header, _lines(found))


@require_safe
@admin_required
@csv.counted
def month_csv(request: Request, month: str) -> StreamingHttpResponse:
    """Everybody's figures of a month."""
    first = parse_month(month)
    if first not in statements.every_month():
        raise Http404
    header = ["month", "scope", "whose", *FIGURES, "money", "currency", "closed", "sha256"]
    rows = (
        [
            month,
            _kind(found),
            _label(found),
            *(getattr(found, figure) for figure in FIGURES),
            _money(found),
            found.currency if found.credit_value else "",
            found.closed_at if found.pk else "preliminary",
            found.sha256,
        ]
        for found in statements.of_month(first)
    )
    return csv.stream(f"statements-{month}", header, rows)


def _lines(found: Statement) -> Iterator[list[object]]:
    """First the summary, as lines of their own kind, so that one table holds it all."""
    state = f"closed, sha256 {found.sha256}" if found.pk else "preliminary"
    for figure in FIGURES:
        amount = getattr(found, figure)
        yield [found.month, f"total {figure}", "", "", "", "", amount, _label(found), state, ""]
    if (money := _money(found)) is not None:
        yield [found.month, f"total in {found.currency}", "", "", "", "", money, "", state, ""]
    for entry in statements.given(found):
        who = entry.actor.label if entry.actor else ""
        job = entry.job.pk if entry.job else ""
        what = entry.get_kind_display().lower()
        yield [entry.booked_on, what, "", "", "", "", entry.credits, who, entry.reason, job]
    for line in statements.job_lines(found):
        job_row: Job = line.job
        yield [
            line.booked_on,
            "video",
            job_row.prompt[:200],
            job_row.model,
            job_row.get_kind_display(),
            line.held,
            -line.spent,
            line.by.label,
            line.result,
            job_row.pk,
        ]


def _find(user: User, scope: str, whose: str, month: date) -> Statement:
    """A statement this person may see. What they may not does not exist."""
    number = digits(whose)
    if scope == "person" and number and (user.is_admin or number == user.pk):
        of = Scope(owner=get_object_or_404(User, pk=number).pk)
    elif scope == "project" and number and user.is_admin:
        of = Scope(project=get_object_or_404(Project, pk=number).pk)
    elif scope == whose == TEAM and user.is_admin:
        of = Scope()
    else:
        raise Http404
    found = statements.find(of, month)
    if found is None:
        raise Http404
    return found


def parse_month(text: str) -> date:
    """The first day of 2026-11. Raises Http404."""
    if not MONTH.fullmatch(text):
        raise Http404
    year, month = text.split("-")
    return date(int(year), int(month), 1)


def _rows(found: list[Statement]) -> list[StatementRow]:
    return [StatementRow(each, _url(each), statements.is_counted(each)) for each in found]


def _url(found: Statement) -> str:
    number = found.owner_id or found.project_id or TEAM
    return reverse("statement", args=[_kind(found), number, f"{found.month:%Y-%m}"])


def _kind(found: Statement) -> str:
    return "person" if found.owner_id else "project" if found.project_id else TEAM


def _label(found: Statement) -> str:
    if found.owner:
        return found.owner.label
    return found.project.name if found.project else "The team"


def _scope(found: Statement) -> Scope:
    return Scope(found.owner_id, found.project_id)


def _money(found: Statement) -> Decimal | None:
    """The worth of what was spent, where an admin has said what a credit is."""
    if found.credit_value is None:
        return None
    return (found.spent * found.credit_value).quantize(Decimal("0.01"))


def _why_open(month: date, scope: Scope | None) -> str:
    """Say why a month is preliminary, in a sentence or two; of everybody's without a scope."""
    waiting = statements.open_months()
    if month not in waiting:
        return ""
    is_over = month < statements.this_month()
    own = statements.unfinished([month], scope).get(month, NOTHING)
    if own.jobs:
        said = ngettext(
            "{jobs:,} video of this month is not finished: {held:,} credits reserved.",
            "{jobs:,} videos of this month are not finished: {held:,} credits reserved.",
            own.jobs,
        )
        parts = [said.format(jobs=own.jobs, held=own.held)]
    elif scope and is_over and statements.unfinished([month]):
        parts = ["Other people’s videos this month are not finished."]
    elif is_over and month != waiting[0]:
        parts = [f"{date_format(waiting[0], 'F Y')} must be closed first."]
    else:
        parts = []
    if not is_over:
        return " ".join(["This month is not over.", *parts])
    if parts:
        return " ".join([*parts, "A month is closed for everyone at once."])
    return "It will be closed tonight."
