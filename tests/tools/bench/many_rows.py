"""Videos of a team by the thousand, written straight into the tables, with all that finds them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jobs import letters
from jobs.models import Choice, Job, Project, Rendition, Tag, User
from jobs.models.computed import TitleKeyField
from jobs.models.jobs.status import Status
from jobs.providers.base import lines_of
from tests.support.states import history
from tests.tools.bench import library

PEOPLE, PROJECTS, TAGS = 200, 50, 60
DAYS = 365
FEW = 30
"""So many videos have what is rare, whatever their number."""
RARE = "zeppelin"
SCENES = (
    *("A lighthouse keeper climbs the stairs", "Espresso pouring in extreme macro"),
    *("Silk ribbon in zero gravity", "An origami crane unfolds itself", "Маяк над холодной Невой"),
    *(
        "منارة على شاطئ البحر ليلا",
        "海岸の灯台、夜明けの光",
        "雨中的街道与霓虹灯",
        "등대 위의 별빛",
    ),
)
LIGHTS = ("studio orbit, soft key light", "handheld at dawn", "sodium light, rain", "35 mm, fog")
STATUSES = (
    # in a thousand
    *((912, Status.SUCCEEDED), (60, Status.FAILED), (20, Status.CANCELED), (8, Status.LOST)),
)
JOB = (
    *(
        "id",
        "owner",
        "payer",
        "project",
        "paid_project",
        "submission_key",
        "likeness",
        "kind",
        "source",
    ),
    *("provider", "model", "prompt", "searchable", "aspect_ratio", "resolution", "duration"),
    *(
        "title_key",
        "film_seconds",
        "film_lines",
        "is_favorite",
        "rating",
        "is_rejected",
        "seed",
        "take_group",
        "take",
        "status",
        "external_id",
        "created_at",
        "changed_at",
    ),
    *("sent_at", "finished_at", "quote", "booked_on", "charged"),
)
FILE = (
    *("id", "job", "resolution", "state", "source_url", "try_at", "file", "poster"),
    *("width", "height", "seconds", "bytes", "sha256", "stored_at"),
)
Values = dict[str, Any]


class _Made:
    """Makes them up: the same of every size, but for their number."""

    def __init__(self, number: int) -> None:
        self.number, self.by_chance = number, Random(15)
        self.now = timezone.now()
        team = [User(username=f"person-{n}", password="!") for n in range(PEOPLE)]
        team[0].role = User.Role.ADMIN
        self.people = User.objects.bulk_create(team)
        named = [Project(name=f"Campaign {n:02}", created_by=team[0]) for n in range(PROJECTS)]
        self.projects = Project.objects.bulk_create(named)
        self.words = [self._word() for _ in range(3000)]
        # Few people make most of it, in few projects.
        self.by_person = list(accumulate(1 / (n + 3) for n in range(PEOPLE)))
        self.by_project = list(accumulate(1 / (n + 3) for n in range(PROJECTS)))
        self.by_word = list(accumulate(1 / (n + 5) for n in range(len(self.words))))
        self.by_status = list(accumulate(share for share, _ in STATUSES))

    def jobs(self) -> Iterator[Values]:
        rare = set(self.by_chance.sample(range(self.number), FEW))
        step, take, group = timedelta(days=DAYS) / self.number, 0, None
        latest: list[Values] = []
        for place in range(self.number):
            created = self.now - timedelta(hours=3) - step * (self.number - place)
            if take and latest[-1]["take_group"] == group:
                values = {**latest[-1], "id": self._id(), "take": take}
            else:
                values = self._job(created, RARE if place in rare else "")
                if self.by_chance.random() < 0.12 and latest:
                    self._build_on(values, self.by_chance.choice(latest[-50:]))
            latest = [*latest[-60:], values]
            is_first = values["take"] is None and values["kind"] == "generate"
            if is_first and self.by_chance.random() < 0.1:
                group, take = self._id(), 1
                values.update(take_group=group, take=1)
            take = (take + 1) % 4 if take else 0
            yield self._ended(values, place)

    def _job(self, created: Any, more: str) -> Values:
        chance = self.by_chance
        owner = self.people[self._one_of(self.by_person)]
        project = self.projects[self._one_of(self.by_project)] if chance.random() < 0.6 else None
        own = (self.words[self._one_of(self.by_word)] for _ in range(6))
        prompt = f"{chance.choice(SCENES)}, {chance.choice(LIGHTS)}. {' '.join(own)} {more}"
        return {
            "id": self._id(),
            "owner": owner.pk,
            "payer": owner.pk,
            "project": project.pk if project else None,
            "paid_project": project.pk if project else None,
            "submission_key": None,
            "likeness": sha256(prompt.encode()).hexdigest(),
            "kind": "generate",
            "source": None,
            "provider": "kie",
            "model": chance.choice(("veo3_fast", "veo3", "veo3_lite")),
            "prompt": prompt,
            "searchable": letters.folded(prompt),
            "title_key": letters.folded(prompt)[: TitleKeyField.LENGTH],
            "film_seconds": "8.000",
            "film_lines": 720,
            "is_favorite": False,
            "rating": 0,
            "is_rejected": False,
            "aspect_ratio": chance.choice(("16:9", "9:16")),
            "resolution": "720p",
            "duration": 8,
            "seed": chance.randrange(10_000, 100_000),
            "take_group": None,
            "take": None,
            "created_at": created,
            "changed_at": created,
            "sent_at": created,
            "finished_at": created,
            "quote": 60,
            "booked_on": created.date(),
            "charged": 60,
        }

    def _build_on(self, values: Values, source: Values) -> None:
        """A longer film, or a larger copy where there is none yet."""
        if source["kind"] != "generate" or source["status"] != Status.SUCCEEDED:
            return
        kind = self.by_chance.choice(("extend", "upgrade_1080p", "upgrade_4k"))
        if kind in source.setdefault("built", set()):
            return
        source["built"].add(kind)
        values.update(kind=kind, source=source["id"])
        values.update(
            (name, source[name]) for name in ("owner", "payer", "project", "paid_project")
        )
        if kind != "extend":
            values["resolution"] = kind.removeprefix("upgrade_")
            source["film_lines"] = lines_of(values["resolution"])
        else:
            values["film_seconds"] = "15.000"

    def _ended(self, values: Values, place: int) -> Values:
        """A handful is still at work, the newest."""
        values["submission_key"], values["external_id"] = self._id(), self._id().hex
        status = STATUSES[bisect(self.by_status, self.by_chance.random() * 1000)][1]
        if place >= self.number - 4:
            status = Status.RUNNING
            values.update(finished_at=None, charged=None)
        values["status"] = status
        return values

    def files(self, jobs: Sequence[Values]) -> Iterator[Sequence[object]]:
        for job in jobs:
            if job["status"] != Status.SUCCEEDED:
                continue
            stored = self.by_chance.random() < 0.995
            yield (
                *(self._id(), job["id"], job["resolution"], "stored" if stored else "expired"),
                *("https://files.example/film.mp4", None),
                *(("a.mp4", "a.webp") if stored else ("", "")),
                *(1280, 720, "8.000", 4_000_000, "0" * 64, job["created_at"]),
            )

    def _one_of(self, weights: Sequence[float]) -> int:
        return bisect(weights, self.by_chance.random() * weights[-1])

    def _id(self) -> UUID:
        return UUID(int=self.by_chance.getrandbits(128), version=4)

    def _word(self) -> str:
        chance = self.by_chance
        pairs = (chance.choice("bdfglmnprst") + chance.choice("aeiou") for _ in range(4))
        return "".join(pairs)


@transaction.atomic
def make(number: int) -> tuple[User, User]:
    """So many jobs, most of them videos; an admin and a member of those who made them."""
    made = _Made(number)
    jobs = list(made.jobs())
    videos = [job for job in jobs if not job["kind"].startswith("upgrade")]
    chance = made.by_chance
    chosen = chance.sample(videos, len(videos) // 5)
    for job in chosen:
        what = chance.random()
        job.update(is_favorite=what < 0.2, is_rejected=what > 0.8, rating=chance.randrange(6))
    history.insert(Job, JOB, ([job[name] for name in JOB] for job in jobs))
    history.insert(Rendition, FILE, made.files(jobs))
    Choice.objects.bulk_create(
        Choice(job_id=job["id"], changed_at=job["changed_at"]) for job in chosen
    )
    Tag.objects.bulk_create(_tags(videos, chance))
    return made.people[0], made.people[3]


def _tags(videos: Sequence[Values], chance: Random) -> Iterator[Tag]:
    """Of many words each on some, of one on many, and of one on a few."""
    named = [(job, f"tag {chance.randrange(TAGS)}") for job in _some(videos, chance, 10)]
    named += [(job, library.COMMON) for job in _some(videos, chance, 20)]
    named += [(job, library.RARE) for job in chance.sample(videos, FEW)]
    for job, name in named:
        key = letters.name_key(name)
        yield Tag(job_id=job["id"], name=name, name_key=key, by_id=job["owner"])


def _some(videos: Sequence[Values], chance: Random, part: int) -> Sequence[Values]:
    return chance.sample(videos, len(videos) // part)
