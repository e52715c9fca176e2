"""A film and its clips: a take, and every part that was added to its end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import UUIDField

from jobs.models import Job, Rendition, User
from jobs.models.jobs.status import Status
from jobs.providers.base import Kind, Part

CLIPS_MAX = 60
ENDED = (Status.FAILED, Status.CANCELED, Status.LOST)
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
        FROM jobs_job job JOIN later ON job.source_id = later.id
        WHERE job.kind = 'extend' AND steps < %s
    )
SELECT id FROM earlier UNION SELECT id FROM later
"""
"""All that a job was made from and all that was made longer from it, in one query."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One part of a film: the first take, or what an extension added."""

    job: Job
    is_here: bool

    @property
    def picture(self) -> Rendition | None:
        """The file whose first picture shows it: the new part alone, where that is kept."""
        files = [each for each in self.job.renditions.all() if each.is_stored]
        parts = [each for each in files if each.part == Part.SEGMENT]
        return next(iter(parts or files), None)

    @property
    def seconds(self) -> Decimal | None:
        """The length of this part; None where only the whole film is known."""
        file = self.picture
        if file is None or (self.job.kind == Kind.EXTEND and file.part != Part.SEGMENT):
            return None
        return file.seconds


def clips_of(job: Job, viewer: User) -> list[Clip]:
    """From the first take to the latest part, by way of this one. Empty for a film of one clip.

    Where a video was extended more than once, the newest of these lines is followed.
    """
    number = UUIDField().get_db_prep_value(job.pk, connection)
    related = Job.objects.raw(RELATED, [number, CLIPS_MAX, number, CLIPS_MAX])
    ids = [each.pk for each in related]
    if len(ids) == 1:
        return []
    seen = Job.objects.visible_to(viewer).takes().filter(pk__in=ids).order_by("created_at")
    by_id: dict[UUID | None, Job] = {}
    longer: dict[UUID | None, Job] = {}
    for each in seen.prefetch_related("renditions"):
        by_id[each.pk] = each
        if each.kind == Kind.EXTEND and each.status not in ENDED:
            longer[each.source_id] = each
    line = [by_id.get(job.pk, job)]
    while (source := by_id.get(line[0].source_id)) and len(line) < CLIPS_MAX:
        line.insert(0, source)
    while (following := longer.get(line[-1].pk)) and len(line) < CLIPS_MAX:
        line.append(following)
    return [Clip(each, each.pk == job.pk) for each in line] if len(line) > 1 else []
