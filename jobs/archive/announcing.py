"""Tells open pages that a file changed, in the transaction that changes it."""

from __future__ import annotations

from jobs.models import Job, Rendition


def show(rendition: Rendition) -> None:
    """Let open pages see that something about this job's file changed."""
    Job.objects.filter(pk=rendition.job_id).show_changed()
