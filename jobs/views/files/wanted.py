"""The videos that somebody takes away, as far as they may see them."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from jobs import shares
from jobs.forms import digits
from jobs.models import Job, Rendition, User
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.status import Status
from jobs.providers.base import lines_of, size_name
from jobs.templatetags.dailies import model_label
from jobs.views.access import Request
from jobs.views.meant import all_meant, videos_meant

VIDEOS_MAX = 500
"""Of one ZIP: the videos of a large project."""
SIZES = {"": "Best available", "1080p": "Up to 1080p", "720p": "Up to 720p"}
UNDER_WAY = (Status.QUEUED, Status.SUBMITTING, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Video:
    """One video with all the files that are made of it and that this person may see."""

    job: Job
    files: list[Rendition] = field(default_factory=list)

    @property
    def best(self) -> Rendition | None:
        return self.within("")

    def within(self, limit: str) -> Rendition | None:
        """The largest file that is kept of it, at no more than this size; '' for no limit.

        A part of a longer film is taken only where that is all there is.
        """
        stored = [file for file in self.files if file.is_stored]
        whole = [file for file in stored if not file.is_part] or stored
        fit = [f for f in whole if not limit or lines_of(f.resolution) <= lines_of(limit)]
        return max(fit, key=lambda file: lines_of(file.resolution), default=None)

    def lack(self, limit: str) -> str:
        """Say why it has no file at this size."""
        if self.best:
            return f"kept only larger than {size_name(limit)}"
        if self.job.status in UNDER_WAY:
            return "still being made"
        if self.job.status != Status.SUCCEEDED:
            return "never finished"
        is_coming = any(not file.is_closed_unstored for file in self.files)
        return "still being stored" if is_coming else "no file of it was kept"

    def facts(self, file: Rendition | None, number: str) -> dict[str, str]:
        """What a name may be made of (`file_names.FIELDS`)."""
        job = self.job
        return {
            "project": job.project.name if job.project else "",
            "title": job.label,
            "take": f"take {job.take}" if job.take else "",
            "size": file.name if file else "",
            "date": timezone.localtime(job.created_at).date().isoformat(),
            "person": job.owner.label,
            "model": model_label(job.model),
            "seed": str(job.seed) if job.has_seed else "",
            "number": number,
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """The videos of one address."""

    videos: list[Video]
    named: list[tuple[str, str]]
    """What names them in an address."""
    missing: int = 0
    """How many of them are gone, or not this person's to see."""
    cut_from: int = 0
    """How many there are, where that is more than fit."""

    @property
    def address(self) -> str:
        """The page of these videos."""
        return f"{reverse('files')}?{urlencode(self.named)}"

    @property
    def project(self) -> str:
        """The name of the project that all of them are in; '' where they are not."""
        names = {video.job.project.name if video.job.project else "" for video in self.videos}
        return names.pop() if len(names) == 1 else ""


def wanted_by(request: Request) -> Wanted:
    """By `videos` or `video`, ids; by `matching`, what the library finds; by `group`, an order's
    takes; or by `project`, all that is in it.

    What is not there and what is not theirs to see are one: nobody learns which. Raises
    `meant.NoneMeant`.
    """
    seen = Job.objects.visible_to(request.user).takes()
    asked = request.POST if request.method == "POST" else request.GET
    for name, read in READ.items():
        if name in asked:
            found = read(seen, asked[name]).order_by("created_at", "take_group", "take", "pk")
            jobs = list(found.select_related("owner", "project")[: VIDEOS_MAX + 1])
            total = found.count() if len(jobs) > VIDEOS_MAX else 0
            shown = jobs[:VIDEOS_MAX]
            return Wanted(_with_files(shown, request.user), [(name, asked[name])], cut_from=total)
    ids = _opened(asked["videos"]) if "videos" in asked else videos_meant(request)
    total = len(ids) if len(ids) > VIDEOS_MAX else 0
    ids = ids[:VIDEOS_MAX]
    by_id = seen.select_related("owner", "project").in_bulk(ids)
    jobs = [by_id[each] for each in ids if each in by_id]
    named = all_meant(request)
    if jobs and not named:
        named = [("videos", _closed(job.pk for job in jobs))]
    missing = len(ids) - len(jobs)
    return Wanted(_with_files(jobs, request.user), named, missing=missing, cut_from=total)


def _closed(ids: Iterable[UUID]) -> str:
    """Many ids in few letters: proxies take addresses of 8 kB."""
    return urlsafe_b64encode(b"".join(each.bytes for each in ids)).decode().rstrip("=")


def _opened(text: str) -> list[UUID]:
    try:
        found = urlsafe_b64decode(f"{text}{-len(text) % 4 * '='}")
    except ValueError:
        return []
    starts = range(0, len(found) - 15, 16)
    return list(dict.fromkeys(UUID(bytes=found[start : start + 16]) for start in starts))


def _of_group(seen: Jobs, text: str) -> Jobs:
    try:
        return seen.filter(take_group=UUID(text))
    except ValueError:
        return seen.none()


def _of_project(seen: Jobs, text: str) -> Jobs:
    number = digits(text)
    return seen.none() if number is None else seen.filter(project_id=number)


READ: dict[str, Callable[[Jobs, str], Jobs]] = {"group": _of_group, "project": _of_project}


def _with_files(jobs: list[Job], user: User) -> list[Video]:
    files = Rendition.objects.visible_to(user).of_videos(job.pk for job in jobs)
    found: dict[UUID | None, list[Rendition]] = {}
    for file in files.select_related("job"):
        found.setdefault(shares.root_of(file.job), []).append(file)
    return [Video(job, found.get(job.pk, [])) for job in jobs]
