"""Our own side: settings, clocks, and the way by which callbacks come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from jobs.doctor.finding import Finding, differs, ok, unknown
from jobs.models import User
from jobs.net import addresses
from jobs.providers.http import VERSION
from jobs.readiness import self_test

SKEW_SECONDS = 2
"""Two clocks may differ by so much."""


def examine() -> Iterator[Finding]:
    yield ok("Dailies", f"version {VERSION}, {connection.vendor}, {_world()}")
    yield _settings()
    yield _database_clock()
    yield _callbacks()


def _world() -> str:
    return "practice mode: the providers are our own" if settings.PRACTICE else "real providers"


def _settings() -> Finding:
    found = [each for each in run_checks() if each.level >= WARNING and not each.is_silenced()]
    if found:
        # A check's words may quote a setting; its name never does.
        return differs("settings", f"manage.py check finds {', '.join(str(f.id) for f in found)}")
    return ok("settings", "manage.py check finds nothing")


def _database_clock() -> Finding:
    told = User.objects.annotate(now=Now()).values_list("now", flat=True).first()
    return skew("clock of the database", told)


def _callbacks() -> Finding:
    if not addresses.reaches_us():
        return unknown("callbacks", "PUBLIC_URL isn’t set: no provider calls back, jobs are polled")
    outcome = self_test.try_callbacks()
    return (ok if outcome.worked else differs)("callbacks", outcome.said)


def skew(subject: str, told: datetime | None) -> Finding:
    """How far a clock is from this machine's."""
    if told is None:
        return unknown(subject, "it told no time")
    seconds = abs((timezone.now() - told).total_seconds())
    said = f"{seconds:.0f} s from this machine’s"
    return ok(subject, said) if seconds <= SKEW_SECONDS else differs(subject, said)
