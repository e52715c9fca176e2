"""A confirmed table: every row ordered once, whatever happens while it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from jobs import batches, follower, ledger, lifecycle, queue
from jobs.batches import Line
from jobs.batches.ordering import key_of
from jobs.limits import TooMany
from jobs.models import Batch, BatchRow, BudgetRequest, Job, LedgerEntry, Price, Project, User
from jobs.models.jobs.status import Status
from jobs.net.floods import Limit
from jobs.times import clock
from tests.promises.trouble import Accident, Trouble
from tests.support import factories, limited
from tests.support.fakes import Wire
from tests.support.limited import allow
from tests.support.racing import together
from tests.support.running import drain_queue, purge_queue
from tests.support.states.tables import confirmed, draft, jobs_of, lines

pytestmark = [pytest.mark.django_db, pytest.mark.data]
CHOICES = ("all", "fitting")


def due(batch: Batch) -> None:
    """As if its last wake-up had been long ago."""
    Batch.objects.filter(pk=batch.pk).update(wake_at=clock.after(-1))


@pytest.mark.parametrize("choice", CHOICES)
def test_a_worker_orders_every_row_and_the_batch_is_over(
    alice: User, provider: Wire, choice: str
) -> None:
    provider.answer(status=503, always=True)
    batch = confirmed(alice, "A heron", "A crane", choice=choice)
    assert (batch.state, jobs_of(batch)) == ("ordering", [None, None])
    drain_queue()
    batch.refresh_from_db()
    assert batch.state == "ordered"
    assert [row.job and row.job.prompt for row in batch.rows.all()] == ["A heron", "A crane"]
    assert ledger.standing_of(alice).held == 120
    assert {row.job.submission_key for row in batch.rows.all() if row.job} == {
        key_of(row) for row in batch.rows.all()
    }


def test_of_two_confirmations_the_first_counts(alice: User) -> None:
    batch = confirmed(alice, "A heron")
    again = lines("A heron", "A crane")
    assert not batches.confirm(batch, again, columns=["prompt"], choice=Batch.Choice.ALL)
    assert batch.rows.count() == 1


def test_a_draft_that_was_changed_meanwhile_is_not_ordered_as_it_was(alice: User) -> None:
    batch = draft(alice, "prompt\nA heron")
    batches.change(Batch.objects.get(pk=batch.pk), "prompt\nA crane")
    assert not batches.confirm(batch, lines("A heron"), columns=[], choice=Batch.Choice.ALL)
    assert not BatchRow.objects.exists()


@pytest.mark.parametrize("choice", CHOICES)
def test_a_worker_that_dies_anywhere_leaves_each_row_to_be_ordered_once(
    alice: User, choice: str
) -> None:
    trouble = Trouble()
    with trouble.watching():
        # At every statement, until there is none any more at which it could die.
        for after in count():
            batch = confirmed(alice, f"Idea {after}", choice=choice)
            with trouble.ahead(Accident.KILLED, after):
                batches.go_on(batch.pk)
            batch.refresh_from_db()
            is_over = batch.state == "ordered"
            batches.go_on(batch.pk)
            batch.refresh_from_db()
            made = Job.objects.get(prompt=f"Idea {after}")
            assert (batch.state, jobs_of(batch)) == ("ordered", [made.pk])
            if is_over:
                break
    assert after > 8
    assert ledger.audit() == []


def test_all_or_nothing_is_nothing_where_the_last_row_does_not_fit(alice: User) -> None:
    ledger.grant(alice, -850, reason="Spent elsewhere", actor=None)
    before = LedgerEntry.objects.count()
    batch = confirmed(alice, "A", "B", "C")
    batches.go_on(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.rows.count(), Job.objects.count()) == ("draft", 0, 0)
    assert batch.trouble == (
        "Row 4: This needs 60 credits, but you have 30. Ask an admin for more. Nothing of the "
        "table was ordered."
    )
    assert (LedgerEntry.objects.count(), ledger.standing_of(alice).held) == (before, 0)


def test_what_fits_starts_and_the_rest_asks_for_approval(alice: User, settings: Any) -> None:
    settings.OPEN_ASKS_MAX = 1
    ledger.grant(alice, -850, reason="Spent elsewhere", actor=None)
    batch = confirmed(alice, "A", "B", "C", "D", choice="fitting")
    batches.go_on(batch.pk)
    rows = list(batch.rows.all())
    assert [row.job and row.job.status for row in rows] == [
        *("queued", "queued", "awaiting_budget", None)
    ]
    assert "1 request for credits waiting" in rows[3].error
    assert BudgetRequest.objects.get().job == rows[2].job
    batch.refresh_from_db()
    assert batch.state == "ordered"


@pytest.mark.parametrize("choice", CHOICES)
def test_the_takes_of_a_row_are_ordered_together_or_wait_together(alice: User, choice: str) -> None:
    ledger.grant(alice, -820, reason="Spent elsewhere", actor=None)
    batch = draft(alice)
    rows = [replace(each, cost=120, takes=2) for each in lines("A", "B")]
    assert batches.outlook(alice, rows).fits == (True, False)
    batches.confirm(batch, rows, columns=["prompt"], choice=Batch.Choice(choice))
    batches.go_on(batch.pk)
    batches.go_on(batch.pk)
    found = Job.objects.order_by("prompt", "take").values_list("prompt", "take", "status")
    queued = [("A", 1, "queued"), ("A", 2, "queued")]
    waiting = [("B", 1, "awaiting_budget"), ("B", 2, "awaiting_budget")]
    assert [*found] == ([] if choice == "all" else [*queued, *waiting])
    assert jobs_of(batch) == [job.pk for job in Job.objects.filter(take=1).order_by("prompt")]


def test_the_outlook_says_beforehand_what_will_fit(alice: User, settings: Any) -> None:
    settings.OPEN_ASKS_MAX = 1
    project = Project.objects.create(name="Launch")
    ledger.set_project_cap(project, 70, reason="As offered", actor=alice)
    filed = [
        Line(each.number, each.cells, factories.submission(project_id=project.pk), each.cost)
        for each in lines("A", "B", "C")
    ]
    found = batches.outlook(alice, [*filed, *lines("D")])
    assert found.fits == (True, False, False, True)
    assert (found.credits, found.fitting_credits, found.beyond, found.unaskable) == (240, 120, 2, 1)
    ledger.grant(alice, -890, reason="Spent elsewhere", actor=None)
    assert batches.outlook(alice, lines("A", "B")).fits == (True, False)


def test_a_row_whose_price_changed_since_it_was_confirmed_is_not_ordered(alice: User) -> None:
    both = {choice: confirmed(alice, f"A {choice}", choice=choice) for choice in CHOICES}
    Price.objects.filter(provider="kie").update(credits=61)
    for batch in both.values():
        batches.go_on(batch.pk)
        batch.refresh_from_db()
    said = "This costs 61 credits, not the 60 shown."
    assert not Job.objects.exists()
    assert (both["all"].state, both["fitting"].state) == ("draft", "ordered")
    assert both["all"].trouble.startswith(f"Row 2: {said}")
    assert both["fitting"].rows.get().error == said


def test_the_limit_of_orders_tells_before_anything_is_ordered(alice: User, settings: Any) -> None:
    allow(settings, Limit.ORDERS, "3/10m")
    factories.job(alice)
    batch = draft(alice, "prompt\nA\nB\nC")
    with pytest.raises(lifecycle.TooManyOrders):
        batches.confirm(batch, lines(*"ABC"), columns=[], choice=Batch.Choice.FITTING)
    batch.refresh_from_db()
    assert (batch.state, Job.objects.count()) == ("draft", 1)


def test_a_limit_that_others_used_up_meanwhile_only_makes_the_rest_wait(
    alice: User, settings: Any
) -> None:
    allow(settings, Limit.ORDERS, "3/10m")
    batch = confirmed(alice, "A", "B", "C", choice="fitting")
    factories.job(alice)
    batches.go_on(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.rows.waiting().count()) == ("ordering", 1)
    assert batch.trouble.startswith("You have ordered a lot in a short time.")
    limited.later(600)
    batches.go_on(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.trouble, None in jobs_of(batch)) == ("ordered", "", False)


def test_nothing_more_is_ordered_for_who_was_shut_out(alice: User) -> None:
    batch = confirmed(alice, "A", "B", choice="fitting")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    batches.go_on(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, Job.objects.count()) == ("ordered", 0)
    said = batch.rows.values_list("error", flat=True)
    assert [*said] == ["Not ordered: alice is no longer active."] * 2


def test_what_was_confirmed_in_practice_mode_never_costs_real_credits(
    alice: User, settings: Any
) -> None:
    batch = confirmed(alice, "A")
    Batch.objects.filter(pk=batch.pk).update(practice=True)
    batches.go_on(batch.pk)
    assert not Job.objects.exists()
    assert "confirmed in the other mode" in batch.rows.get().error


def test_who_stops_a_batch_keeps_what_was_ordered_and_orders_no_more(
    alice: User, settings: Any
) -> None:
    allow(settings, Limit.ORDERS, "3/10m")
    batch = confirmed(alice, "A", "B", "C", choice="fitting")
    factories.job(alice)
    batches.go_on(batch.pk)
    assert batches.stop(batch) == 1
    limited.later(600)
    batches.go_on(batch.pk)
    assert [bool(job) for job in jobs_of(batch)] == [True, True, False]
    assert batches.stop(batch) == 0


def test_a_batch_whose_wake_up_was_lost_is_found_by_the_follower(
    alice: User, provider: Wire
) -> None:
    batch = confirmed(alice, "A", "B")
    purge_queue()
    due(batch)
    provider.answer(status=503, always=True)
    follower.sweep()
    drain_queue()
    assert None not in jobs_of(batch)


def test_a_worker_that_is_told_to_stop_leaves_the_rest_to_the_next(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = confirmed(alice, "A", "B", choice="fitting")
    said = iter([False, True])
    monkeypatch.setattr(queue, "is_stopping", lambda: next(said))
    batches.go_on(batch.pk)
    assert [bool(job) for job in jobs_of(batch)] == [True, False]
    assert Batch.objects.due().get() == batch


def test_the_same_table_is_known_again_however_it_was_written(alice: User, bob: User) -> None:
    first = confirmed(alice, "A", "B")
    batches.go_on(first.pk)
    again = draft(alice, "Prompt\r\n\r\nA\r\nB")
    assert batches.ordered_before(alice, again, lines("A", "B")) == first
    assert batches.ordered_before(alice, again, lines("B", "A")) is None
    assert batches.ordered_before(bob, draft(bob), lines("A", "B")) is None
    assert batches.ordered_before(alice, first, lines("A", "B")) is None


@pytest.mark.django_db(transaction=True)
def test_many_workers_with_one_batch_order_each_row_once(alice: User) -> None:
    for choice in CHOICES:
        batch = confirmed(alice, *"ABCD", choice=choice)
        said = together(4, lambda _, batch=batch: batches.go_on(batch.pk))  # type: ignore[misc]
        assert said == [None] * 4
        assert len({*jobs_of(batch)} - {None}) == 4
    assert (Job.objects.count(), ledger.standing_of(alice).held) == (8, 480)
    assert ledger.audit() == []


@pytest.mark.django_db(transaction=True)
def test_of_two_tables_at_once_that_both_fit_alone_one_is_ordered_whole(alice: User) -> None:
    ledger.grant(alice, -820, reason="Spent elsewhere", actor=None)
    both = [confirmed(alice, f"{name} 1", f"{name} 2") for name in "AB"]
    together(2, lambda index: batches.go_on(both[index].pk))
    states = sorted(Batch.objects.values_list("state", flat=True))
    assert (states, Job.objects.count()) == (["draft", "ordered"], 2)
    assert Job.objects.filter(status=Status.QUEUED).count() == 2
    assert ledger.standing_of(alice).held == 120


@pytest.mark.django_db(transaction=True)
def test_one_confirmation_that_arrives_in_four_tabs_is_one(alice: User) -> None:
    batch = draft(alice, "prompt\nA\nB")
    said = together(
        4,
        lambda _: batches.confirm(
            Batch.objects.get(pk=batch.pk), lines("A", "B"), columns=[], choice=Batch.Choice.ALL
        ),
    )
    assert sorted(map(bool, said)) == [False, False, False, True]
    assert batch.rows.count() == 2


def test_one_click_that_hands_in_a_table_twice_is_one_draft(alice: User) -> None:
    key = uuid4()
    first = batches.keep(alice, "prompt\nA", key=key, name="a.csv")
    assert batches.keep(alice, "prompt\nA", key=key, name="a.csv") == first
    assert batches.keep(alice, "prompt\nB", key=key, name="a.csv") == first
    batches.confirm(Batch.objects.get(pk=first.pk), lines("B"), columns=[], choice=Batch.Choice.ALL)
    assert batches.keep(alice, "prompt\nB", key=key, name="a.csv") == first
    assert batches.keep(alice, "prompt\nC", key=key, name="a.csv") != first


def test_drafts_are_not_kept_without_end(
    alice: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr("jobs.batches.drafting.DRAFTS_MAX", 2)
    made = [draft(alice, f"prompt\n{number}") for number in range(2)]
    with pytest.raises(batches.TooManyDrafts, match="Delete one"):
        draft(alice, "prompt\nmore")
    assert batches.discard(made[0])
    draft(alice, "prompt\nmore")
    batches.discard(made[1])
    allow(settings, Limit.BATCHES, "1/1h")
    with pytest.raises(TooMany):
        draft(alice, "prompt\nyet more")


def test_what_was_ordered_is_neither_deleted_nor_changed(alice: User) -> None:
    batch = confirmed(alice, "A")
    assert not batches.discard(batch)
    assert not batches.change(batch, "prompt\nB")
