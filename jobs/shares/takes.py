"""The videos behind a link, and which file of each is shown and handed out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef

from jobs.models import Job, Project, Rendition, SharedTake, ShareLink, Team, User
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.rendition import RenditionQuerySet
from jobs.providers.base import UPGRADES, Part, lines_of

FOLDER = "shares"
"""Of the copies with a watermark, among the kept files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One video on a link."""

    place: int
    shared: SharedTake
    file: Rendition
    """The file that was shared: what the take goes by."""
    shown: Rendition
    """The file that plays: the largest one that the link hands out, else what was shared."""
    small: Rendition | None
    """A smaller one, for small screens; None where that one plays everywhere."""
    whole: Rendition | None
    """The file that may be downloaded; None where none may be."""
    watermark: str = ""

    @property
    def job(self) -> Job:
        return self.file.job

    @property
    def is_ready(self) -> bool:
        """It can be played: with a watermark only once that is drawn."""
        return not self.is_watermarked or self.shared.marking == SharedTake.Marking.READY

    @property
    def is_watermarked(self) -> bool:
        # The link decides, not the row: whatever went wrong with that, no bare film is shown.
        return bool(self.watermark)

    @property
    def video(self) -> str:
        """The name of the file that is shown."""
        return self._watermarked("mp4") if self.is_watermarked else self.shown.file

    @property
    def poster(self) -> str:
        return (
            self._watermarked("webp")
            if self.is_watermarked and self.file.poster
            else self.file.poster
        )

    def _watermarked(self, suffix: str) -> str:
        return watermarked_name(self.shared, self.watermark, suffix)


def watermarked_name(shared: SharedTake, text: str, suffix: str) -> str:
    """The name of the copy with this watermark: another text, another file."""
    return f"{FOLDER}/{shared.pk}-{sha256(text.encode()).hexdigest()[:12]}.{suffix}"


def shares_others(user: User) -> bool:
    """This person may put videos of others on a link, as far as they see them."""
    return user.is_admin or Team.current().members_share_others


def shareable(user: User) -> RenditionQuerySet:
    """The stored files that this person may put on a link, the newest first."""
    stored = Rendition.objects.visible_to(user).filter(state=Rendition.State.STORED)
    if not shares_others(user):
        stored = stored.filter(job__owner=user)
    return stored.select_related("job__source", "job__owner").order_by("-job__created_at", "-pk")


def shareable_jobs(user: User, project: Project) -> Jobs:
    """The jobs of a project with such a file, the newest first."""
    # From the jobs on: by the state of the files, SQLite reads all that are stored.
    stored = shareable(user).order_by().filter(job=OuterRef("pk"))
    jobs = Job.objects.visible_to(user).filter(Exists(stored), project=project)
    return jobs.order_by("-created_at", "-pk")


def shareable_among(user: User, files: Collection[UUID]) -> list[Rendition]:
    """Those of these files."""
    # Not asked for by their state, by which SQLite reads all that are stored.
    rows = Rendition.objects.visible_to(user).filter(pk__in=files)
    if not shares_others(user):
        rows = rows.filter(job__owner=user)
    return [file for file in rows.select_related("job__source", "job__owner") if file.is_stored]


def takes_of(link: ShareLink) -> list[Take]:
    """Those that can be shown, in their order. What we have lost is left out, and what is in the
    trash.
    """
    shown = [
        each
        for each in link.takes.select_related("rendition__job__owner", "rendition__job__source")
        if each.rendition.state == Rendition.State.STORED and not each.rendition.job.trashed_at
    ]
    family = _family(shown)
    return [
        _take(link, place, each, family.get(root_of(each.rendition.job), []))
        for place, each in enumerate(shown, 1)
    ]


def _take(link: ShareLink, place: int, each: SharedTake, films: list[Rendition]) -> Take:
    file = each.rendition
    whole = _largest(file, films, link.download)
    # Nobody gets the bare film past its watermark, and what plays can be kept: where nothing may
    # be downloaded, no other file leaves the house than the one that was shared.
    if link.watermark:
        whole = file if whole else None
    shown, small = whole or file, None
    if not (link.watermark or shown.is_part):
        least = min(films, key=_size, default=shown)
        small = least if _size(least) < _size(shown) else None
    return Take(
        place=place,
        shared=each,
        file=file,
        shown=shown,
        small=small,
        whole=whole,
        watermark=link.watermark,
    )


def places_of(link: ShareLink) -> dict[int, int]:
    """The number that each of its takes goes by on the page."""
    return {take.shared.pk: take.place for take in takes_of(link)}


def take_of(link: ShareLink, rendition_id: UUID) -> Take | None:
    """The one that goes by this file, if it is on the link and can be shown."""
    return next((take for take in takes_of(link) if take.file.pk == rendition_id), None)


def film_of(link: ShareLink, rendition_id: UUID) -> tuple[Take, Rendition] | None:
    """The take that plays this file, and the file; what a take goes by plays what it shows."""
    for take in takes_of(link):
        if take.small and take.small.pk == rendition_id:
            return take, take.small
        if rendition_id in (take.file.pk, take.shown.pk):
            return take, take.shown
    return None


def zip_bytes(takes: Iterable[Take]) -> int:
    """Bytes of all that visitors may download; 0 for none, and for more than a ZIP may hold."""
    total = sum(take.whole.bytes or 0 for take in takes if take.whole)
    return total if total <= settings.ZIP_BYTES_MAX else 0


def root_of(job: Job) -> UUID | None:
    """The job whose video this is, larger copy or not."""
    return job.source_id if job.kind in UPGRADES else job.pk


def _family(shown: list[SharedTake]) -> dict[UUID | None, list[Rendition]]:
    """The films of each video at all sizes that we keep."""
    films = Rendition.objects.of_videos({root_of(each.rendition.job) for each in shown})
    found: dict[UUID | None, list[Rendition]] = {}
    kept = films.filter(state=Rendition.State.STORED, part=Part.FILM)
    for film in kept.select_related("job"):
        found.setdefault(root_of(film.job), []).append(film)
    return found


def _largest(shown: Rendition, films: list[Rendition], limit: str) -> Rendition | None:
    """The largest file within the limit; where all are beyond it, the one that is shown."""
    if not limit:
        return None
    if shown.is_part:
        return shown
    within = [film for film in films if _size(film) <= lines_of(limit)]
    return max(within, key=_size, default=shown)


def _size(film: Rendition) -> int:
    return lines_of(film.resolution)
