"""Random histories of links that hold for a pick: what is held ends once, and buys one copy."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from jobs import ledger, lifecycle, people, shares
from jobs.models import Job, ShareLink, User
from tests.promises.test_promises import COMMON, PROFILE
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]

FILMS = 3
EXAMPLES = {"quick": 25, "hunt": 60, "long": 2000}
OPEN = ("awaiting_pick", "queued", "running")
numbers = st.integers(0, 5)


class Picks(RuleBasedStateMachine):
    """One member with three films and some links, their clients, an admin, and the follower."""

    alice: User
    ada: User
    films: list[Any]

    def __init__(self) -> None:
        super().__init__()
        self._all = transaction.atomic()
        self._all.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._all.__exit__(None, None, None)

    def link(self, which: int) -> ShareLink | None:
        links = list(ShareLink.objects.select_related("owner").order_by("pk"))
        return links[which % len(links)] if links else None

    @rule(ticked=st.booleans(), first=numbers, days=st.sampled_from([None, 1, 30]))
    def share(self, ticked: bool, first: int, days: int | None) -> None:
        ends = timezone.now() + timedelta(days=days) if days else None
        terms = shares.Terms(expires_at=ends, upgrades_pick=ticked)
        with suppress(shares.NotShareable):
            shares.create(self.films[first % FILMS :], terms, self.alice)

    @rule(which=numbers, wanted=st.sampled_from([True, False, None]), open_=st.booleans())
    def change(self, which: int, wanted: bool | None, open_: bool) -> None:
        if link := self.link(which):
            terms = shares.Terms(keeps_expiry=True, upgrades_pick=wanted, takes_notes=open_)
            with suppress(shares.NotShareable):
                shares.change(link, terms, self.alice)

    @rule(which=numbers, place=numbers)
    def pick(self, which: int, place: int) -> None:
        link = self.link(which)
        if link is None or not (takes := shares.takes_of(link)):
            return
        before = Job.objects.exclude(status="awaiting_pick").filter(kind="upgrade_4k").count()
        with suppress(shares.NoteRefused):
            take = takes[place % len(takes)]
            shares.say(link, take.shared, "pick", name="Ana", visitor="a")
        started = Job.objects.exclude(status="awaiting_pick").filter(kind="upgrade_4k").count()
        assert started - before <= 1

    @rule(which=numbers, how=st.sampled_from(["revoke", "expire", "cancel"]))
    def end(self, which: int, how: str) -> None:
        link = self.link(which)
        if link is None:
            return
        if how == "revoke":
            shares.revoke(link, self.alice)
        elif how == "cancel" and link.upgrade:
            lifecycle.cancel(link.upgrade, self.alice)
        else:
            past = timezone.now() - timedelta(seconds=1)
            ShareLink.objects.filter(pk=link.pk).update(expires_at=past)

    @rule(credits=st.sampled_from([-300, -120, 60, 200]))
    def grant(self, credits: int) -> None:
        with suppress(ledger.NotEnough):
            ledger.grant(self.alice, credits, reason="Dice", actor=self.ada)

    @rule(film=numbers)
    def order_by_hand(self, film: int) -> None:
        with suppress(lifecycle.NotSubmitted):
            factories.upgrade(self.films[film % FILMS].job)

    @rule(which=numbers)
    def finish(self, which: int) -> None:
        orders = list(Job.objects.filter(kind="upgrade_4k", status="queued").order_by("created_at"))
        if orders:
            factories.finish(orders[which % len(orders)])

    @rule()
    def away_and_back(self) -> None:
        people.deactivate(self.alice, self.ada, reason="Dice")
        shares.lapse()
        assert not Job.objects.filter(status="awaiting_pick").exists()
        people.reactivate(self.alice, self.ada, reason="Dice")
        self.alice.refresh_from_db()

    @rule()
    def follow(self) -> None:
        shares.lapse()
        closed = ShareLink.objects.exclude(pk__in=ShareLink.objects.open())
        assert not closed.filter(upgrade__status="awaiting_pick").exists()

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert ledger.audit() == []
        orders = Job.objects.filter(kind="upgrade_4k")
        held = sum(job.quote for job in orders if job.status in OPEN)
        assert ledger.standing_of(self.alice).held == held
        # Nobody pays twice for the same copy, and what awaits a pick belongs to one link.
        made = [job.source_id for job in orders if job.status not in ("awaiting_pick", "canceled")]
        assert len(made) == len(set(made))
        waiting = [job.pk for job in orders if job.status == "awaiting_pick"]
        assert ShareLink.objects.filter(upgrade__in=waiting).count() == len(waiting)


def test_what_is_held_for_a_pick_ends_once_and_buys_one_copy(alice: User, admin: User) -> None:
    Picks.alice, Picks.ada = alice, admin
    Picks.films = [factories.film(alice, prompt=f"Cut {number}") for number in range(FILMS)]
    phases = [Phase.generate] if PROFILE == "hunt" else list(Phase)
    profile = settings(
        max_examples=EXAMPLES[PROFILE],
        derandomize=PROFILE != "long",
        phases=phases,
        **{**COMMON, "stateful_step_count": 25, "suppress_health_check": list(HealthCheck)},
    )
    run_state_machine_as_test(Picks, settings=profile)
