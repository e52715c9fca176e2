"""Take back what was said of videos, where nobody has said anything else since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import transaction

from jobs import letters
from jobs.keeping.choosing import FACTS, Step, count_in, facts_of, locked, set_facts
from jobs.keeping.tagging import TAG, key_of, put_on, require_room, take_off
from jobs.models import Job, Tag, User


def undo(steps: Collection[Step], by: User) -> list[UUID]:
    """Put back what these steps changed, and where nobody has changed it since; which videos.

    Raises `NotChosen` where a tag has no room any more, and `limits.TooMany`.
    """
    by_video = attrgetter("video")
    made = {video: list(of_one) for video, of_one in groupby(sorted(steps, key=by_video), by_video)}
    count_in(made, by)
    with transaction.atomic():
        seen = _that_go_back(locked(made, by), made)
        facts = {
            video: {step.what: step.before for step in made[video] if step.what in FACTS}
            for video in seen
        }
        tags = {video: [step for step in made[video] if step.what not in FACTS] for video in seen}
        require_room({v: [key_of(s) for s in steps if s.before] for v, steps in tags.items()})
        set_facts(facts, by)
        alike = defaultdict[tuple[str, int], list[UUID]](list)
        for video, of_one in tags.items():
            for step in of_one:
                alike[step.what.removeprefix(TAG), step.before].append(video)
        for (name, before), videos in alike.items():
            if before:
                put_on(videos, {letters.name_key(name): name}, by)
            else:
                take_off(videos, [letters.name_key(name)])
    return seen


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
        step.what if step.what in FACTS else TAG + key_of(step): (step.before, step.after)
        for step in steps
    }
    then = now | {what: before for what, (before, _) in back.items()}
    is_both = then["favorite"] and then["rejected"]
    return not is_both and all(now.get(what, 0) == after for what, (_, after) in back.items())
