"""Somebody's own credits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import ledger
from jobs.models import BudgetRequest, Project, User
from tests.support import factories
from tests.support.typed_forms import BAD_AMOUNTS, text

pytestmark = pytest.mark.django_db
PAGE = "/credits/"


def ask(client: Client, **changes: Any) -> Any:
    data = {"submission_key": str(uuid4()), "credits": "600", "reason": "The launch film"}
    return client.post(PAGE, {**data, **changes})


def test_free_held_and_the_next_reset_are_shown(alice: User, alice_client: Client) -> None:
    ledger.set_allowance(alice, 500, reason="x", actor=None)
    alice.refresh_from_db()
    factories.job(alice)
    resets_on = ledger.standing_of(alice).resets_on
    assert resets_on
    reset = f"resets on {resets_on.day} {resets_on:%b}"
    page = text(alice_client.get(PAGE))
    assert "Available 1,440 credits" in page
    assert "Reserved 60 credits" in page
    assert f"Monthly allowance 500 credits {reset}" in page
    # The sidebar says so on every page.
    assert f"Your credits 1,440 available · 60 reserved {reset}" in text(
        alice_client.get("/projects/")
    )


def test_each_purse_stands_alone(alice: User, alice_client: Client) -> None:
    ledger.set_allowance(alice, 500, reason="x", actor=None)
    alice.refresh_from_db()
    factories.job(alice)
    answer: Any = alice_client.get(PAGE)
    purses = [(bool(each.period), each.available) for each in answer.context["purses"]]
    # In the order they are spent in.
    assert purses == [(True, 440), (False, 1000)]


def test_the_page_and_its_sidebar_read_them_once(alice_client: Client) -> None:
    alice_client.get(PAGE)
    with CaptureQueriesContext(connection) as captured:
        alice_client.get(PAGE)
    read = [each for each in captured if 'FROM "jobs_budget"' in each["sql"]]
    assert len(read) == 1, read


def test_only_ones_own_is_shown(alice: User, bob: User, alice_client: Client) -> None:
    ledger.grant(bob, 7, reason="For Bob alone", actor=None)
    ask(factories.signed_in(bob), reason="A secret film")
    page = text(alice_client.get(PAGE))
    assert "For Bob alone" not in page
    assert "A secret film" not in page


def test_credits_are_asked_for_ahead(alice: User, alice_client: Client) -> None:
    project = Project.objects.create(name="Autumn")
    answer = ask(alice_client, project=project.pk)
    assert answer.status_code == 302
    request = BudgetRequest.objects.get()
    assert (request.requester, request.credits, request.project, request.job) == (
        *(alice, 600),
        *(project, None),
    )
    assert "The launch film" in text(alice_client.get(PAGE))


@pytest.mark.data
def test_an_odd_amount_is_not_asked_for(alice_client: Client) -> None:
    for amount in ("", "0", *BAD_AMOUNTS):
        answer = ask(alice_client, credits=amount)
        assert (answer.status_code, BudgetRequest.objects.exists()) == (422, False), amount
        assert "The launch film" in answer.content.decode(), amount


def test_what_for_must_be_said(alice_client: Client) -> None:
    assert ask(alice_client, reason=" ").status_code == 422


def test_the_banner_says_that_credits_come_to_their_end(alice: User, alice_client: Client) -> None:
    assert "You have used" not in text(alice_client.get("/"))
    ledger.grant(alice, -700, reason="x", actor=None)
    for _ in range(4):
        factories.job(alice)
    assert "You have used 80% of your credits, with 60 available." in text(alice_client.get("/"))
    factories.job(alice)
    assert "You have no credits left." in text(alice_client.get("/"))


@pytest.mark.data
def test_the_banner_costs_no_query(alice: User, alice_client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice_client.get("/projects/")
        return len(captured)

    count()
    calm = count()
    ledger.grant(alice, -950, reason="x", actor=None)
    ledger.grant(alice, 1, reason="x", actor=None)
    ledger.grant(alice, 10, reason="x", actor=None)
    factories.job(alice)
    assert "You have used" in text(alice_client.get("/projects/"))
    assert count() == calm


@pytest.mark.data
def test_the_forecast_is_told(alice: User, alice_client: Client) -> None:
    User.objects.filter(pk=alice.pk).update(date_joined=alice.date_joined - timedelta(days=30))
    for _ in range(3):
        factories.job(alice)
    assert "At this pace, credits run out on" in text(alice_client.get(PAGE))


@pytest.mark.data
def test_an_admin_sees_the_same_of_themselves(admin: User, admin_client: Client) -> None:
    ledger.grant(admin, 70, reason="Own", actor=admin)
    assert "Available 70 credits" in text(admin_client.get(PAGE))
