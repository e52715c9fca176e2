"""A film and its clips: a take, and every part that was added to its end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jobs.models import Job, Rendition, User
from jobs.models.status import Status
from jobs.providers.base import Kind, Part

CLIPS_MAX = 60


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
        """How long this part is; None where only the whole film is known."""
        file = self.picture
        if file is None or (self.job.kind == Kind.EXTEND and file.part != Part.SEGMENT):
            return None
        return file.seconds


def clips_of(job: Job, viewer: User) -> list[Clip]:
    """From the first take to the latest part, by way of this one. Empty for a film of one clip.

    Where a video was extended more than once, the newest of these lines is followed.
    """
    seen = Job.objects.visible_to(viewer).takes().prefetch_related("renditions")
    line = [job]
    while line[0].source_id and len(line) < CLIPS_MAX:
        source = seen.filter(pk=line[0].source_id).first()
        if source is None:
            break
        line.insert(0, source)
    ended = (Status.FAILED, Status.CANCELED, Status.LOST)
    while len(line) < CLIPS_MAX:
        longer = seen.filter(source=line[-1], kind=Kind.EXTEND).exclude(status__in=ended)
        following = longer.order_by("-created_at").first()
        if following is None:
            break
        line.append(following)
    return [Clip(each, each.pk == job.pk) for each in line] if len(line) > 1 else []
