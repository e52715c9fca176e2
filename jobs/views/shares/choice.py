"""The videos that somebody chose for a link, as far as they may share them: each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from jobs import shares
from jobs.letters import isolated
from jobs.models import Job, Project, Rendition
from jobs.providers.base import UPGRADES, lines_of
from jobs.views.access import Request

OFFERED = 24


@dataclass(frozen=True, slots=True)
class Chosen:
    """One video of a link, with the file that stands for it."""

    file: Rendition
    sizes: list[Rendition]
    """All files of it that could stand there, the largest first."""

    @property
    def video(self) -> UUID:
        return shares.root_of(self.file.job) or self.file.job_id


def chosen_of(request: Request, takes: Sequence[str], videos: Sequence[str] = ()) -> list[Chosen]:
    """The videos of these files and then these videos, in their order, each once.

    A file that is named stands for its video; of a video that is named, the largest one does.
    """
    files, roots = _ids(takes), _ids(videos)
    named = {each.pk: each for each in shares.shareable_among(request.user, files)}
    of_files = {pk: shares.root_of(named[pk].job) for pk in files if pk in named}
    family = _family(request, [*of_files.values(), *roots])
    found: dict[UUID | None, Chosen] = {}
    for pk, root in of_files.items():
        found.setdefault(root, Chosen(named[pk], family.get(root, [])))
    for root in roots:
        if sizes := family.get(root):
            found.setdefault(root, Chosen(sizes[0], sizes))
    return list(found.values())[: shares.TAKES_MAX + 1]


def offered(request: Request, chosen: Sequence[Chosen], words: str) -> list[Chosen]:
    """Videos to be added: with these words; else of the first one's project, or the newest."""
    stored = shares.shareable(request.user).order_by().filter(job=OuterRef("pk"))
    # As all of them are: by saying so, PostgreSQL asks of each, and does not read all there are.
    later = {"created_at__gte": OuterRef("created_at")}
    # By the copies' jobs, of which a video has few: asked for files, all that are stored are read.
    copies = Job.objects.order_by().filter(
        Exists(stored), source=OuterRef("pk"), kind__in=UPGRADES, **later
    )
    rows = Job.objects.visible_to(request.user).takes().exclude(pk__in=[c.video for c in chosen])
    rows = rows.filter(
        Exists(stored.filter(stored_at__gte=OuterRef("created_at"))) | Exists(copies)
    )
    if not shares.shares_others(request.user):
        rows = rows.filter(owner=request.user)
    if words.strip():
        rows = rows.matching(words)
    elif chosen and (project := chosen[0].file.job.project_id):
        rows = rows.filter(project=project)
    newest = rows.order_by("-created_at", "take_group", "take", "-pk")
    roots = list(newest.values_list("pk", flat=True)[:OFFERED])
    family = _family(request, roots)
    return [Chosen(family[root][0], family[root]) for root in roots if root in family]


def nothing_of_theirs(request: Request, chosen: list[Chosen], project: Project | None) -> str:
    """Say why this person may share none of what they came to share; "" where they may."""
    if chosen or shares.shares_others(request.user):
        return ""
    if project:
        own = shares.shareable_jobs(request.user, project)
        return "" if own.exists() else "This project has no stored videos of yours."
    wanted = Q(pk__in=_ids(request.GET.getlist("take")))
    wanted |= Q(job__in=_ids(request.GET.getlist("video")))
    seen = Rendition.objects.visible_to(request.user).filter(wanted)
    if other := seen.exclude(job__owner=request.user).select_related("job__owner").first():
        return f"This video is {isolated(other.job.owner.label)}’s."
    return ""


def _family(request: Request, roots: Iterable[UUID | None]) -> dict[UUID | None, list[Rendition]]:
    """The files of each video at all its sizes: the largest first, a part of a film last."""
    theirs = Rendition.objects.order_by().of_videos(set(roots))
    files = list(theirs.values_list("pk", flat=True))
    found: dict[UUID | None, list[Rendition]] = {}
    for file in shares.shareable_among(request.user, files):
        found.setdefault(shares.root_of(file.job), []).append(file)
    for sizes in found.values():
        sizes.sort(key=lambda file: (file.is_part, -lines_of(file.resolution)))
    return found


def _ids(ids: Sequence[str]) -> list[UUID]:
    """As many of these as fit on a link, each once, without what is none."""
    wanted: dict[UUID, None] = {}
    for each in ids[: shares.TAKES_MAX + 1]:
        try:
            wanted[UUID(each)] = None
        except ValueError:
            continue
    return list(wanted)
