"""Counts callbacks that come with a wrong signature: one is a scanner's, many are a wrong key."""

from __future__ import annotations

import time
from collections import defaultdict, deque

from jobs.models import Trouble
from jobs.providers import PROVIDERS
from jobs.troubles.looking import Found
from jobs.troubles.noticing import note

MANY = 10
WITHIN_SECONDS = 900
_lately: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=MANY))
"""The moments of the latest, in this process."""


def refused(provider: str) -> None:
    """One more came, to the genuine address of a job; many within minutes are told to admins."""
    moments, now = _lately[provider], time.monotonic()
    moments.append(now)
    if len(moments) == MANY and moments[0] > now - WITHIN_SECONDS:
        moments.clear()
        label = PROVIDERS[provider].label
        text = (
            f"Many callbacks of {label} have a wrong signature. Is the webhook key the right one?"
        )
        note(Found(Trouble.Kind.CALLBACKS, provider, text))
