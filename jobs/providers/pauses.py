"""The pauses between questions that are asked once more."""

from __future__ import annotations

import random

from jobs.providers.errors import ProviderError, RateLimited

LONGEST_PAUSE = 5.0
"""Seconds: a longer pause between questions, if a provider asks for one, is the caller's affair."""


def before_another(tried: int, failure: ProviderError) -> float | None:
    """Seconds until the question is asked again, or None when the caller had better wait."""
    if failure.retry_after is None:
        # A rate limit without a term is for the caller to spread over all of its questions.
        if isinstance(failure, RateLimited):
            return None
        return float(0.5 * 2**tried * _jitter(0.5, 1.5))
    if failure.retry_after > LONGEST_PAUSE:
        return None
    return failure.retry_after + _jitter(0.0, 0.5)


def _jitter(low: float, high: float) -> float:
    return random.uniform(low, high)  # noqa: S311 - it spreads load and guards nothing
