"""What the team thinks of its videos: favorites, ratings, what is rejected, and tags.

Whoever may see a video may say so, and all who see it see the same. Nothing of this touches money
or a status; open pages are told by the job's version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Subquery
from django.db.models.functions import Now

from jobs import letters, limits
from jobs.limits import Limit
from jobs.models import Choice, Job, Tag, User
from jobs.models.computed import ComputingQuerySet
from jobs.models.jobs.job import Jobs

VIDEOS_MAX = 300
"""Ticked one by one for one click: who scrolls that far ticks all that match instead."""
TAGS_MAX = 500
"""Words that a team has: of more nobody finds one."""
TAGS_OF_VIDEO_MAX = 20
FACTS = {"favorite": "is_favorite", "rating": "rating", "rejected": "is_rejected"}
PEOPLE = {"favorite": "favorite_by", "rating": "rating_by", "rejected": "rejected_by"}
TAG = "#"
"""Begins the name of a step about a tag."""


class NotChosen(Exception):
    """Nothing was changed; `user_message` says why."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


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
    _count(ids, by)
    wanted = {what: value}
    if value and what != "rating":
        wanted["rejected" if what == "favorite" else "favorite"] = 0
    with transaction.atomic():
        seen = _locked(ids, by)
        return Chosen(seen, _set(dict.fromkeys(seen, wanted), by))


def pick(video: UUID, among: Collection[UUID], by: User) -> Chosen:
    """Make one of these the favorite and reject the others. Raises `limits.TooMany`."""
    ids = {video, *among}
    _count(ids, by)
    with transaction.atomic():
        seen = _locked(ids, by)
        if video not in seen:
            return Chosen([], [])
        wanted = {each: {"favorite": each == video, "rejected": each != video} for each in seen}
        return Chosen(seen, _set(wanted, by))


def tag(ids: Collection[UUID], by: User, names: Iterable[str]) -> Chosen:
    """Put tags on these videos. Raises `NotChosen`, and `limits.TooMany`."""
    _count(ids, by)
    with transaction.atomic():
        seen = _locked(ids, by)
        wanted = _as_known(names, by)
        _require_room(dict.fromkeys(seen, wanted))
        return Chosen(seen, _tag(seen, wanted, by))


def untag(ids: Collection[UUID], by: User, names: Iterable[str]) -> Chosen:
    """Take tags off these videos, however they are written. Raises `limits.TooMany`."""
    _count(ids, by)
    with transaction.atomic():
        seen = _locked(ids, by)
        return Chosen(seen, _untag(seen, map(letters.name_key, names)))


def undo(steps: Collection[Step], by: User) -> list[UUID]:
    """Put back what these steps changed, and where nobody has changed it since; which videos.

    Raises `NotChosen` where a tag has no room any more, and `limits.TooMany`.
    """
    by_video = attrgetter("video")
    made = {video: list(of_one) for video, of_one in groupby(sorted(steps, key=by_video), by_video)}
    _count(made, by)
    with transaction.atomic():
        seen = _that_go_back(_locked(made, by), made)
        facts = {
            video: {step.what: step.before for step in made[video] if step.what in FACTS}
            for video in seen
        }
        tags = {video: [step for step in made[video] if step.what not in FACTS] for video in seen}
        _require_room({v: [_tag_key(s) for s in steps if s.before] for v, steps in tags.items()})
        _set(facts, by)
        alike = defaultdict[tuple[str, int], list[UUID]](list)
        for video, of_one in tags.items():
            for step in of_one:
                alike[step.what.removeprefix(TAG), step.before].append(video)
        for (name, before), videos in alike.items():
            if before:
                _tag(videos, {letters.name_key(name): name}, by)
            else:
                _untag(videos, [letters.name_key(name)])
    return seen


def facts_of(job: Job) -> dict[str, int]:
    """What the team thinks of a video, by the names of FACTS."""
    return {what: int(getattr(job, field)) for what, field in FACTS.items()}


def tags_seen_by(user: User) -> list[str]:
    """The tags of videos that this person may see; those first that most of the team's have."""
    return list(_spelled(Tag.objects.all(), user).values())


def _spelled(tags: ComputingQuerySet[Tag], user: User) -> dict[str, str]:
    """These by their keys, in that order, as the oldest spells them on a video that this person
    may see. What is on none of those is left out.
    """
    each = tags.order_by().values_list("name_key").annotate(number=Count("pk"), one=Min("pk"))
    used = each.order_by("-number", "name_key")[:TAGS_MAX]
    ones = {one: key for key, _, one in used}
    # Asked of each tag until one such video is there: a common one is on thousands.
    seen = Job.objects.visible_to(user).filter(pk=OuterRef("job")).order_by()
    oldest = Tag.objects.filter(Exists(seen), name_key=OuterRef("name_key")).order_by("pk")
    rows = Tag.objects.filter(pk__in=ones).annotate(spelling=Subquery(oldest.values("name")[:1]))
    spellings = dict(rows.values_list("name_key", "spelling"))
    return {key: spellings[key] for key in ones.values() if spellings.get(key)}


def _count(ids: Collection[UUID], by: User) -> None:
    limits.take(Limit.CHOICES, by.pk, amount=max(len(set(ids)), 1))


def _locked(ids: Collection[UUID], by: User) -> list[UUID]:
    """Those of them that this person may choose among, until the end nobody else's.

    A larger copy is no video of its own: it is chosen with the one that it was made of.
    """
    rows = Job.objects.visible_to(by).takes().filter(pk__in=ids).in_turn()
    return list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def _set(wanted: Mapping[UUID, Mapping[str, int]], by: User) -> list[Step]:
    """Set facts of locked videos, and have it known where something changed."""
    steps = list[Step]()
    # Those that come to stand alike are written together.
    alike = defaultdict[tuple[int, ...], list[Choice]](list)
    for job in _spoken_of(wanted):
        before, after = facts_of(job), {**facts_of(job), **wanted[job.pk]}
        if before == after:
            continue
        choice = _choice_of(job)
        for what in (what for what in FACTS if before[what] != after[what]):
            setattr(choice, PEOPLE[what], by)
            steps.append(Step(job.pk, what, before[what], after[what]))
        alike[tuple(after.values())].append(choice)
    for values, choices in alike.items():
        _show(choices, **dict(zip(FACTS.values(), values, strict=True)))
    return steps


def _spoken_of(videos: Collection[UUID]) -> Jobs:
    """What is known of what the team thinks of these."""
    return Job.objects.filter(pk__in=videos).order_by().select_related("choice")


def _choice_of(job: Job) -> Choice:
    return job.choice if hasattr(job, "choice") else Choice(job=job)


def _show(rows: Collection[Choice], **facts: int) -> None:
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


def _as_known(names: Iterable[str], by: User) -> dict[str, str]:
    """Tags by their keys, each spelled as this person knows it already, else as it was typed."""
    typed = {letters.name_key(name): name for name in names}
    return typed | _spelled(Tag.objects.filter(name_key__in=typed), by)


def _require_room(wanted: Mapping[UUID, Collection[str]]) -> None:
    """Each of these videos can get the tags with these keys, and the team can have them all."""
    keys = {key for of_one in wanted.values() for key in of_one}
    known = set(Tag.objects.filter(name_key__in=keys).values_list("name_key", flat=True))
    new = len(keys - known)
    # Two people at once may make one more: this keeps the list of them short, and no more.
    if new and Tag.objects.order_by().values("name_key").distinct().count() + new > TAGS_MAX:
        raise NotChosen(f"The team has {TAGS_MAX} tags. Remove one it no longer needs first.")
    then = {video: set(of_one) for video, of_one in wanted.items() if of_one}
    for video, key in Tag.objects.filter(job__in=then).values_list("job", "name_key"):
        then[video].add(key)
    if any(len(of_one) > TAGS_OF_VIDEO_MAX for of_one in then.values()):
        raise NotChosen(f"A video can have up to {TAGS_OF_VIDEO_MAX} tags. Remove one first.")


def _tag(videos: Collection[UUID], wanted: Mapping[str, str], by: User) -> list[Step]:
    there = Tag.objects.filter(job__in=videos, name_key__in=wanted)
    known = set(there.values_list("job", "name_key"))
    new = [(v, name) for v in videos for key, name in wanted.items() if (v, key) not in known]
    Tag.objects.bulk_create(Tag(job_id=video, name=name, by=by) for video, name in new)
    _show_of({video for video, _ in new})
    return [Step(video, TAG + name, 0, 1) for video, name in new]


def _untag(videos: Collection[UUID], keys: Iterable[str]) -> list[Step]:
    rows = Tag.objects.filter(job__in=videos, name_key__in=list(keys))
    gone = list(rows.values_list("job", "name"))
    rows.delete()
    _show_of({video for video, _ in gone})
    return [Step(video, TAG + name, 1, 0) for video, name in gone]


def _show_of(videos: Collection[UUID]) -> None:
    _show([_choice_of(job) for job in _spoken_of(videos)])


def _that_go_back(videos: Collection[UUID], made: Mapping[UUID, list[Step]]) -> list[UUID]:
    """Those of these locked videos of which nobody has said anything else since."""
    rows, keys = Job.objects.in_bulk(videos), defaultdict[UUID, set[str]](set)
    for video, key in Tag.objects.filter(job__in=videos).values_list("job", "name_key"):
        keys[video].add(key)
    return [video for video in videos if _can_go_back(made[video], rows[video], keys[video])]


def _can_go_back(steps: Iterable[Step], job: Job, keys: Iterable[str]) -> bool:
    """All is as these steps left it, and what was before them goes with what was said since."""
    now = facts_of(job) | {TAG + key: 1 for key in keys}
    back = {
        step.what if step.what in FACTS else TAG + _tag_key(step): (step.before, step.after)
        for step in steps
    }
    then = now | {what: before for what, (before, _) in back.items()}
    is_both = then["favorite"] and then["rejected"]
    return not is_both and all(now.get(what, 0) == after for what, (_, after) in back.items())


def _tag_key(step: Step) -> str:
    return letters.name_key(step.what.removeprefix(TAG))
