"""The videos that somebody chose for a link, as far as they may share them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from jobs import shares
from jobs.letters import isolated
from jobs.models import Project, Rendition
from jobs.views.access import Request


def chosen_files(request: Request, ids: Sequence[str]) -> list[Rendition]:
    """The files of these ids that this person may share, each once, in their order."""
    wanted = _ids(ids)
    files = {file.pk: file for file in shares.shareable(request.user).filter(pk__in=wanted)}
    return [files[pk] for pk in wanted if pk in files]


def nothing_of_theirs(request: Request, chosen: list[Rendition], project: Project | None) -> str:
    """Say why this person may share none of what they came to share; "" where they may."""
    if chosen or shares.shares_others(request.user):
        return ""
    if project:
        own = shares.shareable(request.user).filter(job__project=project)
        return "" if own.exists() else "This project has no stored videos of yours."
    wanted = _ids(request.GET.getlist("take"))
    seen = Rendition.objects.visible_to(request.user).filter(pk__in=wanted)
    if other := seen.exclude(job__owner=request.user).select_related("job__owner").first():
        return f"This video is {isolated(other.job.owner.label)}’s."
    return ""


def _ids(ids: Sequence[str]) -> list[UUID]:
    """As many of these as fit on a link, each once, without what is none."""
    wanted: dict[UUID, None] = {}
    for each in ids[: shares.TAKES_MAX + 1]:
        try:
            wanted[UUID(each)] = None
        except ValueError:
            continue
    return list(wanted)
