"""A film and its clips: a take, and every part that was added to its end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from jobs.models import Job, Rendition, User
from jobs.models.jobs.status import Status
from jobs.providers.base import Kind, Part
from jobs.views.jobs.video.family import STEPS_MAX, Family

ENDED = (Status.FAILED, Status.CANCELED, Status.LOST)


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


def clips_of(job: Job, viewer: User, family: Family) -> list[Clip]:
    """From the first take to the latest part, by way of this one. Empty for a film of one clip.

    Where a video was extended more than once, the newest of these lines is followed.
    """
    if not family.relatives:
        return []
    seen = Job.objects.visible_to(viewer).takes().filter(pk__in=[job.pk, *family.relatives])
    by_id: dict[UUID | None, Job] = {}
    longer: dict[UUID | None, Job] = {}
    for each in seen.order_by("created_at").prefetch_related("renditions"):
        by_id[each.pk] = each
        if each.kind == Kind.EXTEND and each.status not in ENDED:
            longer[each.source_id] = each
    line = [by_id.get(job.pk, job)]
    while (source := by_id.get(line[0].source_id)) and len(line) < STEPS_MAX:
        line.insert(0, source)
    while (following := longer.get(line[-1].pk)) and len(line) < STEPS_MAX:
        line.append(following)
    return [Clip(each, each.pk == job.pk) for each in line] if len(line) > 1 else []
