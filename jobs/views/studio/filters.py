"""The jobs that the studio shows: by person, project, words and tab."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from jobs.forms import digits, search_words
from jobs.models import Job, Project, User, prepared
from jobs.models.jobs.choice import RATING_MAX
from jobs.models.jobs.job import TAKES_MAX, Jobs
from jobs.models.jobs.tag import TAG_LENGTH_MAX
from jobs.models.prepared import Row
from jobs.views.jobs import live as live_updates

PAGE_SIZE = 24
REACH = PAGE_SIZE + TAKES_MAX
"""So many jobs tell what is on a page: takes that it begins with it shows to their end."""
TABS = ("all", "progress", "ready", "attention", "favorites")
NARROWS = ("rating", "rejected", "tag")
"""By what the team thinks of the videos."""
NAMES = ("tab", "scope", "q", "project", *NARROWS, "after")
UNASKED = frozenset(("since", "cards", "from", "mode", "image", "seed"))
"""What else stands in addresses, and chooses no jobs."""


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""From here on the moments in addresses are counted, in microseconds."""


class Passed(NamedTuple):
    """The end of a page: the moment of its last job, and how many of that moment were shown."""

    moment: datetime
    shown: int


@dataclass(frozen=True)
class StudioFilters:
    """The filters in one address of the studio, as far as this person may see the jobs."""

    user: User
    filters: QueryDict

    @property
    def words(self) -> str:
        """The words that are searched for."""
        return search_words(self.filters.get("q", ""))

    @property
    def tab(self) -> str:
        tab = self.filters.get("tab", "all")
        return tab if tab in TABS else "all"

    @cached_property
    def after(self) -> Passed | None:
        """The end of the page before this one; None on the first."""
        moment, _, number = self.filters.get("after", "").partition("-")
        microseconds, shown = digits(moment, 17), digits(number)
        if microseconds is None or shown is None:
            return None
        try:
            return Passed(BEGINNING + timedelta(microseconds=microseconds), min(shown, 10_000))
        except OverflowError:
            return None

    @cached_property
    def jobs(self) -> Jobs:
        """The jobs behind the counts: whatever the tab."""
        jobs = self.near.filter(trashed_at=None)
        if least := self.narrowed.get("rating"):
            jobs = jobs.rated(int(least))
        if "rejected" in self.narrowed:
            jobs = jobs.not_rejected()
        if tag := self.narrowed.get("tag"):
            jobs = jobs.tagged(tag)
        return jobs

    @cached_property
    def near(self) -> Jobs:
        """With those that lack what is asked of the team's choices, and those in the trash: a card
        that is here may have become so a moment ago, and is kept true.
        """
        return self.within.matching(self.words)

    @property
    def within(self) -> Jobs:
        """With those as well that the words do not find."""
        return Job.objects.filter(self._belongs)

    @property
    def _belongs(self) -> Q:
        belongs = Job.objects.known_by(self.user)
        if self.filters.get("scope") == "me":
            belongs &= Q(owner=self.user)
        if (project := digits(self.filters.get("project", ""))) is not None:
            belongs &= Q(project_id=project)
        return belongs

    @cached_property
    def narrowed(self) -> dict[str, str]:
        """What is asked of the team's choices: at least so many dots, a tag, nothing rejected."""
        least = digits(self.filters.get("rating", "")) or 0
        asked = {
            "rating": str(least) if 0 < least <= RATING_MAX else "",
            "rejected": "hide" if self.filters.get("rejected") == "hide" else "",
            "tag": search_words(self.filters.get("tag", "")).strip()[:TAG_LENGTH_MAX],
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
        return self.cut(self.near_page.values_list("pk", "take_group", "created_at"))[0]

    @property
    def near_page(self) -> Jobs:
        """The jobs of this page, and a few after it: see `cut`.

        Found from where the page before ended, so that however many came before are not read.
        """
        if not self.after:
            return self.chosen[:REACH]
        # A microsecond more: SQLite keeps some moments with fewer digits than it is asked with.
        older = self.chosen.filter(created_at__lt=self.after.moment + timedelta(microseconds=1))
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
        groups = self.jobs.filter(pk__in=ids, take_group__isnull=False).order_by()
        takes = self.jobs.filter(take_group__in=groups.values("take_group")).order_by()
        return set(takes.values_list("pk", flat=True))

    @property
    def is_framed(self) -> bool:
        """The page shows takes of one order in one frame: the library's, which asks here for news
        as well, shows each by itself.
        """
        return self.filters.get("after") != live_updates.NEVER

    def split(self, wanted: set[UUID], known: Container[str]) -> tuple[list[Job], list[Job]]:
        """The rows of these jobs for their cards, and those that somebody threw away, or moved to
        where this page does not look.

        Takes that are `known` on a page, and were ordered with what was thrown away, come along:
        their frame is another one then.
        """
        rows = list(self.near.filter(pk__in=wanted).for_cards())
        thrown = [job for job in rows if job.trashed_at]
        thrown += self._moved_out(wanted - {job.pk for job in rows})
        groups = {job.take_group for job in thrown if job.take_group and self.is_framed}
        if groups:
            beside = self.near.filter(take_group__in=groups).values_list("pk", flat=True)
            also = wanted | {pk for pk in beside if pk.hex[:12] in known}
            rows = list(self.near.filter(pk__in=also).for_cards())
        return [job for job in rows if not job.trashed_at], thrown

    def _moved_out(self, missing: set[UUID]) -> list[Job]:
        """Those of these that stand on the page and are outside of it; what has other words by now
        is not.
        """
        if not missing:
            return []
        inside = self.within.filter(pk__in=missing).order_by().values_list("pk", flat=True)
        return list(Job.objects.filter(pk__in=missing - set(inside)))

    def _page_after(self, moments: list[datetime]) -> str:
        """The address of the page after jobs that were made at these moments."""
        last = moments[-1]
        shown = moments.count(last)
        if self.after and self.after.moment == last:
            shown += self.after.shown
        end = f"{(last - BEGINNING) // timedelta(microseconds=1)}-{shown}"
        following = {**self.filters.dict(), "after": end}
        for name in ("from", "mode", "image", "seed"):
            following.pop(name, None)
        return f"?{urlencode(following)}"

    @property
    def in_library(self) -> str:
        """The address of the library that shows the same."""
        mine = {"person": "me"} if self.filters.get("scope") == "me" else {}
        project = digits(self.filters.get("project", ""))
        filed = {"project": project} if project is not None else {}
        under = {"all": {}, "favorites": {"favorite": "on"}}.get(self.tab, {"state": self.tab})
        words = {"q": self.words} if self.words else {}
        asked = {**words, **mine, **filed, **under, **self.narrowed}
        return f"{reverse('library')}?{urlencode(asked)}" if asked else reverse("library")

    @property
    def context(self) -> dict[str, Any]:
        """The state of the filters, for the template."""
        project = digits(self.filters.get("project", ""))
        return {
            "tab": self.tab,
            "scope": self.filters.get("scope", "everyone"),
            "query": self.words,
            "is_later": self.after is not None,
            "in_library": self.in_library,
            "narrowed": self.narrowed,
            "project": Project.objects.filter(pk=project).first() if project is not None else None,
        }

    def ask(
        self, name: str, question: Callable[..., QuerySet[Any, Row]], *given: datetime
    ) -> list[Row]:
        """The rows of `question(these filters, *given)`, which has a name of its own.

        The plain studio's questions are put together once. Of others there are too many.
        """
        tab, is_mine = self.tab, self.filters.get("scope") == "me"
        if set(self.filters) - {*UNASKED, "tab", "scope"}:
            return list(question(self, *given))

        def build(user_id: int, *given: datetime) -> QuerySet[Any, Row]:
            somebody = User(pk=user_id, role=self.user.role)
            return question(StudioFilters(somebody, self.filters), *given)

        shape = name, self.user.role, tab, is_mine
        return prepared.rows(shape, build, self.user.pk, *given)

    def cursor(self) -> str:
        """That of the page that is being rendered."""
        rows = self.ask("cursor", lambda shown: live_updates.newest(shown.near))
        return live_updates.cursor_of(self.near, rows)

    def changed_after(self, moment: datetime) -> list[Row]:
        """The latest changes since then, among them everything that was moved: it may have been
        here. One query, but for a search.
        """
        if self.words:
            moved = live_updates.changed_after(Job.objects.filter(moved_at__gt=moment), moment)
            rows = {*live_updates.changed_after(self.near, moment), *moved}
            return sorted(rows, key=lambda row: row[2], reverse=True)
        return self.ask(
            "changes",
            lambda shown, after: live_updates.changed_after(shown.within_or_moved(after), after),
            moment,
        )

    def within_or_moved(self, moment: datetime) -> Jobs:
        """With whatever was moved since then, from wherever and to wherever."""
        belongs = self._belongs
        return Job.objects.filter(belongs | Q(moved_at__gt=moment) if belongs else belongs)

    def poll(self, cursor: str) -> dict[str, Any]:
        """The moment and the cursor of the next question. Called before the cards are read: a job
        that ends between the two is then asked about soon, and not shown as it was for as long as
        an idle page rests.
        """
        kept = {name: self.filters[name] for name in NAMES if self.filters.get(name)}
        counts = self.jobs.counts(self.ask("counts", lambda shown: shown.jobs.tallies()))
        moving = live_updates.MOVING_SECONDS
        return {
            "counts": counts,
            "cursor": cursor,
            "interval": moving if counts["progress"] else live_updates.interval(self.jobs),
            "live_url": f"{reverse('live')}?{urlencode({**kept, 'since': cursor})}",
        }
