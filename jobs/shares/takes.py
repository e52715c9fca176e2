"""The videos behind a link, and which file of each is shown and handed out."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.db.models import Q

from jobs.models import Job, Rendition, SharedTake, ShareLink, User
from jobs.models.jobs.rendition import RenditionQuerySet
from jobs.providers.base import UPGRADES, Part

SIZES = ("720p", "1080p", "4k")
FOLDER = "shares"
"""Of the copies with a watermark, among the kept files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One video on a link."""

    place: int
    shared: SharedTake
    file: Rendition
    """The file that is shown."""
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
        return self._watermarked("mp4") if self.is_watermarked else self.file.file

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


def shareable(user: User) -> RenditionQuerySet:
    """The stored files that this person may put on a link, the newest first."""
    stored = Rendition.objects.visible_to(user).filter(state=Rendition.State.STORED)
    return stored.select_related("job__source", "job__owner").order_by("-job__created_at", "-pk")


def takes_of(link: ShareLink) -> list[Take]:
    """Those that can be shown, in their order. A file that we have lost is left out."""
    shown = [
        each
        for each in link.takes.select_related("rendition__job__owner")
        if each.rendition.state == Rendition.State.STORED
    ]
    larger = _family(shown) if link.download else {}
    takes = []
    for place, each in enumerate(shown, 1):
        file = each.rendition
        whole = _largest(file, larger.get(root_of(file.job), []), link.download)
        if link.watermark and whole:
            # Nobody gets the bare film past its watermark.
            whole = file
        takes.append(
            Take(place=place, shared=each, file=file, whole=whole, watermark=link.watermark)
        )
    return takes


def places_of(link: ShareLink) -> dict[int, int]:
    """The number that each of its takes goes by on the page."""
    return {take.shared.pk: take.place for take in takes_of(link)}


def take_of(link: ShareLink, rendition_id: UUID) -> Take | None:
    """The one that shows this file, if it is on the link and can be shown."""
    return next((take for take in takes_of(link) if take.file.pk == rendition_id), None)


def root_of(job: Job) -> UUID | None:
    """The job whose video this is, larger copy or not."""
    return job.source_id if job.kind in UPGRADES else job.pk


def _family(shown: list[SharedTake]) -> dict[UUID | None, list[Rendition]]:
    """The films of each video at all sizes that we keep."""
    roots = {root_of(each.rendition.job) for each in shown}
    of_them = Q(job__in=roots) | Q(job__source__in=roots, job__kind__in=UPGRADES)
    films = Rendition.objects.filter(of_them, state=Rendition.State.STORED, part=Part.FILM)
    found: dict[UUID | None, list[Rendition]] = {}
    for film in films.select_related("job"):
        found.setdefault(root_of(film.job), []).append(film)
    return found


def _largest(shown: Rendition, films: list[Rendition], limit: str) -> Rendition | None:
    """The largest file within the limit; where all are beyond it, the one that is shown."""
    if not limit:
        return None
    if shown.is_part:
        return shown
    allowed = SIZES[: SIZES.index(limit) + 1]
    within = [film for film in films if film.resolution in allowed]
    return max(within, key=lambda film: SIZES.index(film.resolution), default=shown)
