"""That the database was put back to an earlier moment, as admins read it beside what is to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from jobs import lifecycle
from jobs.models import Job, Life
from jobs.models.jobs.status import Status

SHOWN_FOR = timedelta(days=14)
"""As long as providers keep anything; longer while there is something to look at."""


@dataclass(frozen=True, slots=True)
class Restore:
    """The latest one."""

    life: Life
    left: int
    """Of the videos that may have been sent meanwhile, those that still need a look."""


def restored() -> Restore | None:
    """The latest restore, as long as something may have to be done about it."""
    life = Life.objects.exclude(left_off_at=None).first()
    if life is None:
        return None
    doubts = Job.objects.filter(status=Status.UNCERTAIN, error_code=lifecycle.RESTORED)
    left = doubts.count() if life.doubted else 0
    return Restore(life, left) if left or life.began_at > timezone.now() - SHOWN_FOR else None
