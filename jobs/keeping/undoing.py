"""Puts back what was changed about videos."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import transaction

from jobs.keeping.changes import Change, NotKept, locked
from jobs.keeping.filing import refile
from jobs.keeping.titles import entitle
from jobs.keeping.trash import restore
from jobs.models import Job, Project, User

_alike = attrgetter("what", "before", "after")


def undo(changes: Collection[Change], by: User) -> list[UUID]:
    """Put back what these changed, where nobody has changed it since; which videos.

    Raises `NotKept` where a project takes nothing any more, and `limits.TooMany`.
    """
    with transaction.atomic():
        # All at once, as whoever else changes them does: not part by part.
        projects = {each.before for each in changes if each.what == "project" and each.before}
        rows = Project.objects.filter(pk__in=projects).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
        locked(Job.objects.all(), [each.video for each in changes])
        parts = groupby(sorted(changes, key=_alike), _alike)
        return [video for _, part in parts for video in _undone(list(part), by)]


def _undone(changes: Sequence[Change], by: User) -> Iterator[UUID]:
    """Of changes that were the same of each of these videos."""
    ids, first = [each.video for each in changes], changes[0]
    if first.what == "trash":
        yield from restore(ids, by).videos
        return
    now = {"title": first.after} if first.what == "title" else {"project": first.after or None}
    still = list(Job.objects.filter(pk__in=ids, **now).values_list("pk", flat=True))
    if first.what == "project":
        project = Project.objects.get(pk=first.before) if first.before else None
        yield from refile(still, project, by).videos
        return
    for video in still:
        try:
            yield from entitle(video, first.before, by).videos
        except NotKept:
            continue
