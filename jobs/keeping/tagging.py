"""Tags of videos: words of the team's, each spelled as whoever uses it knows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Subquery

from jobs import letters
from jobs.keeping.choosing import (
    Chosen,
    NotChosen,
    Step,
    choice_of,
    count_in,
    locked,
    show,
    spoken_of,
)
from jobs.models import Job, Tag, User
from jobs.models.computed import ComputingQuerySet

TAGS_MAX = 500
"""Words that a team has: of more nobody finds one."""
TAGS_OF_VIDEO_MAX = 20
TAG = "#"
"""Begins the name of a step about a tag."""


def tag(ids: Collection[UUID], by: User, names: Iterable[str]) -> Chosen:
    """Put tags on these videos. Raises `NotChosen`, and `limits.TooMany`."""
    count_in(ids, by)
    with transaction.atomic():
        seen = locked(ids, by)
        wanted = _as_known(names, by)
        require_room(dict.fromkeys(seen, wanted))
        return Chosen(seen, put_on(seen, wanted, by))


def untag(ids: Collection[UUID], by: User, names: Iterable[str]) -> Chosen:
    """Take tags off these videos, however they are written. Raises `limits.TooMany`."""
    count_in(ids, by)
    with transaction.atomic():
        seen = locked(ids, by)
        return Chosen(seen, take_off(seen, map(letters.name_key, names)))


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


def _as_known(names: Iterable[str], by: User) -> dict[str, str]:
    """Tags by their keys, each spelled as this person knows it already, else as it was typed."""
    typed = {letters.name_key(name): name for name in names}
    return typed | _spelled(Tag.objects.filter(name_key__in=typed), by)


def require_room(wanted: Mapping[UUID, Collection[str]]) -> None:
    """Each of these videos can get the tags with these keys, and the team can have them all."""
    keys = {key for of_one in wanted.values() for key in of_one}
    known = set(Tag.objects.filter(name_key__in=keys).values_list("name_key", flat=True))
    new = len(keys - known)
    # Two people at once may make one more: this keeps the list of them short, and no more.
    if new and len(Tag.objects.keys_in_use()) + new > TAGS_MAX:
        raise NotChosen(f"The team has {TAGS_MAX} tags. Remove one it no longer needs first.")
    then = {video: set(of_one) for video, of_one in wanted.items() if of_one}
    for video, key in Tag.objects.filter(job__in=then).values_list("job", "name_key"):
        then[video].add(key)
    if any(len(of_one) > TAGS_OF_VIDEO_MAX for of_one in then.values()):
        raise NotChosen(f"A video can have up to {TAGS_OF_VIDEO_MAX} tags. Remove one first.")


def put_on(videos: Collection[UUID], wanted: Mapping[str, str], by: User) -> list[Step]:
    """Put tags, by their keys, on locked videos, where they are not yet."""
    there = Tag.objects.filter(job__in=videos, name_key__in=wanted)
    known = set(there.values_list("job", "name_key"))
    new = [(v, name) for v in videos for key, name in wanted.items() if (v, key) not in known]
    Tag.objects.bulk_create(Tag(job_id=video, name=name, by=by) for video, name in new)
    _show_of({video for video, _ in new})
    return [Step(video, TAG + name, 0, 1) for video, name in new]


def take_off(videos: Collection[UUID], keys: Iterable[str]) -> list[Step]:
    """Take what has these keys off locked videos."""
    rows = Tag.objects.filter(job__in=videos, name_key__in=list(keys))
    gone = list(rows.values_list("job", "name"))
    rows.delete()
    _show_of({video for video, _ in gone})
    return [Step(video, TAG + name, 1, 0) for video, name in gone]


def _show_of(videos: Collection[UUID]) -> None:
    show([choice_of(job) for job in spoken_of(videos)])


def key_of(step: Step) -> str:
    """The key of the tag that a step is about."""
    return letters.name_key(step.what.removeprefix(TAG))
