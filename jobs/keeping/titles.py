"""What a video is called, beside its prompt."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from jobs.keeping.changes import Change, Done, NotKept, count, locked, note, write
from jobs.letters import isolated
from jobs.models import Job, User


def entitle(video: UUID, title: str, by: User) -> Done:
    """Give a video a title, or with '' none: whoever may see it may.

    Raises `NotKept`, and `limits.TooMany`.
    """
    count([video], by)
    with transaction.atomic():
        jobs = locked(Job.objects.visible_to(by), [video])
        if not jobs:
            raise NotKept("This video is no longer there.")
        (job,) = jobs
        if job.title == title:
            return Done()
        # Both, since what is searched is made of both. A larger copy has the same prompt.
        write([video], prompt=job.prompt, title=title)
        said = f"Renamed to “{isolated(title)}”" if title else "Title removed"
        note(job, said, by).save(force_insert=True)
    return Done([Change(video, "title", job.title, title)])
