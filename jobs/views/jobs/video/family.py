"""What a job was made from, and what was made of it: its larger copies and longer films."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import UUIDField

from jobs.models import Job

STEPS_MAX = 60
"""Extensions of extensions that are followed, each way."""
RELATED = """
WITH RECURSIVE
    earlier (id, source_id, steps) AS (
        SELECT id, source_id, 1 FROM jobs_job WHERE id = %s
        UNION ALL
        SELECT job.id, job.source_id, steps + 1
        FROM jobs_job job JOIN earlier ON job.id = earlier.source_id WHERE steps < %s
    ),
    later (id, steps) AS (
        SELECT id, 1 FROM jobs_job WHERE id = %s
        UNION ALL
        SELECT job.id, steps + 1
        FROM jobs_job job JOIN later ON job.source_id = later.id WHERE steps < %s
    )
SELECT id, 0 AS is_later FROM earlier UNION SELECT id, 1 FROM later
"""


@dataclass(frozen=True, slots=True)
class Family:
    """The jobs around one, without itself, whoever may see them."""

    earlier: frozenset[UUID]
    later: frozenset[UUID]
    """All that was made of it, of what was made of it, and so on."""

    @property
    def relatives(self) -> frozenset[UUID]:
        return self.earlier | self.later


def family_of(job: Job) -> Family:
    """One query."""
    number = UUIDField().get_db_prep_value(job.pk, connection)
    rows: list[Any] = list(Job.objects.raw(RELATED, [number, STEPS_MAX, number, STEPS_MAX]))
    alone = {job.pk}
    later = {each.pk for each in rows if each.is_later}
    return Family(frozenset({each.pk for each in rows} - later - alone), frozenset(later - alone))
