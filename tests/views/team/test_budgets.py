"""Allowances and caps: who sets them, what they bound, how near their end they are."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import ledger
from jobs.models import AuditEvent, LedgerEntry, Project, Team, User
from jobs.times import moments
from tests.support import factories
from tests.support.typed_forms import BAD_AMOUNTS, text

pytestmark = pytest.mark.django_db
PAGE = "/team/budgets/"


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(name="Autumn")


def test_an_allowance_is_given_with_a_reason(
    alice: User, admin: User, admin_client: Client
) -> None:
    data = {"user": alice.pk, "allowance": "2,500", "reason": "Autumn"}
    answer = admin_client.post(PAGE, data, follow=True)
    assert "alice gets 2,500 credits every month." in text(answer)
    alice.refresh_from_db()
    assert (alice.allowance, ledger.standing_of(alice).available) == (2500, 3500)
    event = AuditEvent.objects.get(action="allowance changed")
    assert (event.actor, event.before, event.after, event.reason) == (
        *(admin, "0", "2,500"),
        "Autumn",
    )


@pytest.mark.data
def test_a_cap_is_set_and_lifted(project: Project, alice: User, admin_client: Client) -> None:
    factories.job(alice, project_id=project.pk)
    assert "0 spent · 60 reserved no cap" in text(admin_client.get(PAGE))
    admin_client.post(PAGE, {"project": project.pk, "cap": "100", "reason": "Small"})
    page = text(admin_client.get(PAGE))
    assert "40 available · 60 reserved 0 of 100 spent" in page
    admin_client.post(PAGE, {"project": project.pk, "cap": "", "reason": "Grown"})
    project.refresh_from_db()
    assert (project.cap, ledger.standing_of_project(project).is_capped) == (None, False)
    assert ledger.audit() == []


@pytest.mark.data
def test_what_was_approved_beyond_a_cap_counts_as_spent(
    project: Project, alice: User, admin: User, admin_client: Client
) -> None:
    ledger.set_project_cap(project, 60, reason="x", actor=admin)
    factories.succeeded(alice, project_id=project.pk)
    parked = factories.job(alice, project_id=project.pk)
    admin_client.post("/team/requests/", {"request": asked_of(parked), "action": "approve"})
    parked.refresh_from_db()
    factories.finish(parked)
    assert "0 available 120 of 60 spent" in text(admin_client.get(PAGE))


def asked_of(job: Any) -> int:
    number: int = job.budget_request.pk
    return number


def test_the_teams_cap_holds_from_now_on(alice: User, admin_client: Client) -> None:
    admin_client.post(PAGE, {"monthly_cap": "100", "reason": "Careful"})
    factories.job(alice)
    assert Team.current().monthly_cap == 100
    assert "40 available · 60 reserved 0 of 100 spent" in text(admin_client.get(PAGE))
    assert factories.job(alice).status == "awaiting_budget"


@pytest.mark.data
def test_the_same_form_twice_changes_once(alice: User, admin_client: Client) -> None:
    for _ in range(2):
        data = {"user": alice.pk, "allowance": "500", "reason": "x"}
        assert admin_client.post(PAGE, data).status_code == 302
    assert AuditEvent.objects.filter(action="allowance changed").count() == 1


@pytest.mark.data
@pytest.mark.parametrize("limit", ["allowance", "cap", "monthly_cap"])
def test_an_odd_limit_changes_nothing(
    alice: User, project: Project, admin_client: Client, limit: str
) -> None:
    whose = {"allowance": {"user": alice.pk}, "cap": {"project": project.pk}}.get(limit, {})
    before = LedgerEntry.objects.count()
    for amount in BAD_AMOUNTS:
        answer = admin_client.post(PAGE, {**whose, limit: amount, "reason": "x"})
        assert answer.status_code == 422, amount
        assert 'aria-invalid="true"' in answer.content.decode(), amount
        assert (LedgerEntry.objects.count(), Team.current().monthly_cap) == (before, None), amount
        assert not User.objects.exclude(allowance=0).exists(), amount
        assert not Project.objects.exclude(cap=None).exists(), amount


def test_an_empty_allowance_is_none(alice: User, admin_client: Client) -> None:
    data = {"user": alice.pk, "allowance": "", "reason": "x"}
    assert admin_client.post(PAGE, data).status_code == 422


def test_without_a_reason_nothing_changes_and_what_was_typed_comes_back(
    alice: User, bob: User, admin_client: Client
) -> None:
    answer: Any = admin_client.post(PAGE, {"user": alice.pk, "allowance": "777", "reason": " "})
    assert answer.status_code == 422
    assert "Monthly allowance of alice" in text(answer)
    assert 'value="777"' in answer.content.decode()
    assert not AuditEvent.objects.filter(action="allowance changed").exists()


@pytest.mark.parametrize("whose", ["", "0", "x", "²", "9" * 30])
def test_a_limit_of_nobody_is_refused(admin_client: Client, whose: str) -> None:
    for field in ("user", "project"):
        data = {field: whose, "allowance": "5", "cap": "5", "reason": "x"}
        assert admin_client.post(PAGE, data).status_code == 422


@pytest.mark.data
def test_a_budget_near_its_end_stands_first(alice: User, bob: User, admin_client: Client) -> None:
    ledger.grant(alice, -925, reason="x", actor=None)
    factories.job(alice)
    answer: Any = admin_client.get(PAGE)
    assert [(row.subject, row.threshold) for row in answer.context["near"]] == [(alice, 80)]
    assert "Near the limit 1" in text(answer)


def test_the_next_reset_and_the_value_are_shown(alice: User, admin_client: Client) -> None:
    Team.objects.create(pk=1, credit_value=Decimal("0.005"), currency="EUR")
    ledger.set_allowance(alice, 500, reason="x", actor=None)
    alice.refresh_from_db()
    resets_on = ledger.standing_of(alice).resets_on
    assert resets_on
    page = text(admin_client.get(PAGE))
    assert f"7.50 EUR available. Resets on {moments.in_words(resets_on)}" in page


@pytest.mark.data
def test_more_people_and_projects_cost_no_more_queries(
    alice: User, project: Project, admin_client: Client
) -> None:
    ledger.set_allowance(alice, 100, reason="x", actor=None)
    ledger.set_project_cap(project, 500, reason="x", actor=None)
    factories.job(alice, project_id=project.pk)
    admin_client.get(PAGE)
    counts = []
    for number in range(3):
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(PAGE)
        counts.append(len(captured))
        user = factories.member(f"m{number}", credits=100)
        ledger.set_allowance(user, 100, reason="x", actor=None)
        more = Project.objects.create(name=f"P{number}")
        ledger.set_project_cap(more, 500, reason="x", actor=None)
        factories.job(user, project_id=more.pk)
    assert counts[0] == counts[1] == counts[2] <= 22


def test_for_members_there_is_no_such_page(alice: User, alice_client: Client) -> None:
    data = {"user": alice.pk, "allowance": "500", "reason": "x"}
    assert alice_client.post(PAGE, data).status_code == 404
    assert not User.objects.exclude(allowance=0).exists()


@pytest.mark.data
def test_who_left_is_not_listed(alice: User, bob: User, admin_client: Client) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    answer: Any = admin_client.get(PAGE)
    assert bob not in [row.subject for row in answer.context["people"]]


@pytest.mark.data
def test_the_forecast_stands_beside_a_budget(alice: User, admin_client: Client) -> None:
    User.objects.update(date_joined=alice.date_joined - timedelta(days=30))
    for _ in range(3):
        factories.job(alice)
    page = text(admin_client.get(PAGE))
    # 180 credits in 14 days, 820 are free: 63 whole days more.
    end = ledger.today() + timedelta(days=820 * 14 // 180)
    assert f"At this pace, credits run out on {end.day} {end:%b}" in page
