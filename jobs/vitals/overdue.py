"""What is due and lies about: for monitors, which are told of it before people notice."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from jobs.models import Batch, Credential, Job, Rendition
from jobs.models.jobs.job_set import ACCOUNT, JobQuerySet
from jobs.times import clock

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
        "orders": _orders(late).count(),
        "files": Rendition.objects.due().filter(try_at__lt=late).count(),
        "tables": Batch.objects.due().filter(wake_at__lt=late).count(),
    }


def _orders(late: Combinable) -> JobQuerySet[Job]:
    """Those that their account has had time for since then: a line that moves is no backlog, and
    of a key that does not work people are told otherwise.
    """
    keys = Credential.objects.annotate(lead=Coalesce("joined_to", "pk"))
    moving = keys.filter(Exists(Job.objects.filter(credential=OuterRef("pk"), sent_at__gt=late)))
    works = Q(credential=None) | Q(
        credential__state=Credential.State.READY, credential__unreachable_since=None
    )
    rows = Job.objects.forgotten().filter(works, wake_at__lt=late)
    return rows.annotate(account=ACCOUNT).exclude(account__in=moving.values("lead"))
