"""The ways to find a video: by words, and by what is known of it beside its own row.

Nothing here asks for rights. Whoever sees a video sees all that is said of it, also its comments:
so it teaches nobody anything to search among what `JobQuerySet.visible_to` leaves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists, Func, OuterRef, Q

from jobs import letters
from jobs.models import search_index
from jobs.models.computed import ComputingQuerySet, words_of
from jobs.models.team.project import Project
from jobs.models.team.user import User
from jobs.providers.base import UPGRADES, Part

Job_co = TypeVar("Job_co", bound=models.Model, covariant=True)
"""Job itself, whose module stands on this one."""
SEED_MAX = 2**31 - 1
"""The largest number that the column of seeds holds, whatever a model takes."""


class _Aside(Func):
    """A column that SQLite is led to nothing by.

    It does not know how much a table holds, and takes whose a job is for a shorter way to the few
    that were found than their ids: so it would read all that somebody ever made.
    """

    template, arity = "%(expressions)s", 1

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **more)


class _Common(Func):
    """What very many are. SQLite takes every condition for one that few meet, and after some of
    them would rather read all rows and sort what is left than begin with the newest.
    """

    template, arity = "%(expressions)s", 1
    output_field = models.BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="likelihood(%(expressions)s, 1.0)", **more
        )


class FoundJobs(ComputingQuerySet[Job_co]):
    """Jobs as people look for them."""

    hits = ""
    """How many have what was searched for: few, many, or nobody searched."""
    among: models.QuerySet[Any, Any] | None = None
    """The ids of those with a tag that many have: whoever counts asks of these alone."""
    often: Sequence[str] = ()
    """Words that very many have, each in its own text: whoever wants all of them begins there."""

    @property
    def is_narrow(self) -> bool:
        """Something was searched for that few have: an index leads to just these."""
        return self.hits == "few"

    @property
    def is_broad(self) -> bool:
        """Something was searched for that very many have: few rows are read until a page is full,
        and all until they are counted.
        """
        return self.hits == "many"

    @property
    def is_often(self) -> bool:
        """Of what is broad, what is found by its words alone: all of it is sooner found from the
        texts.
        """
        return self.is_broad and bool(self.often)

    def matching(self, text: str) -> Self:
        """Jobs in which each of the words is found: in the prompt, the tags, the name of the person
        or the project, a comment, or as the seed.
        """
        words = words_of(text)
        besides = list(_besides(words))
        alone = [word for word, beside in zip(words, besides, strict=True) if not beside]
        found = self.with_words(alone) if alone else self
        for word, beside in zip(words, besides, strict=True):
            if beside:
                found = found.with_words([word], beside)
        return found

    def with_words(self, words: Sequence[str], beside: Q | None = None) -> Self:
        """Those with all of these words in their own text, or those `beside` them."""
        beside = beside or Q()
        jobs = search_index.jobs_with(words, self.db)
        if jobs is None:
            each = (Q(searchable__contains=word) | beside for word in words)
            found = self.filter(*(_Common(word) for word in each))
            found.hits = self.hits or "many"
            found.often = self.often if beside else words
            return found
        either = Q(pk__in=jobs) | beside
        if beside and self._are_many(either):
            found = self.filter(_Common(either))
            found.hits = self.hits or "many"
        else:
            found = self.filter(either)
            found.hits = "few"
        return found

    @staticmethod
    def _are_many(condition: Q) -> bool:
        """Whether there are more jobs like this than are named one by one."""
        jobs = apps.get_model("jobs.Job").objects.filter(condition).order_by()
        return jobs[: search_index.HITS_MAX + 1].count() > search_index.HITS_MAX

    def few_of(self) -> Self:
        """The same, narrowed down by more than words: they are sooner read themselves than all
        texts with the words.
        """
        found = self.all()
        found.often = ()
        return found

    def rated(self, least: int) -> Self:
        """Those with so many dots or more. Served by the indexes job_rated_seen and
        job_rated_status.
        """
        return self.filter(rating__gt=0, rating__gte=least)

    def tagged(self, name: str) -> Self:
        """Those with this tag, however it is written. Served by tag_once_on_a_video."""
        rows = apps.get_model("jobs.Tag").objects.filter(name_key=letters.name_key(name))
        jobs = rows.order_by().values("job")
        if jobs[: search_index.HITS_MAX + 1].count() <= search_index.HITS_MAX:
            found = self.filter(pk__in=jobs)
            found.hits = "few"
        else:
            # Asked of each, not of all at once: a page of them is found among the newest.
            found = self.filter(Exists(rows.filter(job=OuterRef("pk"))))
            found.hits, found.among = self.hits or "many", jobs
        return found

    def alike(self, **columns: str) -> Self:
        """Those with these values, each of which very many have."""
        return self.filter(*(_Common(Q(**{name: each})) for name, each in columns.items()))

    def within(self, **columns: int | None) -> Self:
        """Those of a person, or of a project, by its id. Asked for after what finds few of all."""
        if not self.is_narrow:
            return self.filter(**columns)
        aside = {f"{name}_aside": _Aside(name) for name in columns}
        return self.alias(**aside).filter(
            **{f"{name}_aside": value for name, value in columns.items()}
        )

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

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]
        copy.hits, copy.among, copy.often = self.hits, self.among, self.often
        return copy


def _besides(words: Sequence[str]) -> Iterator[Q]:
    """For each of these words what a job is that has it elsewhere than in its own text; empty where
    there is none. Words as `computed.words_of` makes them.

    People, projects and the team's tags are few: each are read once, however many words there are.
    """
    if not words:
        return
    people = [(user.pk, user.names_to_find) for user in _people()]
    projects = list(Project.objects.order_by().values_list("pk", "name_key"))
    # By name, as below: their modules stand on that of jobs.
    tags = apps.get_model("jobs.Tag").objects.order_by()
    keys = list(tags.values_list("name_key", flat=True).distinct())
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
    return _at_any_size(notes, "take__rendition__job") if notes.order_by().exists() else Q()


def _at_any_size(rows: models.QuerySet[Any], job: str) -> Q:
    """Videos with one of these rows, be it of a larger copy. `job` leads from there to the job."""
    copies = rows.filter(**{f"{job}__kind__in": UPGRADES})
    own = Q(pk__in=rows.order_by().values(job))
    return own | Q(pk__in=copies.order_by().values(f"{job}__source"))


def _kept(**facts: Any) -> Q:
    """A film like this is kept of the video, or of a larger copy of it."""
    # What is kept has a file. Not said by its state, whose index would lead to all that is kept.
    kept = apps.get_model("jobs.Rendition").objects.filter(part=Part.FILM, **facts)
    kept = kept.exclude(file="")
    copies = kept.filter(job__source=OuterRef("pk"), job__kind__in=UPGRADES)
    return Q(Exists(kept.filter(job=OuterRef("pk")))) | Q(Exists(copies))
