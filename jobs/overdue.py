"""What is due and lies about: for monitors, which are told of it before people notice."""

from __future__ import annotations

from jobs import clock
from jobs.models import Batch, Job, Rendition

QUESTION_AGE_MAX = 120
"""Seconds for which a question to a provider may be overdue before it is told."""
WORK_AGE_MAX = 600
"""Seconds for which work for a worker may lie about before it is told: others may be at long
transfers, and whether any is at work at all is told by its heartbeat.
"""


def counted() -> dict[str, int]:
    """How much is overdue, by what it is. A question that breaks each time is never answered."""
    long_ago, late = clock.after(-QUESTION_AGE_MAX), clock.after(-WORK_AGE_MAX)
    broken = Job.objects.filter(unasked_since__lt=long_ago, check_at__isnull=False)
    return {
        "questions": Job.objects.filter(check_at__lt=long_ago).count(),
        "broken questions": broken.count(),
        "orders": Job.objects.forgotten().filter(wake_at__lt=late).count(),
        "files": Rendition.objects.due().filter(try_at__lt=late).count(),
        "tables": Batch.objects.due().filter(wake_at__lt=late).count(),
    }
