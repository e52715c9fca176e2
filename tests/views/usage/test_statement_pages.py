"""The pages of the months: who sees which, what they say, and their files."""

from __future__ import annotations

import csv as csv_module
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import ledger, statements
from jobs.models import Project, Team, User
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

LIST = "/usage/statements/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of 10 November 2027, and it stands still."""
    with time_machine.travel(datetime(2027, 11, 10, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def close(clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2027, 12, 2, 12, tzinfo=UTC))
    assert statements.close_due()


def mine(user: User, month: str = "2027-11", end: str = "/") -> str:
    return f"{LIST}person/{user.pk}/{month}{end}"


def rows(client: Client, path: str) -> list[dict[str, str]]:
    answer: Any = client.get(path)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv_module.DictReader(content.splitlines()))


# ── Who ──────────────────────────────────────────────────────────────────────
def test_a_member_reaches_only_their_own(alice: User, bob: User, alice_client: Client) -> None:
    project = Project.objects.create(name="Launch")
    factories.succeeded(bob, project_id=project.pk)
    factories.succeeded(alice, project_id=project.pk)
    for end in ("/", ".csv"):
        assert alice_client.get(mine(alice, end=end)).status_code == 200
        for path in (
            mine(bob, end=end),
            f"{LIST}project/{project.pk}/2027-11{end}",
            f"{LIST}team/team/2027-11{end}",
        ):
            assert alice_client.get(path).status_code == 404, path
    assert alice_client.get(f"{LIST}2027-11.csv").status_code == 404


def test_a_members_list_holds_their_months_alone(
    alice: User, bob: User, alice_client: Client
) -> None:
    factories.succeeded(bob)
    page = text(alice_client.get(f"{LIST}?month=2027-11"))
    assert "November 2027 Preliminary 0 0 0 1,000" in page
    assert "bob" not in page


@pytest.mark.parametrize(
    "path",
    [
        "person/0/2027-11/",
        "person/99/2027-11/",
        "person/²/2027-11/",
        "project/1/2027-11/",
        "team/1/2027-11/",
        "robot/1/2027-11/",
        "team/team/2027-13/",
        "team/team/2027-12/",
        "team/team/2019-01/",
        "team/team/november/",
        "2027-12.csv",
        "x.csv",
        "?month=2027-1",
        "?month=2027-12",
    ],
)
def test_what_there_is_no_statement_of_is_not_found(
    alice: User, admin_client: Client, path: str
) -> None:
    assert admin_client.get(f"{LIST}{path}").status_code == 404


# ── What a page says ─────────────────────────────────────────────────────────
def test_an_admin_sees_everybody_by_month(alice: User, admin_client: Client) -> None:
    factories.succeeded(alice)
    page = text(admin_client.get(LIST))
    assert "The team everyone No cap 60" in page
    assert "alice person 0 1,000 0 0 60 940" in page


def test_a_statement_says_each_figure_and_each_line(
    alice: User, admin: User, alice_client: Client
) -> None:
    ledger.grant(alice, -40, reason="Booked twice", actor=admin)
    factories.succeeded(alice, prompt="A fox in the snow")
    page = text(alice_client.get(mine(alice)))
    for words in (
        "Opening balance 0",
        "Granted Grants and allowances +1,000",
        "Adjusted Who and why: see below -40",
        "Spent On 1 video −60",
        "Closing balance 900",
        "10 Nov Adjusted Booked twice ada -40",
        "A fox in the snow Veo 3.1 Fast Generate Ready 60 60",
    ):
        assert words in page


def test_an_open_month_says_why(
    alice: User, bob: User, alice_client: Client, clock: time_machine.Traveller
) -> None:
    for _ in range(3):
        factories.job(bob)
    assert "This month is not over." in text(alice_client.get(mine(alice)))
    clock.move_to(datetime(2027, 12, 5, tzinfo=UTC))
    bobs = factories.signed_in(bob)
    said = "3 videos of this month are not finished: 180 credits reserved."
    assert said in text(bobs.get(mine(bob)))
    alices = factories.signed_in(alice)
    assert "Other people’s videos this month are not finished." in text(alices.get(mine(alice)))


def test_a_closed_statement_shows_its_sum(
    alice: User, alice_client: Client, clock: time_machine.Traveller
) -> None:
    factories.succeeded(alice)
    close(clock)
    statement = statements.find(statements.Scope(owner=alice.pk), statements.every_month()[0])
    assert statement
    page = text(factories.signed_in(alice).get(mine(alice)))
    assert f"SHA-256 of its entries: {statement.sha256}" in page
    assert "Closed on 2 Dec 2027" in page


def test_without_a_cap_no_balance_is_shown(alice: User, admin_client: Client) -> None:
    factories.succeeded(alice)
    page = text(admin_client.get(f"{LIST}team/team/2027-11/"))
    assert "Spent before There was no cap, so spending is only counted. 0" in page
    assert "Spent by the end of the month 60" in page


def test_money_is_shown_where_a_credit_has_a_value(alice: User, alice_client: Client) -> None:
    Team.objects.create(pk=1, credit_value="0.005", currency="EUR")
    factories.succeeded(alice)
    assert "Value of credits spent 0.30 EUR" in text(alice_client.get(mine(alice)))


def test_a_closed_month_keeps_the_value_it_was_closed_with(
    alice: User, clock: time_machine.Traveller
) -> None:
    Team.objects.create(pk=1, credit_value="0.005", currency="EUR")
    factories.succeeded(alice)
    close(clock)
    Team.objects.update(credit_value="1")
    assert "Value of credits spent 0.30 EUR" in text(factories.signed_in(alice).get(mine(alice)))


def test_work_that_passed_to_a_colleague_stays_on_who_paid(
    alice: User, bob: User, admin_client: Client
) -> None:
    job = factories.succeeded(alice, prompt="A fox")
    type(job).objects.filter(pk=job.pk).update(owner=bob)
    assert "A fox alice" in text(admin_client.get(f"{LIST}team/team/2027-11/"))
    assert "A fox" in text(admin_client.get(mine(alice)))
    assert "A fox" not in text(admin_client.get(mine(bob)))


# ── Files ────────────────────────────────────────────────────────────────────
def test_the_file_of_a_statement_holds_its_figures_and_lines(
    alice: User, alice_client: Client
) -> None:
    job = factories.succeeded(alice, prompt="=A fox")
    found = rows(alice_client, mine(alice, end=".csv"))
    totals = {row["what"]: row["credits"] for row in found if row["what"].startswith("total")}
    assert (totals["total spent"], totals["total closing"]) == ("60", "940")
    (line,) = [row for row in found if row["job"] == str(job.pk)]
    assert (line["prompt"], line["credits"], line["why"]) == ("'=A fox", "-60", "Ready")


def test_the_file_of_a_month_holds_everybody(
    alice: User, admin_client: Client, clock: time_machine.Traveller
) -> None:
    factories.succeeded(alice)
    close(clock)
    found = rows(factories.signed_in(User.objects.get(username="ada")), f"{LIST}2027-11.csv")
    assert [(row["scope"], row["whose"], row["spent"]) for row in found] == [
        ("team", "The team", "60"),
        ("person", "alice", "60"),
    ]
    assert found[0]["closed"].startswith("2027-12-02")
    assert len(found[0]["sha256"]) == 64


# ── Cost ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", [LIST, f"{LIST}team/team/2027-11/"])
def test_a_page_asks_as_much_for_many_people_and_videos(admin_client: Client, path: str) -> None:
    def asked() -> int:
        admin_client.get(path)
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(path)
        return len(captured)

    factories.succeeded(factories.member("carol", credits=1000))
    few = asked()
    for number in range(6):
        factories.succeeded(factories.member(f"member{number}", credits=1000))
    assert asked() == few <= 28
