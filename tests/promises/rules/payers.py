"""What those do who pay: grant, cap, allow, decide; and the days that pass meanwhile."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from jobs import ledger, lifecycle
from jobs.lifecycle import Limit
from jobs.models import BudgetRequest
from jobs.models.jobs.status import Status
from tests.promises.stage import Mishap, Stage, long_mishaps, mishaps, numbers

amounts = st.sampled_from([0, 45, 60, 150])
caps = st.one_of(st.none(), amounts)
DECISIONS = ("approve", "decline", "admit")


class Payers(Stage):
    """The admin, who changes every limit at any moment."""

    @rule(who=numbers, credits=st.sampled_from([-500, -60, 60, 150]), mishap=mishaps)
    def grant(self, who: int, credits: int, mishap: Mishap) -> None:
        with self.trouble.ahead(*(mishap or ())), suppress(ledger.NotEnough):
            ledger.grant(self.nth(self.active(), who), credits, reason="Dice", actor=self.cast.ada)

    @rule(who=numbers, credits=amounts, mishap=mishaps)
    def allow(self, who: int, credits: int, mishap: Mishap) -> None:
        with self.trouble.ahead(*(mishap or ())):
            user = self.nth(self.active(), who)
            ledger.set_allowance(user, credits, reason="Dice", actor=self.cast.ada)

    @rule(cap=caps, mishap=mishaps)
    def cap_the_project(self, cap: int | None, mishap: Mishap) -> None:
        with self.trouble.ahead(*(mishap or ())):
            project = self.cast.project
            ledger.set_project_cap(project, cap, reason="Dice", actor=self.cast.ada)

    @rule(cap=caps, mishap=mishaps)
    def cap_the_team(self, cap: int | None, mishap: Mishap) -> None:
        with self.trouble.ahead(*(mishap or ())):
            ledger.set_team_cap(cap, reason="Dice", actor=self.cast.ada)

    @rule(hours=st.sampled_from([1, 11, 49, 24 * 9]))
    def time_passes(self, hours: int) -> None:
        """Over midnights, the end of summer time and the ends of months."""
        self.clock.shift(timedelta(hours=hours))
        ledger.open_periods()

    @precondition(lambda self: self.stands(Status.AWAITING_BUDGET))
    @rule(which=numbers, how=st.sampled_from(DECISIONS), twice=st.booleans(), mishap=mishaps)
    def decide(self, which: int, how: str, twice: bool, mishap: Mishap) -> None:
        request = self.nth(list(BudgetRequest.objects.filter(state="open")), which)
        with self.trouble.ahead(*(mishap or ())):
            self._decide(request, how)
        if twice:
            self._decide(request, how)

    @precondition(lambda self: self.stands(Status.AWAITING_BUDGET))
    @rule(which=numbers, limits=st.sets(st.sampled_from(Limit), min_size=1), mishap=long_mishaps)
    def raise_limits(self, which: int, limits: set[Limit], mishap: Mishap) -> None:
        """All of them are raised and the job is sent, or nothing has happened."""
        request = self.nth(list(BudgetRequest.objects.filter(state="open")), which)
        before = self.books.facts()
        raises = dict.fromkeys(sorted(limits), 60)
        try:
            with self.trouble.ahead(*(mishap or ())):
                lifecycle.raise_limits(request, self.cast.ada, raises, reason="Dice")
        except lifecycle.NotSubmitted:
            assert self.books.facts() == before
        request.refresh_from_db()
        assert request.state == "approved" or self.books.facts() == before

    @rule(who=numbers, is_filed=st.booleans(), raises=st.booleans(), mishap=long_mishaps)
    def ask_ahead(self, who: int, is_filed: bool, raises: bool, mishap: Mishap) -> None:
        project = self.cast.project if is_filed else None
        by = self.nth(self.active(), who)
        request = lifecycle.ask_ahead(by, 60, reason="Dice", project=project, key=uuid4())
        approve = lifecycle.approve_with_cap if is_filed and raises else lifecycle.approve
        before = self.books.facts()
        with self.trouble.ahead(*(mishap or ())):
            approve(request, self.cast.ada)
        request.refresh_from_db()
        if request.state == "open":
            assert self.books.facts() == before
            lifecycle.decline(request, self.cast.ada, answer="No")

    def _decide(self, request: BudgetRequest, how: str) -> None:
        assert request.job is not None
        before = self.books.facts()
        by = self.cast.ada
        try:
            if how == "approve":
                lifecycle.approve(request, by)
            elif how == "decline":
                lifecycle.decline(request, by, answer="No")
            else:
                lifecycle.admit(request.job, by)
        except (lifecycle.AlreadyDecided, lifecycle.NotSubmitted):
            assert self.books.facts() == before
