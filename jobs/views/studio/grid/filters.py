"""The jobs that the studio shows: by person, project, words and tab."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from jobs.forms import digits, search_words, tag_words
from jobs.models import Job, Project, User, prepared, visible
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.job_constraints import RATING_MAX, TAKES_MAX
from jobs.times import moments
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards.kept.facts import Row, facts_among, facts_of

PAGE_SIZE = 24
REACH = PAGE_SIZE + TAKES_MAX
"""So many jobs tell what is on a page: takes that it begins with it shows to their end."""
TABS = ("all", "progress", "ready", "attention", "favorites")
NARROWS = ("rating", "rejected", "tag")
"""By what the team thinks of the videos."""
NAMES = ("tab", "scope", "q", "project", *NARROWS, "after")
Found = TypeVar("Found")
SHAPING = frozenset(("tab", "scope", "project", "rating", "rejected", "after"))
"""Names of which there are few values, or one that a question is given, or that no question about
all jobs is asked by."""
UNASKED = frozenset(("since", "cards", "from", "mode", "image", "seed"))
"""What else stands in addresses, and chooses no jobs."""


class Passed(NamedTuple):
    """The end of a page: the moment of its last job, and how many of that moment were shown."""

    moment: datetime
    shown: int


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
    def after(self) -> Passed | None:
        """The end of the page before this one; None on the first."""
        moment, _, number = self.filters.get("after", "").partition("-")
        microseconds, shown = digits(moment, moments.NUMBER_LENGTH), digits(number)
        if microseconds is None or shown is None:
            return None
        return Passed(moments.of_number(microseconds), min(shown, 10_000))

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
    def first_page(self) -> set[UUID]:
        """The jobs that may turn up by themselves: those a reload would show. None further on."""
        if self.after:
            return set()
        return self.cut(self.ask("first page", lambda shown: _places(shown.near_page)))[0]

    @property
    def near_page(self) -> Jobs:
        """The jobs of this page, and a few after it: see `cut`.

        Found from where the page before ended, so that however many came before are not read.
        """
        if not self.after:
            return self.chosen[:REACH]
        # A microsecond more: SQLite keeps some moments with fewer digits than it is asked with.
        older = self.chosen.filter(created_at__lt=self.after.moment + moments.MICROSECOND)
        return older[self.after.shown : self.after.shown + REACH]

    def cut(self, near: Iterable[tuple[UUID, UUID | None, datetime]]) -> tuple[set[UUID], str]:
        """Of `near_page`, each with its group of takes and its moment, those that stand on this
        page; and the address of the next one, where there are more. Takes of one order stand on
        one page, the one they begin on.
        """
        rows = list(near)
        end = min(PAGE_SIZE, len(rows))
        while 0 < end < len(rows) and rows[end][1] and rows[end][1] == rows[end - 1][1]:
            end += 1
        following = self._page_after([row[2] for row in rows[:end]]) if end < len(rows) else ""
        return {row[0] for row in rows[:end]}, following

    def beside(self, ids: set[UUID]) -> set[UUID]:
        """The takes that were ordered together with these, themselves among them: one query."""
        if not ids:
            return set()
        some = prepared.padded(ids)
        return set(self.ask(("beside", len(some)), _beside, *some))

    def _page_after(self, made: list[datetime]) -> str:
        """The address of the page after jobs that were made at these moments."""
        last = made[-1]
        shown = made.count(last)
        if self.after and self.after.moment == last:
            shown += self.after.shown
        end = f"{moments.as_number(last)}-{shown}"
        kept = {name: each for name, each in self.filters.dict().items() if name not in UNASKED}
        return f"?{urlencode({**kept, 'after': end})}"

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
    def _is_among_few_shapes(self) -> bool:
        """What the address asks is given to a question, or of few kinds: not so words and tags."""
        return not set(self.filters) - {*UNASKED, *SHAPING}

    def _ask_of_jobs(
        self, name: str, question: Callable[[Jobs], QuerySet[Any, Found]]
    ) -> list[Found]:
        """The rows of a question about `jobs`, put together once where it can be."""
        if not self._is_among_few_shapes:
            return list(question(self.jobs))

        def build(somebody: User, *filed: int) -> QuerySet[Any, Found]:
            return question(StudioFilters(somebody, self.filters, *filed).jobs)

        filed = () if self.project_id is None else (self.project_id,)
        shape = name, self.is_mine, tuple(self.narrowed.items()), len(filed)
        return visible.rows(self.user, shape, build, *filed, own=self.is_mine)

    def cursor(self) -> str:
        """That of the page that is being rendered."""
        rows = self.ask("cursor", lambda shown: live_updates.newest(shown.near))
        return live_updates.cursor_of(rows, partial(self.ask, "newest after", _changed_after))

    def poll(self, cursor: str) -> dict[str, Any]:
        """The moment and the cursor of the next question. Called before the cards are read: a job
        that ends between the two is then asked about soon, and not shown as it was for as long as
        an idle page rests.
        """
        kept = {name: self.filters[name] for name in NAMES if self.filters.get(name)}
        counts = Job.objects.counts(self._ask_of_jobs("counts", lambda jobs: jobs.tallies()))
        interval = live_updates.MOVING_SECONDS
        if not counts["progress"]:
            interval = live_updates.interval_of(self._paces())
        return {
            "counts": counts,
            "cursor": cursor,
            "interval": interval,
            "live_url": f"{reverse('live')}?{urlencode({**kept, 'since': cursor})}",
        }

    def _paces(self) -> list[int]:
        """How soon to ask again where nothing is in progress; none where all rests."""
        if self._is_among_few_shapes or live_updates.is_anything_open():
            return self._ask_of_jobs("pace", live_updates.pace)
        # Nothing at all is open, and so nothing of these: that was asked sooner.
        return []


def _places(jobs: Jobs) -> QuerySet[Job, tuple[UUID, UUID | None, datetime]]:
    return jobs.values_list("pk", "take_group", "created_at")


def _beside(shown: StudioFilters, *ids: UUID) -> QuerySet[Job, UUID]:
    groups = shown.jobs.filter(pk__in=ids, take_group__isnull=False).order_by()
    takes = shown.jobs.filter(take_group__in=groups.values("take_group")).order_by()
    return takes.values_list("pk", flat=True)


def _changed_after(shown: StudioFilters, moment: datetime) -> QuerySet[Job, live_updates.Row]:
    return live_updates.changed_after(shown.near, moment)
