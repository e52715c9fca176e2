"""What the team thinks of its videos: favorites, ratings, and what is rejected.

Whoever may see a video may say so, and all who see it see the same. Nothing of this touches money
or a status; open pages are told by the job's version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from jobs import limits
from jobs.letters.explained import Explained
from jobs.limits import Limit
from jobs.models import Choice, Job, User
from jobs.models.jobs.job import Jobs

VIDEOS_MAX = 300
"""Ticked one by one for one click: who scrolls that far ticks all that match instead."""
FACTS = {"favorite": "is_favorite", "rating": "rating", "rejected": "is_rejected"}
PEOPLE = {"favorite": "favorite_by", "rating": "rating_by", "rejected": "rejected_by"}


class NotChosen(Explained):
    """Nothing was changed; `user_message` says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One fact of one video that was changed, and all it takes to undo that."""

    video: UUID
    what: str
    """One of FACTS, or # and a tag."""
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """What came of it."""

    videos: list[UUID]
    """Those that it holds for now, changed or not: what somebody may not see is left out."""
    steps: list[Step]


def choose(ids: Collection[UUID], by: User, what: str, value: int) -> Chosen:
    """Set one of FACTS of these videos. A favorite is not rejected, and the other way round.

    Raises `limits.TooMany`.
    """
    count_in(ids, by)
    wanted = {what: value}
    if value and what != "rating":
        wanted["rejected" if what == "favorite" else "favorite"] = 0
    with transaction.atomic():
        seen = locked(ids, by)
        return Chosen(seen, set_facts(dict.fromkeys(seen, wanted), by))


def pick(video: UUID, among: Collection[UUID], by: User) -> Chosen:
    """Make one of these the favorite and reject the others. Raises `limits.TooMany`."""
    ids = {video, *among}
    count_in(ids, by)
    with transaction.atomic():
        seen = locked(ids, by)
        if video not in seen:
            return Chosen([], [])
        wanted = {each: {"favorite": each == video, "rejected": each != video} for each in seen}
        return Chosen(seen, set_facts(wanted, by))


def facts_of(job: Job) -> dict[str, int]:
    """What the team thinks of a video, by the names of FACTS."""
    return {what: int(getattr(job, field)) for what, field in FACTS.items()}


def count_in(ids: Collection[UUID], by: User) -> None:
    """Count these against what one person may say. Raises `limits.TooMany`."""
    limits.take(Limit.CHOICES, by.pk, amount=max(len(set(ids)), 1))


def locked(ids: Collection[UUID], by: User) -> list[UUID]:
    """Those of them that this person may choose among, until the end nobody else's.

    A larger copy is no video of its own: it is chosen with the one that it was made of.
    """
    rows = Job.objects.visible_to(by).takes().filter(pk__in=ids).in_turn()
    return list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def set_facts(wanted: Mapping[UUID, Mapping[str, int]], by: User) -> list[Step]:
    """Set facts of locked videos, and have it known where something changed."""
    steps = list[Step]()
    # Those that come to stand alike are written together.
    alike = defaultdict[tuple[int, ...], list[Choice]](list)
    for job in spoken_of(wanted):
        before, after = facts_of(job), {**facts_of(job), **wanted[job.pk]}
        if before == after:
            continue
        choice = choice_of(job)
        for what in (what for what in FACTS if before[what] != after[what]):
            setattr(choice, PEOPLE[what], by)
            steps.append(Step(job.pk, what, before[what], after[what]))
        alike[tuple(after.values())].append(choice)
    for values, choices in alike.items():
        show(choices, **dict(zip(FACTS.values(), values, strict=True)))
    return steps


def spoken_of(videos: Collection[UUID]) -> Jobs:
    """What is known of what the team thinks of these."""
    return Job.objects.filter(pk__in=videos).order_by().select_related("choice")


def choice_of(job: Job) -> Choice:
    """The row of who said what of it, which is not stored where nobody has said anything."""
    return job.choice if hasattr(job, "choice") else Choice(job=job)


def show(rows: Collection[Choice], **facts: int) -> None:
    """Write them, and let open pages see it: the row after its job, as `Choice.changed_at` says."""
    Job.objects.filter(pk__in=[row.job_id for row in rows]).show_changed(**facts)
    for row in rows:
        row.changed_at = Now()
    Choice.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["job"],
        update_fields=[*PEOPLE.values(), "changed_at"],
    )
