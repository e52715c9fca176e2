"""How the installation is: what works, what waits, and tries of what lies between it and others."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import django
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_q.models import Failure

from jobs.archive.kept import nameplate, places, room
from jobs.models import Budget, Credential, Heartbeat, Job, LedgerCheck, Rendition
from jobs.models.jobs.status import Status
from jobs.net import addresses
from jobs.providers import PROVIDERS
from jobs.providers.http import VERSION
from jobs.readiness import self_test
from jobs.templatetags.dailies import span
from jobs.times import moments
from jobs.views.access import Request, admin_required
from jobs.vitals import heartbeats, overdue

FAILURES_OF = timedelta(days=7)


class State(StrEnum):
    """The colour of a fact."""

    GOOD, NOTE, BAD = "ok", "warn", "bad"

    @property
    def label(self) -> str:
        return {"ok": "Fine", "warn": "Take a look", "bad": "Broken"}[self]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that works or does not, and where to look."""

    name: str
    text: str
    state: State = State.GOOD
    to: str = ""


@require_safe
@admin_required
def page(request: Request) -> HttpResponse:
    context = {
        "facts": [*_processes(), *_providers(), *_waiting(), *_storage(), *_books()],
        "versions": _versions(),
        "callback_base": addresses.for_provider("") if addresses.reaches_us() else "",
        "has_mail": settings.HAS_MAIL,
        "sender": settings.DEFAULT_FROM_EMAIL,
    }
    return render(request, "team/system.html", context)


@require_POST
@admin_required
def try_callbacks(request: Request) -> HttpResponse:
    return _told(request, self_test.try_callbacks())


@require_POST
@admin_required
def try_mail(request: Request) -> HttpResponse:
    return _told(request, self_test.try_mail(request.user))


def _told(request: Request, outcome: self_test.Outcome) -> HttpResponse:
    (messages.success if outcome.worked else messages.error)(request, outcome.said)
    return redirect("system")


def _processes() -> Iterator[Fact]:
    """Those that pages do without. Of one that is long gone nothing is known any more."""
    alive, beats = heartbeats.alive(), heartbeats.latest()
    for part in Heartbeat.Part:
        beat = beats.get(part)
        said = f"last heard of {span(beat)} ago" if beat else "not heard of in the last hour"
        state = {True: State.GOOD, None: State.NOTE, False: State.BAD}[alive[part]]
        yield Fact(part.label, said, state)


def _providers() -> Iterator[Fact]:
    """Those that there are keys for."""
    keys = Credential.objects.current().values("provider").order_by("provider")
    for row in keys.annotate(since=Min("unreachable_since")):
        name = PROVIDERS[row["provider"]].label
        if row["since"]:
            said = f"can’t be reached since {moments.of_day(row['since'])}"
            yield Fact(name, said, State.BAD, reverse("requests"))
        else:
            yield Fact(name, "was reached when it was last asked")


def _waiting() -> Iterator[Fact]:
    kinds = (
        (Status.QUEUED, "Waiting to be sent", "created_at", State.GOOD, ""),
        (Status.RUNNING, "Rendering", "sent_at", State.GOOD, ""),
        (Status.UNCERTAIN, "Needs a look", "sent_at", State.NOTE, reverse("requests")),
    )
    for status, name, since, state, to in kinds:
        rows = Job.objects.filter(status=status).order_by()
        found = rows.aggregate(number=Count("pk"), oldest=Min(since))
        text = _number(found["number"], found["oldest"], "video")
        yield Fact(name, text, state, to) if found["number"] else Fact(name, text)
    yield _overdue()
    failed = Failure.objects.filter(stopped__gt=timezone.now() - FAILURES_OF).count()
    said = f"{failed:,} in a week" if failed else "none in a week"
    yield Fact("Failed background tasks", said, State.NOTE if failed else State.GOOD)


def _overdue() -> Fact:
    late = {what: number for what, number in overdue.counted().items() if number}
    said = ", ".join(
        f"{number:,} {what if number > 1 else what[:-1]}" for what, number in late.items()
    )
    return Fact("Overdue", said or "nothing", State.BAD if late else State.GOOD)


def _storage() -> Iterator[Fact]:
    waiting = Rendition.objects.on_their_way().order_by()
    found = waiting.aggregate(number=Count("pk"), oldest=Min("job__finished_at"))
    text = _number(found["number"], found["oldest"], "film")
    yield Fact("Films to fetch", text, to=reverse("requests") if found["number"] else "")
    if trouble := nameplate.trouble():
        yield Fact("Disk", trouble, State.BAD)
        return
    said = f"{filesizeformat(room.free())} free, at {places.whereabouts()}"
    if room.has_room():
        yield Fact("Disk", said)
    else:
        yield Fact("Disk", f"{said}. Too little: no paid video is taken", State.BAD)


def _books() -> Iterator[Fact]:
    frozen = Budget.objects.filter(is_frozen=True).count()
    if not frozen:
        latest = LedgerCheck.objects.first()
        said = f", last checked {span(latest.checked_at)} ago" if latest else ""
        yield Fact("Ledger", f"adds up{said}")
        return
    said = ngettext("%d budget is stopped", "%d budgets are stopped", frozen) % frozen
    yield Fact("Ledger", f"{said}: its entries say another figure", State.BAD)


def _versions() -> list[tuple[str, str]]:
    return [
        ("Dailies", VERSION),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("Database", _database()),
        ("System", f"{platform.system()} {platform.release()}"),
    ]


def _database() -> str:
    version = ".".join(map(str, connection.get_database_version()))
    return f"{connection.display_name} {version}"


def _number(number: int, oldest: datetime | None, what: str) -> str:
    if not number:
        return "none"
    since = f", the oldest for {span(oldest)}" if oldest else ""
    return f"{number:,} {what}{'s' if number != 1 else ''}{since}"
