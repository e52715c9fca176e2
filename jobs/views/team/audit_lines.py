"""Lines of the audit as people read them: a job by its prompt, with the way to its page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from jobs.models import AuditEvent, Job

JOB = re.compile(r"job ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)
"""How a job is put on record: by what never changes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event, and the jobs that it is about."""

    event: AuditEvent
    subject: Job | None
    after: Job | None


def lines(events: Iterable[AuditEvent]) -> list[Line]:
    """The events in their order; one query more where there are jobs among them."""
    shown = [(event, _job_id(event.subject), _job_id(event.after)) for event in events]
    wanted = {each for _, *ids in shown for each in ids if each}
    jobs = Job.objects.only("prompt").in_bulk(wanted) if wanted else {}
    return [
        Line(event, jobs.get(subject) if subject else None, jobs.get(after) if after else None)
        for event, subject, after in shown
    ]


def _job_id(text: str) -> UUID | None:
    found = JOB.fullmatch(text)
    return UUID(found[1]) if found else None
