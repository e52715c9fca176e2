"""Tells open pages that a file changed, in the transaction that changes it.

Whoever changes a file locks its video first: who deletes a video for good has it before its files.
"""

from __future__ import annotations

from typing import Any

from jobs.models import Job, Rendition
from jobs.providers.base import UPGRADES


def hold(*renditions: Rendition) -> None:
    """Lock the videos of these files, until the end: before any file, as everybody does.

    Where it is of a larger copy also the video, which `store` tells of it.
    """
    jobs = {file.job_id for file in renditions}
    ids = jobs | {file.job.source_id for file in renditions if file.job.kind in UPGRADES}
    rows = Job.objects.filter(pk__in=[each for each in ids if each])
    list(rows.in_turn().select_for_update(no_key=True).values_list("pk", flat=True))


def show(rendition: Rendition, **facts: Any) -> None:
    """Let open pages see that something about this job's file changed; `facts` of the job along."""
    Job.objects.filter(pk=rendition.job_id).show_changed(**facts)
