"""Where videos are filed. What they cost stays with the project that it was paid under."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs.keeping.changes import (
    FOREIGN,
    GONE,
    Change,
    Done,
    NotKept,
    copies_of,
    count,
    is_theirs,
    locked,
    note,
    write,
)
from jobs.letters import isolated
from jobs.models import Job, JobEvent, Project, User
from jobs.models.jobs.status import Status

UNPAID = "waiting for approval, under the project that is to pay"


def refile(ids: Collection[UUID], project: Project | None, by: User) -> Done:
    """File these videos under a project, or under none: their owner and admins may.

    Their larger copies go along. Raises `NotKept` where the project is archived, and
    `limits.TooMany`.
    """
    count(ids, by)
    done = Done()
    with transaction.atomic():
        # The project before the videos. Locked until the end: who archives it comes after.
        if project and not Project.objects.open().filter(pk=project.pk).update(cap=F("cap")):
            raise NotKept(
                f"{isolated(project.name)} is archived, so nothing can be moved there. An admin "
                "can bring it back."
            )
        jobs = locked(Job.objects.visible_to(by), ids)
        done.refused.extend([GONE] * (len(set(ids)) - len(jobs)))
        events, unpaid = [], _with_unpaid_copies([job.pk for job in jobs])
        for job in jobs:
            if not is_theirs(job, by):
                done.refused.append(FOREIGN)
            elif job.status == Status.AWAITING_BUDGET or job.pk in unpaid:
                done.refused.append(UNPAID)
            elif job.project != project:
                done.changes.append(_change(job, project))
                events.append(note(job, _said(job, project), by))
        write(done.videos, project=project, moved_at=Now())
        JobEvent.objects.bulk_create(events)
    return done


def _with_unpaid_copies(ids: Collection[UUID]) -> set[UUID]:
    """Those of these locked videos of which a larger copy waits for its budget."""
    copies = copies_of(ids).filter(status=Status.AWAITING_BUDGET)
    return {each for each in copies.values_list("source", flat=True) if each}


def _change(job: Job, project: Project | None) -> Change:
    before, after = (str(each.pk) if each else "" for each in (job.project, project))
    return Change(job.pk, "project", before, after)


def _said(job: Job, project: Project | None) -> str:
    if job.project and project:
        return f"Moved from {isolated(job.project.name)} to {isolated(project.name)}"
    if project:
        return f"Moved to {isolated(project.name)}"
    return f"Moved out of {isolated(job.project.name)}" if job.project else ""
