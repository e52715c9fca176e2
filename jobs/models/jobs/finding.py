"""The ways to find a video: by words, and by what is known of it beside its own row.

Nothing here asks for rights. Whoever sees a video sees all that is said of it, also its comments:
so it teaches nobody anything to search among what `JobQuerySet.visible_to` leaves them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from types import EllipsisType
from typing import Any, Self, TypeVar
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.sql.where import WhereNode

from jobs import letters
from jobs.letters import counts
from jobs.models import search_index
from jobs.models.computed import ComputingQuerySet
from jobs.models.words import texts_first
from jobs.models.words.elsewhere import at_any_size, besides_of, few_at_any_size
from jobs.models.words.hints import Aside, Common, Opaque, OwnWord
from jobs.providers.base import UPGRADES, Part

Job_co = TypeVar("Job_co", bound=models.Model, covariant=True)
"""Job itself, whose module stands on this one."""


class FoundJobs(ComputingQuerySet[Job_co]):
    """Jobs as people look for them."""

    hits = ""
    """How many have what was searched for: few, many, or nobody searched."""
    among: models.QuerySet[Any, Any] | None = None
    """The ids of those with a tag that many have: whoever counts asks of these alone."""
    often: Sequence[str] = ()
    """Words that very many have, each in its own text: whoever wants all of them begins there."""
    is_of_few = False
    """What is asked beside the words leaves few: whoever wants all of them begins with these."""
    all_ids: list[UUID] | EllipsisType | None = ...
    """Of all of them, once somebody has read these; None for too many."""
    is_beyond_count = False
    """More than COUNTED_MAX of them were counted. Of what these are narrowed down to afterwards
    nobody knows.
    """

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
        return self.is_broad and bool(self.often) and not self.is_of_few

    def matching(self, text: str, among: Self | None = None) -> Self:
        """Jobs in which each of the words is found: in the prompt, the tags, the name of the person
        or the project, a comment, or as the seed.

        `among`: what else is asked of them, where many are like that and all of them are wanted.
        They are counted with it at once, if that is as quick as to find them.
        """
        words = letters.words_of(text)
        besides = list(besides_of(words))
        is_plain = bool(words) and not any(besides) and texts_first.are_found_at_once(words)
        if among is not None and is_plain:
            return self._with_words_among(among, words)
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
            return self._with_common_words(words, beside)
        either = Q(pk__in=jobs) | beside
        few = self._named(either) if beside else jobs
        if few is not None:
            return self._these(few)
        found = self.filter(Common(either))
        found.hits = self.hits or "many"
        return found

    def _with_words_among(self, jobs: Self, words: Sequence[str]) -> Self:
        ids = texts_first.ids(jobs, words, counts.COUNTED_MAX)
        if ids is not None:
            return self._these(ids)
        found = self._with_common_words(words, Q())
        found.is_beyond_count = True
        return found

    def _with_common_words(self, words: Sequence[str], beside: Q) -> Self:
        as_asked = Common if beside else OwnWord
        each = (Q(searchable__contains=word) | beside for word in words)
        found = self.filter(*map(as_asked, each))
        found.hits = self.hits or "many"
        found.often = self.often if beside else words
        return found

    def _these(self, ids: Collection[UUID]) -> Self:
        """Those with one of these ids, which are few."""
        found = self.filter(pk__in=ids)
        found.hits = "few"
        return found

    @staticmethod
    def _named(condition: Q) -> list[UUID] | None:
        """The ids of all jobs like this; None for more than are named one by one."""
        jobs = apps.get_model("jobs.Job").objects.filter(condition).order_by()
        ids = list(jobs.values_list("pk", flat=True)[: search_index.HITS_MAX + 1])
        return ids if len(ids) <= search_index.HITS_MAX else None

    def few_of(self) -> Self:
        """The same, narrowed down by more than words: they are sooner read themselves than all
        texts with the words.
        """
        found = self.all()
        found.is_of_few = True
        return found

    def has_few_texts(self, text: str) -> bool:
        """It is less to read all texts with these words than tens of thousands of jobs."""
        words = letters.words_of(text)
        return texts_first.jobs_to_sort(self.db, words) is not None

    def from_texts(self) -> Self | None:
        """The same, for an order that goes by words as well; None where they are not read by texts.

        In that one those with a word may stand close together, and far from where it begins: to
        read until a page is full is then to read nearly all. Those with the words are read and
        sorted instead, where that is less.
        """
        ids = texts_first.jobs_to_sort(self.db, self.often) if self.is_broad else None
        if ids is None:
            return None
        found = self.filter(texts_first.Among(F("pk"), ids))
        setattr(found.query, texts_first.WORDS_ARE_MET, texts_first.are_found_at_once(self.often))
        return found

    def met_in_order(self) -> Self:
        """The same, as very many that are read in an order of their own until a page is full.

        SQLite would sooner go by an index of what they are narrowed down by, and sort them all.
        """
        found = self.all()
        if found.query.where:
            found.query.where = WhereNode([Opaque(found.query.where)])  # type: ignore[list-item]
        return found

    def lasting(self, **seconds: float) -> Self:
        """Those of such a length: lookups of film_seconds."""
        condition = Q(**{f"film_seconds__{lookup}": value for lookup, value in seconds.items()})
        few = self._named(condition)
        return self.filter(Opaque(condition)) if few is None else self._these(few)

    def lately(self, owner: int, since: datetime, condition: Q) -> Self:
        """Those like this of what a person, by its id, has sent since then. Served by the index
        job_owner_sent.
        """
        sent = Q(owner=owner, sent_at__gte=since)
        few = self._named(sent)
        if few is None:
            return self.filter(sent, condition)
        return self._these(few).filter(Opaque(condition))

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
        return self.filter(*(Common(Q(**{name: each})) for name, each in columns.items()))

    def within(self, **columns: int | None) -> Self:
        """Those of a person, or of a project, by its id. Asked for after what finds few of all."""
        if not self.is_narrow:
            return self.filter(**columns)
        aside = {f"{name}_aside": Aside(name) for name in columns}
        return self.alias(**aside).filter(
            **{f"{name}_aside": value for name, value in columns.items()}
        )

    def shared(self) -> Self:
        """Videos on a link that leads somewhere, at whatever size."""
        links = apps.get_model("jobs.ShareLink").objects.open()
        takes = apps.get_model("jobs.SharedTake").objects.filter(link__in=links)
        return self._with_any(takes, "rendition__job")

    def picked(self) -> Self:
        """Videos that a client picked, and did not pick another one after."""
        picks = apps.get_model("jobs.ReviewNote").objects.filter(kind="pick", is_replaced=False)
        return self._with_any(picks, "take__rendition__job")

    def with_film(self, **facts: Any) -> Self:
        """Videos of which a film is kept that is like this: lookups of a Rendition. Served by the
        indexes rendition_bytes and rendition_frame_rate where few are.
        """
        # What is kept has a file. Not said by its state, by whose index all would be read.
        kept = apps.get_model("jobs.Rendition").objects.filter(part=Part.FILM, **facts)
        kept = kept.exclude(file="").order_by()
        few = few_at_any_size(kept, "job")
        if few is not None:
            return self._these(few)
        copies = kept.filter(job__source=OuterRef("pk"), job__kind__in=UPGRADES)
        return self.filter(Exists(kept.filter(job=OuterRef("pk"))) | Exists(copies))

    def _with_any(self, rows: models.QuerySet[Any], job: str) -> Self:
        """Videos with one of these rows, at whatever size."""
        few = few_at_any_size(rows, job)
        return self.filter(at_any_size(rows, job)) if few is None else self._these(few)

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]
        copy.hits, copy.among, copy.often = self.hits, self.among, self.often
        copy.is_of_few = self.is_of_few
        return copy
