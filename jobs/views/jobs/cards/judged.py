"""What is said of the videos on a page, beside the jobs themselves: tags, and clients' verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from jobs import shares
from jobs.models import Choice, Job, ReviewNote, Tag
from jobs.models.jobs.status import Status


@dataclass(frozen=True, slots=True)
class Said:
    """What the team and its clients think of one video."""

    choice: Choice
    tags: Sequence[str]
    verdicts: Sequence[ReviewNote]
    """The picks first."""


class Judged:
    """What was said of the videos of one page: a query for all tags, one for all verdicts.

    They are asked when the first of these cards is rendered anew. Both change a job's version, by
    which a kept card is known, so a page of kept cards costs none.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        jobs = list(jobs)
        # Whoever tags a video makes its choice.
        self._spoken_of = {job.pk for job in jobs if hasattr(job, "choice")}
        self._shareable = {job.pk for job in jobs if job.status == Status.SUCCEEDED}

    def of(self, job: Job) -> Said:
        """Of one of them; what nobody spoke of has a choice as it would begin."""
        choice: Choice = getattr(job, "choice", None) or Choice(job_id=job.pk)
        # Asked for no one that can have none: what is rendering is rendered anew each time.
        tags = self._tags.get(job.pk, ()) if job.pk in self._spoken_of else ()
        verdicts = self._verdicts.get(job.pk, ()) if job.pk in self._shareable else ()
        return Said(choice, tags, verdicts)

    @cached_property
    def _tags(self) -> dict[UUID, list[str]]:
        found: dict[UUID, list[str]] = {}
        if self._spoken_of:
            rows = Tag.objects.filter(job__in=self._spoken_of)
            for video, name in rows.values_list("job", "name"):
                found.setdefault(video, []).append(name)
        return found

    @cached_property
    def _verdicts(self) -> dict[UUID, list[ReviewNote]]:
        return shares.verdicts_on(self._shareable) if self._shareable else {}
