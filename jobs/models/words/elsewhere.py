"""What has a word elsewhere than in its own text: in the names that it goes by, or in comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q

from jobs.models import search_index
from jobs.models.team.project import Project
from jobs.models.team.user import User
from jobs.providers.base import UPGRADES

SEED_MAX = 2**31 - 1
"""The largest number that the column of seeds holds, whatever a model takes."""


def besides_of(words: Sequence[str]) -> Iterator[Q]:
    """For each of these words what a job is that has it elsewhere than in its own text; empty where
    there is none. Words as `letters.words_of` makes them.

    People, projects and the team's tags are few: each are read once, however many words there are.
    """
    if not words:
        return
    people = [(user.pk, user.names_to_find) for user in _people()]
    projects = list(Project.objects.order_by().values_list("pk", "name_key"))
    # By name, as below: their modules stand on that of jobs.
    tags = apps.get_model("jobs.Tag").objects.order_by()
    keys = apps.get_model("jobs.Tag").objects.keys_in_use()
    for word in words:
        owners = [pk for pk, names in people if word in names]
        filed = [pk for pk, name in projects if word in name]
        bare = word.lstrip("#") or word
        tagged = [key for key in keys if bare in key]
        parts = (
            Q(owner__in=owners) if owners else Q(),
            Q(project__in=filed) if filed else Q(),
            Q(pk__in=tags.filter(name_key__in=tagged).values("job")) if tagged else Q(),
            _seeded(word),
            _spoken_of(word),
        )
        yield reduce(or_, parts)


def _people() -> Iterator[User]:
    names = User.objects.order_by().only("username", "display_name")
    return names.iterator()


def _seeded(word: str) -> Q:
    """Its seed is the number."""
    if not (word.isascii() and word.isdigit() and int(word) <= SEED_MAX):
        return Q()
    made = apps.get_model("jobs.Job").objects.order_by().filter(seed=int(word))
    return Q(seed=int(word)) if made.exists() else Q()


def _spoken_of(word: str) -> Q:
    """A comment or an answer has it, or is by somebody who calls themselves so."""
    notes = apps.get_model("jobs.ReviewNote").objects.filter(searchable__contains=word)
    few = few_at_any_size(notes, "take__rendition__job")
    if few is None:
        return at_any_size(notes, "take__rendition__job")
    return Q(pk__in=few) if few else Q()


def few_at_any_size(rows: models.QuerySet[Any], job: str) -> set[UUID] | None:
    """The ids of videos with one of these rows, be it of a larger copy; None for more than
    HITS_MAX of the rows. `job` leads from there to the job.
    """
    found = rows.order_by().values_list(job, f"{job}__kind", f"{job}__source")
    each = list(found[: search_index.HITS_MAX + 1])
    if len(each) > search_index.HITS_MAX:
        return None
    return {source if kind in UPGRADES else pk for pk, kind, source in each}


def at_any_size(rows: models.QuerySet[Any], job: str) -> Q:
    """The same of any number of rows, as a condition."""
    copies = rows.filter(**{f"{job}__kind__in": UPGRADES})
    own = Q(pk__in=rows.order_by().values(job))
    return own | Q(pk__in=copies.order_by().values(f"{job}__source"))
