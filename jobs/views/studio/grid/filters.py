"""The jobs that the studio shows: by person, project, words and tab."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from jobs.forms import digits, search_words, tag_words
from jobs.models import Job, Project, User, visible
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.job_constraints import RATING_MAX
from jobs.views.jobs.cards.kept.facts import Row, facts_among, facts_of
from jobs.views.studio.grid import paging

TABS = ("all", "progress", "ready", "attention", "favorites")
NARROWS = ("rating", "rejected", "tag")
"""By what the team thinks of the videos."""
Found = TypeVar("Found")
SHAPING = frozenset(("tab", "scope", "project", "rating", "rejected", "after"))
"""Names of which there are few values, or one that a question is given, or that no question about
all jobs is asked by."""
UNASKED = frozenset(("since", "cards", "from", "mode", "image", "seed"))
"""What else stands in addresses, and chooses no jobs."""


@dataclass(frozen=True)
class StudioFilters:
    """The filters in one address of the studio, as far as this person may see the jobs."""

    user: User
    filters: QueryDict
    filed: int | None = None
    """The project, in place of the one in the address."""

    @property
    def words(self) -> str:
        """The words that are searched for."""
        return search_words(self.filters.get("q", ""))

    @property
    def project_id(self) -> int | None:
        return self.filed or digits(self.filters.get("project", ""))

    @property
    def is_mine(self) -> bool:
        """Their own alone."""
        return self.filters.get("scope") == "me"

    @property
    def tab(self) -> str:
        tab = self.filters.get("tab", "all")
        return tab if tab in TABS else "all"

    @cached_property
    def after(self) -> paging.Passed | None:
        """The end of the page before this one; None on the first."""
        return paging.read(self.filters.get("after", ""))

    @cached_property
    def jobs(self) -> Jobs:
        """The jobs behind the counts: whatever the tab."""
        tag = self.narrowed.get("tag")
        found = self._of_here(self._with_words.tagged(tag)) if tag else self.near
        jobs = found.filter(trashed_at=None)
        if least := self.narrowed.get("rating"):
            jobs = jobs.rated(int(least))
        return jobs.not_rejected() if "rejected" in self.narrowed else jobs

    @cached_property
    def near(self) -> Jobs:
        """With those that lack what is asked of the team's choices, and those in the trash: a card
        that is here may have become so a moment ago, and is kept true.
        """
        return self._of_here(self._with_words)

    @cached_property
    def _with_words(self) -> Jobs:
        return Job.objects.matching(self.words)

    @property
    def within(self) -> Jobs:
        """With those as well that the words do not find."""
        return self._of_here(Job.objects.all())

    def _of_here(self, jobs: Jobs) -> Jobs:
        """Those of them that this person may see, of the people and the project asked for."""
        return jobs.known_to(self.user).within(**self._whose)

    @property
    def belongs(self) -> Q:
        """The same as a condition."""
        return Job.objects.known_by(self.user) & Q(**self._whose)

    @property
    def _whose(self) -> dict[str, int]:
        asked = {
            "owner": self.user.pk if self.is_mine else None,
            "project": self.project_id,
        }
        return {name: value for name, value in asked.items() if value is not None}

    @cached_property
    def narrowed(self) -> dict[str, str]:
        """What is asked of the team's choices: at least so many dots, a tag, nothing rejected."""
        least = digits(self.filters.get("rating", "")) or 0
        asked = {
            "rating": str(least) if 0 < least <= RATING_MAX else "",
            "rejected": "hide" if self.filters.get("rejected") == "hide" else "",
            "tag": tag_words(self.filters.get("tag", "")),
        }
        return {name: value for name, value in asked.items() if value}

    @property
    def chosen(self) -> Jobs:
        """Those under the tab."""
        match self.tab:
            case "progress":
                return self.jobs.in_progress()
            case "ready":
                return self.jobs.ready()
            case "attention":
                return self.jobs.needing_attention()
            case "favorites":
                return self.jobs.takes().favorites()
            case _:
                return self.jobs.takes()

    @property
    def near_page(self) -> Jobs:
        """The jobs of this page, and a few after it: see `cut`."""
        return paging.near(self.chosen, self.after)

    def cut(self, near: Iterable[tuple[UUID, UUID | None, datetime]]) -> tuple[set[UUID], str]:
        """Of `near_page`, each with its group of takes and its moment, those that stand on this
        page; and the address of the next one, where there are more.
        """
        on_page, end = paging.cut(list(near), self.after)
        if end is None:
            return on_page, ""
        kept = {name: each for name, each in self.filters.dict().items() if name not in UNASKED}
        return on_page, f"?{urlencode({**kept, 'after': end.written})}"

    @property
    def in_library(self) -> str:
        """The address of the library that shows the same."""
        mine = {"person": "me"} if self.filters.get("scope") == "me" else {}
        filed = {"project": self.project_id} if self.project_id is not None else {}
        under = {"all": {}, "favorites": {"favorite": "on"}}.get(self.tab, {"state": self.tab})
        words = {"q": self.words} if self.words else {}
        asked = {**words, **mine, **filed, **under, **self.narrowed}
        return f"{reverse('library')}?{urlencode(asked)}" if asked else reverse("library")

    @property
    def context(self) -> dict[str, Any]:
        """The state of the filters, for the template."""
        project = None
        if self.project_id is not None:
            project = Project.objects.filter(pk=self.project_id).first()
        return {
            "tab": self.tab,
            "scope": self.filters.get("scope", "everyone"),
            "query": self.words,
            "is_later": self.after is not None,
            "in_library": self.in_library,
            "narrowed": self.narrowed,
            "project": project,
        }

    @property
    def is_everything(self) -> bool:
        """Nothing is left out of the counts that this person may see."""
        return not any(self.filters.get(name) for name in ("scope", "q", "project", *NARROWS))

    @property
    def is_everybodys(self) -> bool:
        """The plain studio, of no one person, from its beginning."""
        return self._is_plain and not self.is_mine

    @property
    def _is_plain(self) -> bool:
        return not set(self.filters) - {*UNASKED, "tab", "scope"}

    def facts(self) -> list[Row]:
        """What the cards of `near_page` are made of."""
        if self._is_plain:
            return self.ask("cards", lambda shown: facts_of(shown.near_page))
        # Only which they are is put together, and planned, each time: the rest is more work.
        return facts_among(self.near_page.values_list("pk", flat=True))

    def ask(
        self, name: Hashable, question: Callable[..., QuerySet[Any, Found]], *given: datetime | UUID
    ) -> list[Found]:
        """The rows of `question(these filters, *given)`, which has a name of its own.

        The plain studio's questions are put together once. Of others there are too many.
        """
        if not self._is_plain:
            return list(question(self, *given))

        def build(somebody: User, *given: datetime | UUID) -> QuerySet[Any, Found]:
            return question(StudioFilters(somebody, self.filters), *given)

        shape = name, self.tab, self.is_mine
        return visible.rows(self.user, shape, build, *given, own=self.is_mine)

    @property
    def is_among_few_shapes(self) -> bool:
        """What the address asks is given to a question, or of few kinds: not so words and tags."""
        return not set(self.filters) - {*UNASKED, *SHAPING}

    def ask_of_jobs(
        self, name: str, question: Callable[[Jobs], QuerySet[Any, Found]]
    ) -> list[Found]:
        """The rows of a question about `jobs`, put together once where it can be."""
        if not self.is_among_few_shapes:
            return list(question(self.jobs))

        def build(somebody: User, *filed: int) -> QuerySet[Any, Found]:
            return question(StudioFilters(somebody, self.filters, *filed).jobs)

        filed = () if self.project_id is None else (self.project_id,)
        shape = name, self.is_mine, tuple(self.narrowed.items()), len(filed)
        return visible.rows(self.user, shape, build, *filed, own=self.is_mine)
