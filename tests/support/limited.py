"""Limits as a test wants them, and time that passes for them."""

from __future__ import annotations

from typing import Any

from django.conf import settings as current
from django.db.models import F

from jobs.models import LimitUse
from jobs.net import floods
from jobs.net.floods import Limit
from jobs.times import clock


def allow(settings: Any, limit: Limit, rate: str) -> None:
    """Set one limit for this test: 3/10m."""
    settings.LIMITS = {**current.LIMITS, limit.name: floods.rate(limit.setting, rate)}


def later(seconds: float) -> None:
    """Let time pass for all limits."""
    LimitUse.objects.update(used_until=clock.later(F("used_until"), -seconds))
