"""The ways to find a video: by words, and by what is known of it beside its own row.

Nothing here asks for rights. Whoever sees a video sees all that is said of it, also its comments:
so it teaches nobody anything to search among what `JobQuerySet.visible_to` leaves them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from jobs import letters
from jobs.models.computed import ComputingQuerySet, words_of
from jobs.models.team.project import Project
from jobs.models.team.user import User
from jobs.providers.base import UPGRADES, Part

Job_co = TypeVar("Job_co", bound=models.Model, covariant=True)
"""Job itself, whose module stands on this one."""
SEED_MAX = 2**31 - 1
"""The largest number that the column of seeds holds, whatever a model takes."""


class FoundJobs(ComputingQuerySet[Job_co]):
    """Jobs as people look for them."""

    def matching(self, text: str) -> Self:
        """Jobs in which each of the words is found: in the prompt, the tags, the name of the person
        or the project, a comment, or as the seed.
        """
        found = self
        for hit in _hits(words_of(text)):
            found = found.filter(hit)
        return found

    def shared(self) -> Self:
        """Videos on a link that leads somewhere, at whatever size."""
        links = apps.get_model("jobs.ShareLink").objects.open()
        takes = apps.get_model("jobs.SharedTake").objects.filter(link__in=links)
        return self.filter(_at_any_size(takes, "rendition__job"))

    def picked(self) -> Self:
        """Videos that a client picked, and did not pick another one after."""
        picks = apps.get_model("jobs.ReviewNote").objects.filter(kind="pick", is_replaced=False)
        return self.filter(_at_any_size(picks, "take__rendition__job"))

    def with_film(self, **facts: Any) -> Self:
        """Videos of which a film is kept that is like this: lookups of a Rendition."""
        return self.filter(_kept(**facts))

    def of_best_size(self, resolution: str, larger: Collection[str]) -> Self:
        """Videos whose largest film that is kept has this size. `larger`: those above it."""
        return self.filter(_kept(resolution=resolution), ~_kept(resolution__in=larger))


def _hits(words: Sequence[str]) -> Iterator[Q]:
    """For each of these words what a job is that has it. Words as `computed.words_of` makes them.

    People and projects are few: two queries read them, however many words there are.
    """
    if not words:
        return
    people = [(user.pk, letters.folded(f"{user.label}\n{user.username}")) for user in _people()]
    projects = list(Project.objects.order_by().values_list("pk", "name_key"))
    for word in words:
        owners = [pk for pk, names in people if word in names]
        filed = [pk for pk, name in projects if word in name]
        yield (
            _asked_for(word)
            | Q(owner__in=owners)
            | Q(project__in=filed)
            | _tagged(word.lstrip("#") or word)
            | _spoken_of(word)
        )


def _people() -> Iterator[User]:
    names = User.objects.order_by().only("username", "display_name")
    return names.iterator()


def _asked_for(word: str) -> Q:
    """It stands in what was asked for, or is the seed."""
    hit = Q(searchable__contains=word)
    if word.isascii() and word.isdigit() and int(word) <= SEED_MAX:
        hit |= Q(seed=int(word))
    return hit


def _tagged(word: str) -> Q:
    # By name, as below: their modules stand on that of jobs.
    tags = apps.get_model("jobs.Tag").objects.filter(name_key__contains=word)
    return Q(pk__in=tags.order_by().values("job"))


def _spoken_of(word: str) -> Q:
    """A comment or an answer has it, or is by somebody who calls themselves so."""
    notes = apps.get_model("jobs.ReviewNote").objects.filter(searchable__contains=word)
    return _at_any_size(notes, "take__rendition__job")


def _at_any_size(rows: models.QuerySet[Any], job: str) -> Q:
    """Videos with one of these rows, be it of a larger copy. `job` leads from there to the job."""
    copies = rows.filter(**{f"{job}__kind__in": UPGRADES})
    own = Q(pk__in=rows.order_by().values(job))
    return own | Q(pk__in=copies.order_by().values(f"{job}__source"))


def _kept(**facts: Any) -> Q:
    """A film like this is kept of the video, or of a larger copy of it."""
    kept = apps.get_model("jobs.Rendition").objects.filter(state="stored", part=Part.FILM, **facts)
    copies = kept.filter(job__source=OuterRef("pk"), job__kind__in=UPGRADES)
    return Q(Exists(kept.filter(job=OuterRef("pk")))) | Q(Exists(copies))
