"""Tells of orders that wait whether their budgets hold them by now, and what each lacks. Looks
and changes nothing: the next moment may take what is there, so `reserve` has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.ledger.standing import (
    Standing,
    standing_of_team,
    standings_of,
    standings_of_projects,
)
from jobs.models import BudgetRequest, Team


@dataclass(frozen=True, slots=True)
class Fit:
    """A request beside every budget that bounds it."""

    credits: int
    """What is asked for."""
    own: Standing
    project: Standing | None
    team: Standing

    @property
    def lacks(self) -> dict[str, int]:
        """By how much own, project and team are too small; those that are not are left out.

        A person's is what has to be granted to them, which first covers any debt of that budget.
        """
        own = self.credits - self.own.available
        lacking = {"own": own + self.own.granted_debt if own > 0 else 0}
        for scope, standing in (("project", self.project), ("team", self.team)):
            if standing and standing.is_capped:
                lacking[scope] = self.credits - (standing.balance - standing.held)
        return {scope: credits for scope, credits in lacking.items() if credits > 0}

    @property
    def holds(self) -> bool:
        """Every budget holds it, and none is frozen."""
        standings = (self.own, self.project, self.team)
        return not self.lacks and not any(each and each.is_frozen for each in standings)


def fits_of(requests: Iterable[BudgetRequest]) -> dict[int, Fit]:
    """Each request beside its budgets, by its id: a handful of queries however many they are."""
    asked = list(requests)
    people = standings_of({each.requester for each in asked})
    projects = standings_of_projects({each.project for each in asked if each.project})
    team = standing_of_team(Team.current())
    return {
        each.pk: Fit(
            each.credits,
            people[each.requester_id],
            projects[each.project_id] if each.project_id else None,
            team,
        )
        for each in asked
    }
