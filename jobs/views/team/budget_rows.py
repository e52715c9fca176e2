"""The budgets of people, projects and the team, each as a row of their page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from jobs import ledger, letters
from jobs.ledger import Standing, forecast
from jobs.ledger.forecast import SpendingPace
from jobs.models import Project, Team, User

UNKNOWN = SpendingPace(credits=0, jobs=0, days=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """One budget as the page shows it. Plain values: of 200 people, forms take their time."""

    subject: Any
    """A person, a project, or the team."""
    budget: Standing
    outlook: str
    label: str
    """Of its limit."""
    limit: int | None
    address: str
    """Of the form that changes the limit."""

    @property
    def threshold(self) -> int:
        return forecast.threshold_of(self.budget)

    @property
    def kind(self) -> str:
        return type(self.subject).__name__.lower()

    @property
    def anchor(self) -> str:
        """Its anchor on the page."""
        return f"{self.kind}-{self.subject.pk}"

    @property
    def name(self) -> str:
        """Whose it is, as people read it."""
        return self.subject.label if self.kind == "user" else str(self.subject)

    @property
    def names_to_find(self) -> str:
        """What it is found by, folded."""
        if isinstance(self.subject, User):
            return self.subject.names_to_find
        return letters.folded(self.name)


def rows_of_people(users: list[User]) -> list[BudgetRow]:
    standings = ledger.standings_of(users)
    paces = forecast.paces_of({user: standings[user.pk] for user in users})
    return [
        BudgetRow(
            subject=user,
            budget=standings[user.pk],
            outlook=forecast.outlook(standings[user.pk], paces[user.pk]),
            label="Monthly allowance",
            limit=user.allowance,
            address=reverse("allowance", args=[user.pk]),
        )
        for user in users
    ]


def rows_of_projects(projects: list[Project]) -> list[BudgetRow]:
    standings = ledger.standings_of_projects(projects)
    paces = forecast.paces_of_projects([each for each in projects if each.cap is not None])
    return [
        BudgetRow(
            subject=each,
            budget=standings[each.pk],
            outlook=forecast.outlook(standings[each.pk], paces.get(each.pk, UNKNOWN)),
            label="Cap",
            limit=each.cap,
            address=reverse("project-cap", args=[each.pk]),
        )
        for each in projects
    ]


def row_of_team() -> BudgetRow:
    team = Team.current()
    standing = ledger.standing_of_team(team)
    return BudgetRow(
        subject=team,
        budget=standing,
        outlook=forecast.outlook(standing, forecast.pace_of_team(standing)),
        label="Monthly cap",
        limit=team.monthly_cap,
        address=reverse("team-cap"),
    )
