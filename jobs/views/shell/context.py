"""The frame of every page of a signed-in person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from jobs import ledger
from jobs.credentials import circuit
from jobs.ledger import forecast
from jobs.letters.counts import in_words
from jobs.models import Credential, Job, Project, User, prepared, visible
from jobs.models.counting import up_to
from jobs.providers import PROVIDERS
from jobs.times import moments
from jobs.views.budget_fit import WAITS, bounds_as_text
from jobs.views.http.bell import token
from jobs.views.shell.waiting import Waiting, waiting_for

SHOWN = 20
"""Projects in the sidebar."""


class Folder(NamedTuple):
    """All that is shown of a project where it is only named."""

    pk: int
    name: str
    hue: int
    number: str = ""
    """Of its videos, as it is read."""


class Nav(NamedTuple):
    """All that the links between the pages show."""

    here: str
    """The name of the page."""
    section: str
    """What its address begins with: library, team; '' for the studio's."""
    is_admin: bool
    live: int
    notes: int
    todo: int
    todo_words: str


@dataclass(frozen=True)
class Shell:
    """The sidebar's facts; each is asked for once, when a template first wants it."""

    practice: bool
    request: HttpRequest
    counted: int | None = None
    """The number of live jobs, where a view has counted them anyway."""
    keys: list[Credential] | None = None
    """The keys this person can use, where a view has read them anyway."""
    projects: list[Project] | None = None
    """Those that take new work, with the number of their videos, where a view has read them
    anyway."""

    @cached_property
    def means(self) -> ledger.Means | None:
        if not self.request.user.is_authenticated:
            return None
        return ledger.means_of(self.request.user)

    @property
    def budget(self) -> ledger.Standing | None:
        """This person's own credits."""
        return self.means.own if self.means else None

    @property
    def bounds(self) -> str:
        """The sentences about this person's budgets that the composer picks from."""
        return bounds_as_text(self.means) if self.means else "[]"

    @property
    def waits(self) -> str:
        """The sentence that follows those."""
        return WAITS

    @property
    def budget_warning(self) -> str:
        """The sentence that a person's own credits come to their end; '' while they do not."""
        budget = self.budget
        if budget is None or not forecast.threshold_of(budget):
            return ""
        left, percent = f"{budget.available:,}", 100 * budget.used // budget.given
        if not budget.resets_on:
            if not budget.available:
                return "You have no credits left. New videos wait for an admin’s approval."
            return f"You have used {percent}% of your credits, with {left} available."
        reset = moments.in_words(budget.resets_on)
        if not budget.available:
            return (
                "You have no credits left. New videos wait for an admin’s approval, "
                f"or for the reset on {reset}."
            )
        return (
            f"You have used {percent}% of your credits, with {left} available "
            f"until the reset on {reset}."
        )

    @cached_property
    def waiting(self) -> Waiting:
        """The counts of what waits for this person; nothing for a stranger."""
        user = self.request.user
        return waiting_for(user) if user.is_authenticated else Waiting()

    def have_told(self, number: int) -> None:
        """The page itself tells so much of the news, after it was counted."""
        if number:
            told = replace(self.waiting, news=max(self.waiting.news - number, 0))
            # Where `cached_property` keeps it.
            vars(self)["waiting"] = told

    @property
    def nav(self) -> Nav:
        at, waiting = self.request.resolver_match, self.waiting
        return Nav(
            here=(at and at.url_name) or "",
            section=self.request.path_info.split("/")[1],
            is_admin=getattr(self.request.user, "is_admin", False),
            live=self.live_count,
            notes=waiting.notes,
            todo=waiting.todo,
            todo_words=waiting.in_words,
        )

    @property
    def news_token(self) -> str:
        """Changes when there is news, or some was seen elsewhere; for js/news.js."""
        return token(self.request)

    @cached_property
    def key_troubles(self) -> list[str]:
        """The troubles of the keys that this person's videos are made with, in sentences."""
        user = self.request.user
        if not user.is_authenticated:
            return []
        used: dict[str, Credential] = {}
        troubles = []
        for key in self._usable:
            first = used.setdefault(key.provider, key)
            # The team's key is an admin's business even beside a key of their own.
            if key.state != Credential.State.READY and (key == first or user.is_admin):
                troubles.append(_trouble(key, user))
        return troubles

    @property
    def outages(self) -> list[str]:
        """The providers that can't be reached with the keys this person's videos are made with."""
        used: dict[str, Credential] = {}
        for key in self._usable:
            used.setdefault(key.provider, key)
        return [
            f"{circuit.out_of_reach(key.provider, key.unreachable_since)} "
            "Videos wait, and continue as soon as it answers."
            for key in used.values()
            if key.unreachable_since
        ]

    @cached_property
    def _usable(self) -> list[Credential]:
        """The keys of this person, of each provider the first one in use."""
        user = self.request.user
        if self.keys is not None or not user.is_authenticated:
            return self.keys or []
        return prepared.rows(("usable keys", settings.PRACTICE), _usable, user.pk)

    @cached_property
    def all_projects(self) -> list[Project]:
        """Those that take new work; the ones in the sidebar with the number of their videos."""
        if self.projects is not None:
            return self.projects
        return prepared.rows("projects", lambda: Project.objects.open().with_job_count(SHOWN))

    @property
    def folders(self) -> tuple[Folder, ...]:
        """What can be worked in, or moved to."""
        return tuple(Folder(each.pk, each.name, each.hue) for each in self.all_projects)

    @property
    def shortcuts(self) -> tuple[Folder, ...]:
        """Those that fit into the sidebar, with their numbers."""
        return tuple(
            Folder(each.pk, each.name, each.hue, in_words(getattr(each, "job_count", None)))
            for each in self.all_projects[:SHOWN]
        )

    @cached_property
    def live_count(self) -> int:
        if self.counted is not None:
            return self.counted
        if not self.request.user.is_authenticated:
            return 0
        return next(iter(visible.rows(self.request.user, "live", _live)), 0)


def _live(user: User) -> QuerySet[Job, int]:
    live = Job.objects.visible_to(user).in_progress().order_by()
    # Any one row will do: the answer is the same for each.
    return Job.objects.order_by().values_list(up_to(live), flat=True)[:1]


def _usable(user_id: int) -> QuerySet[Credential]:
    return Credential.objects.usable_by(User(pk=user_id))


def _trouble(key: Credential, user: User) -> str:
    label, last_four = PROVIDERS[key.provider].label, key.last_four
    may_replace = key.owner_id == user.pk or user.is_admin
    if key.state == Credential.State.EMPTY:
        if key.owner_id:
            said = f"The {label} account of your key ending in {last_four} is out of credits."
        else:
            said = f"The {label} account of the team’s key ending in {last_four} is out of credits."
        if may_replace:
            return f"{said} Top it up there, and videos continue."
        return f"{said} Videos continue once an admin has topped it up."
    if key.owner_id:
        said = f"{label} doesn’t accept your key ending in {last_four}."
    else:
        said = f"{label} doesn’t accept the team’s key ending in {last_four}."
    if may_replace:
        return f"{said} Replace it; until then we try it again from time to time."
    return (
        f"{said} Ask an admin to replace it, or add your own; "
        "until then we try it again from time to time."
    )


def shell(request: HttpRequest) -> dict[str, Shell]:
    """The context processor."""
    return {"shell": Shell(settings.PRACTICE, request)}
