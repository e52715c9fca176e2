"""An end that nobody wanted, in our words and in the provider's."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.models import Job
from jobs.models.jobs.status import Status
from jobs.views.jobs.cards.stages import HEADLINES

OURS = frozenset({*HEADLINES, "images", "key-rejected", "never-taken", "refused", "sent-again"})
"""Codes of errors whose sentence is ours; a provider's own words may follow in it."""
QUOTED = " It said: “"
"""See `providers.reading.said`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no video."""

    ours: str
    """What we say of it; '' where only the provider has said something."""
    theirs: str
    """What the provider said, word for word; '' for nothing."""


def failure_of(job: Job) -> Failure:
    """Both empty for a job that did not fail."""
    if job.status not in (Status.FAILED, Status.LOST):
        return Failure("", "")
    ours, _, theirs = job.error.partition(QUOTED)
    if theirs or job.error_code in OURS:
        return Failure(ours, theirs.removesuffix("”"))
    return Failure("", job.error)
