"""What the providers say, beside what we paid: each difference has a name and its evidence."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from jobs import credentials, ledger, lifecycle, reconciliation, statements
from jobs.models import BalanceReading, Credential, Job, User
from jobs.providers.base import Result, Snapshot, State
from jobs.reconciliation import Movement, Span
from tests.operations.running.test_secrets import Aftermath, aftermath
from tests.support import factories
from tests.support.fakes import Wire

__all__ = ["aftermath"]

pytestmark = [pytest.mark.django_db, pytest.mark.data]

FILM = (Result("https://x.aiquickdraw.com/a.mp4", "720p"),)


def this(provider: str = "") -> Span:
    return Span(statements.this_month(), provider)


def lines(provider: str = "") -> list[str]:
    return [f"{each.name}: {each.credits}" for each in reconciliation.differences(this(provider))]


def ended(owner: User, state: State, credits: int | str | None, **facts: Any) -> Job:
    """A job of which the provider says that it ended so and was charged that much."""
    job = factories.run(factories.job(owner))
    Job.objects.filter(pk=job.pk).update(**facts)
    charge = None if credits is None else Decimal(credits)
    results = FILM if state == State.SUCCEEDED else ()
    lifecycle.observe(job.pk, Snapshot(state, results, provider_credits=charge))
    job.refresh_from_db()
    return job


# ── Job by job ───────────────────────────────────────────────────────────────
def test_what_was_charged_as_quoted_is_no_difference(alice: User) -> None:
    factories.succeeded(alice)
    ended(alice, State.SUCCEEDED, 60)
    ended(alice, State.FAILED, 0)
    ended(alice, State.SUCCEEDED, None)
    # Half of our price: it counts relative to its own estimate.
    ended(alice, State.SUCCEEDED, 30, provider_credits_estimated=30)
    factories.job(alice)
    assert lines() == []


def test_an_overrun_is_named(alice: User) -> None:
    ended(alice, State.SUCCEEDED, 120)
    ended(alice, State.SUCCEEDED, 45, provider_credits_estimated=30)
    assert lines() == ["charged more than quoted: 60", "charged more than quoted: 30"]


def test_a_charge_without_a_video_is_named(alice: User) -> None:
    ended(alice, State.FAILED, 60)
    assert lines() == ["charged, no video: 60"]


def test_a_video_that_was_never_stored_is_named(alice: User) -> None:
    job = factories.finish(factories.job(alice), stored=False)
    assert lines() == []
    job.renditions.update(state="expired", try_at=None)
    assert lines() == ["charged, no video: 60"]


def test_a_lost_job_is_unverified(alice: User) -> None:
    lifecycle.lose(factories.run(factories.job(alice)), "No record of it any more.")
    assert lines() == ["unverified: 60"]


def test_what_was_sent_again_may_be_charged_twice(alice: User) -> None:
    job = factories.run(factories.job(alice))
    Job.objects.filter(pk=job.pk).update(status="uncertain")
    again = lifecycle.resubmit(job, alice)
    assert lines() == ["sent again, both may be charged: 60"]
    factories.finish(again)
    factories.finish(job)
    assert lines() == ["sent again, both were charged: 60"]


def test_what_was_sent_again_and_cost_nothing_is_no_difference(alice: User) -> None:
    job = factories.run(factories.job(alice))
    Job.objects.filter(pk=job.pk).update(status="uncertain")
    lifecycle.resubmit(job, alice)
    Job.objects.filter(pk=job.pk).update(status="running")
    lifecycle.observe(job.pk, Snapshot(State.FAILED, provider_credits=Decimal(0)))
    assert lines() == []


def test_a_charge_that_cannot_be_is_named_and_not_taken(alice: User) -> None:
    job = ended(alice, State.SUCCEEDED, 6000)
    assert (job.charged, lines()) == (60, ["implausible charge: 5940"])


def test_another_month_provider_or_practice_is_left_out(alice: User) -> None:
    ended(alice, State.FAILED, 60)
    assert (lines("kie"), lines("veo4")) == (["charged, no video: 60"], [])
    Job.objects.update(practice=True)
    assert lines() == []
    Job.objects.update(practice=False, booked_on=statements.this_month() - timedelta(days=1))
    assert lines() == []


# ── Balances ─────────────────────────────────────────────────────────────────
def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def read(key: Credential, balance: int, since: float, until: float | None = None) -> None:
    """What the account held from so many minutes ago on."""
    reading = BalanceReading.objects.create(
        credential=key, provider=key.provider, account="main", balance=balance
    )
    first = ago(since)
    last = first if until is None else ago(until)
    BalanceReading.objects.filter(pk=reading.pk).update(read_at=first, seen_at=last)


def between(key: Credential, sent: float, finished: float | None, **facts: Any) -> Job:
    """A video for 60, under way between so many minutes ago."""
    job = factories.succeeded(key.owner) if key.owner else None
    assert job
    times = {"sent_at": ago(sent), "finished_at": None if finished is None else ago(finished)}
    Job.objects.filter(pk=job.pk).update(credential=key, **times, **facts)
    return job


def moved() -> list[Movement]:
    return reconciliation.movements(this()).unexplained


def words(found: list[Movement]) -> list[str]:
    return [f"{each.name}: {each.amount:f}" for each in found]


@pytest.fixture(autouse=True)
def _within_one_month(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes ago must not lie in the last month."""
    monkeypatch.setattr(Span, "start", property(lambda _: ago(10_000)))


def test_a_balance_that_falls_by_what_we_paid_agrees(key: Credential) -> None:
    read(key, 1000, 60, 50)
    between(key, 49, 45)
    read(key, 940, 40)
    assert reconciliation.movements(this()) == reconciliation.Movements([], 1)


def test_what_nobody_ordered_is_named(key: Credential) -> None:
    read(key, 1000, 60, 50)
    between(key, 49, 45)
    read(key, 820, 40)
    (found,) = moved()
    assert words([found]) == ["fell by more than our videos explain: 120.00"]
    assert (int(found.fell), int(found.explained), found.jobs) == (180, 60, 1)


def test_a_top_up_is_shown_as_one(key: Credential) -> None:
    read(key, 100, 60, 50)
    between(key, 49, 45)
    read(key, 5040, 40)
    assert words(moved()) == ["topped up: 5000.00"]


def test_what_was_never_taken_is_named(key: Credential) -> None:
    read(key, 1000, 60, 50)
    between(key, 49, 45)
    read(key, 1000, 40)
    assert words(moved()) == ["fell by less than our videos explain: 60.00"]


def test_the_providers_own_figure_counts_where_it_is_known(key: Credential) -> None:
    read(key, 1000, 60, 50)
    between(key, 49, 45, provider_credits_charged=75)
    read(key, 925, 40)
    assert moved() == []


def test_what_failed_unpaid_explains_nothing(key: Credential) -> None:
    read(key, 1000, 60, 50)
    between(key, 49, 45, status="failed", charged=0)
    read(key, 940, 40)
    assert words(moved()) == ["fell by more than our videos explain: 60.00"]


def test_a_video_across_two_readings_is_told_by_the_next_quiet_one(key: Credential) -> None:
    read(key, 1000, 60, 50)
    between(key, 49, 35)
    read(key, 820, 40)
    read(key, 810, 30)
    assert words(moved()) == ["fell by more than our videos explain: 130.00"]


def test_a_video_that_is_still_under_way_is_tolerated_and_named(key: Credential) -> None:
    read(key, 1000, 60, 50)
    job = between(key, 45, None, status="running", charged=None)
    read(key, 940, 40)
    assert moved() == []
    BalanceReading.objects.filter(balance=940).update(balance=930)
    (found,) = moved()
    assert (words([found]), found.named) == (
        ["fell by more than our videos explain: 10.00"],
        [job.pk],
    )


def test_a_job_in_doubt_may_explain_a_fall_or_not(key: Credential) -> None:
    read(key, 1000, 200, 190)
    job = between(key, 180, None, status="uncertain", charged=None)
    read(key, 940, 100)
    read(key, 880, 90)
    (found,) = moved()
    assert (words([found]), found.named) == (
        ["fell by more than our videos explain: 60.00"],
        [],
    )
    assert job.quote == 60


def test_the_videos_of_a_removed_key_still_explain_its_account(
    key: Credential, alice: User
) -> None:
    read(key, 1000, 60, 50)
    between(key, 49, 45)
    read(key, 940, 40)
    credentials.remove(key, actor=alice)
    assert moved() == []


def test_a_busy_account_is_cut_after_a_day(key: Credential) -> None:
    read(key, 1000, 3000)
    read(key, 900, 1500)
    read(key, 900, 20)
    between(key, 2900, 10)
    assert [each.named for each in moved()] == [[Job.objects.get().pk]]


# ── Readings ─────────────────────────────────────────────────────────────────
def test_a_balance_is_kept_when_it_changes_and_else_only_seen(
    provider: Wire, key: Credential
) -> None:
    for balance in (340, 340, 280):
        provider.answer(json={"code": 200, "msg": "success", "data": balance}, path="credit")
        credentials.refresh_balance(key)
    first, second = BalanceReading.objects.order_by("pk")
    assert [int(first.balance), int(second.balance)] == [340, 280]
    assert second.account == f"{key.last_four} (alice)"
    assert first.read_at < first.seen_at <= second.read_at


def test_a_new_keys_balance_is_kept(provider: Wire, alice: User) -> None:
    provider.answer(json={"code": 200, "msg": "success", "data": 340}, path="credit")
    credentials.save_key(alice, "kie", "another-key-for-kie-1234", actor=alice)
    reading = BalanceReading.objects.get()
    assert (int(reading.balance), reading.account, reading.provider) == (340, "1234 (alice)", "kie")


# ── Evidence ─────────────────────────────────────────────────────────────────
def test_the_evidence_says_what_support_needs(alice: User, key: Credential) -> None:
    job = ended(alice, State.FAILED, 60)
    read(key, 1000, 60, 50)
    read(key, 900, 40)
    text = "\n".join(reconciliation.evidence(this("kie"), with_prompts=False))
    for fact in (
        "1. charged, no video: 60",
        f"our id                 {job.pk}",
        f"your task id           {job.external_id}",
        "your charge            60.00 of your credits",
        "running → failed",
        "2. fell by more than our videos explain: 100.00 of your credits",
    ):
        assert fact in text


def test_the_evidence_names_both_orders_of_what_was_sent_again(alice: User) -> None:
    job = factories.run(factories.job(alice))
    Job.objects.filter(pk=job.pk).update(status="uncertain")
    again = factories.run(lifecycle.resubmit(job, alice))
    text = "\n".join(reconciliation.evidence(this("kie"), with_prompts=False))
    assert f"your task id           {job.external_id}" in text
    assert f"your task id           {again.external_id}" in text


def test_prompts_are_in_the_evidence_only_if_asked_for(alice: User) -> None:
    job = factories.run(factories.job(alice, prompt="A very secret bottle"))
    snapshot = Snapshot(
        State.FAILED, error="Not allowed: A very secret bottle", provider_credits=Decimal(60)
    )
    lifecycle.observe(job.pk, snapshot)
    without, with_it = (
        "\n".join(reconciliation.evidence(this("kie"), with_prompts=prompts))
        for prompts in (False, True)
    )
    assert "A very secret bottle" not in without
    assert "Not allowed: (the prompt)" in without
    assert "prompt                 A very secret bottle" in with_it


def test_no_secret_is_in_the_evidence(aftermath: Aftermath) -> None:
    """After a day on which much went wrong, of which every job is suspect."""
    Job.objects.filter(status__in=["uncertain", "failed"]).update(charged=75)
    Job.objects.filter(status="uncertain").update(status="lost", is_unverified=True)
    assert len(reconciliation.differences(this("kie"))) >= 7
    text = "\n".join(reconciliation.evidence(this("kie"), with_prompts=True))
    assert "A lighthouse in the rain" in text
    assert aftermath.found_in(text) == []
    hashes = Job.objects.exclude(callback_hash="").values_list("callback_hash", flat=True)
    assert [secret for secret in hashes if secret in text] == []


def test_the_evidence_costs_the_same_for_many_jobs(
    alice: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        ended(alice, State.FAILED, 60)
    with django_assert_max_num_queries(8):
        assert len(list(reconciliation.evidence(this("kie"), with_prompts=False))) > 60
    assert ledger.audit() == []
