"""Credits: what is granted, held, spent and given back, and that it always adds up."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from jobs import ledger
from jobs.models import AuditEvent, Budget, Job, LedgerEntry, User
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def figures(owner: User) -> tuple[int, int]:
    return ledger.granted_to(owner).balance, ledger.granted_to(owner).held


def test_a_grant_is_an_entry_with_a_reason_and_its_giver(alice: User, admin: User) -> None:
    entry = ledger.grant(alice, 500, reason="Launch film", actor=admin)
    assert (entry.kind, entry.credits, entry.reason, entry.actor) == (
        "grant",
        500,
        "Launch film",
        admin,
    )
    assert figures(alice) == (1500, 0)


def test_unspent_credits_can_be_taken_back(alice: User) -> None:
    ledger.grant(alice, -400, reason="Project over", actor=None)
    assert figures(alice) == (600, 0)


def test_held_credits_cannot_be_taken_back(alice: User) -> None:
    factories.job(alice)
    with pytest.raises(ledger.NotEnough):
        ledger.grant(alice, -941, reason="Too much", actor=None)
    assert figures(alice) == (1000, 60)


@pytest.mark.parametrize("credits", [0, 2**63, -(2**63), ledger.CREDITS_MAX + 1])
def test_no_honest_entry_moves_nothing_or_too_much(alice: User, credits: int) -> None:
    with pytest.raises(ledger.OutOfRange):
        ledger.grant(alice, credits, reason="?", actor=None)
    assert figures(alice) == (1000, 0)


def test_settling_spends_the_hold(alice: User) -> None:
    ledger.settle(factories.job(alice), 60)
    assert figures(alice) == (940, 0)


def test_releasing_gives_it_back(alice: User) -> None:
    ledger.release(factories.job(alice))
    assert figures(alice) == (1000, 0)


@pytest.mark.parametrize("again", [ledger.release, lambda job: ledger.settle(job, 60)])
def test_a_hold_ends_once(alice: User, again: Any) -> None:
    job = factories.job(alice)
    ledger.settle(job, 60)
    with pytest.raises(IntegrityError), transaction.atomic():
        again(job)
    assert figures(alice) == (940, 0)


def test_a_job_is_held_for_once(alice: User) -> None:
    job = factories.job(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.reserve(job)


def test_a_late_truth_corrects_the_spending_once(alice: User) -> None:
    job = factories.job(alice)
    ledger.release(job)
    ledger.reverse(job, 60, reason="It turned up")
    assert (figures(alice), ledger.spent_on(job)) == ((940, 0), 60)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.reverse(job, 0, reason="Twice")


@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("model", [LedgerEntry, AuditEvent])
def test_entries_cannot_be_changed_or_deleted_even_by_sql(
    alice: User, sql: str, model: type[LedgerEntry | AuditEvent]
) -> None:
    AuditEvent.objects.create(action="test", subject="test")
    with (
        pytest.raises(DatabaseError, match="immutable"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(model._meta.db_table))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "hold", "held": 60},
        {"kind": "hold", "held": -60, "credits": 0},
        {"kind": "grant", "credits": 5, "held": 5},
        {"kind": "settle", "credits": 60, "held": -60},
        {"kind": "gift", "credits": 5},
    ],
)
def test_the_database_refuses_entries_of_no_known_shape(alice: User, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(budget=ledger.granted_to(alice), **wrong)


def test_a_budget_never_holds_less_than_nothing(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Budget.objects.filter(owner=alice).update(held=-1)


def test_the_audit_is_content_with_honest_books(alice: User) -> None:
    ledger.settle(factories.job(alice), 60)
    Job.objects.update(status="succeeded", charged=60)
    factories.job(alice)
    assert ledger.audit() == []


def test_a_tampered_figure_is_found_and_freezes_the_budget(alice: User) -> None:
    Budget.objects.filter(owner=alice).update(balance=5000)
    found = ledger.check()
    assert "alice: shows 5000" in found[0].text
    with pytest.raises(Exception, match="figures don’t add up"):
        factories.job(alice)


def test_a_mended_budget_is_thawed(alice: User) -> None:
    Budget.objects.filter(owner=alice).update(is_frozen=True)
    assert ledger.check() == []
    assert factories.job(alice).status == "queued"


def test_a_hold_of_a_finished_job_is_found(alice: User) -> None:
    job = factories.job(alice)
    Job.objects.filter(pk=job.pk).update(status="failed")
    assert str(job.pk) in ledger.audit()[0].text


def test_a_live_job_without_a_hold_is_found(alice: User) -> None:
    job = factories.job(alice)
    ledger.release(job)
    assert str(job.pk) in ledger.audit()[0].text
