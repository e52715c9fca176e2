"""What does not fit says so before the click: one's own credits, the project's cap, the team's."""

from __future__ import annotations

import html
import json
import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import ledger
from jobs.models import Budget, Project, User
from tests.support import factories
from tests.support.typed_forms import HTMX, composer

pytestmark = pytest.mark.django_db
OWN = "This is more than you have available."
WAITS = "It will wait for an admin’s approval."


@pytest.fixture
def film(admin: User) -> Project:
    """A project with 30 credits left."""
    project = Project.objects.create(name="Launch film")
    ledger.set_project_cap(project, 30, reason="x", actor=admin)
    return project


def short(page: str) -> str:
    """What the composer says of the budgets, hidden or not."""
    found = re.search(r'id="short"[^>]*>([^<]*)<', page)
    assert found
    return html.unescape(found[1])


def studio(client: Client, query: str = "") -> str:
    return client.get(f"/{query}").content.decode()


def test_a_project_with_too_little_left_says_so(alice_client: Client, film: Project) -> None:
    assert short(studio(alice_client)) == ""
    said = short(studio(alice_client, f"?project={film.pk}"))
    assert said == f"This is more than Launch film has left (30). {WAITS}"


def test_the_teams_cap_says_so_whatever_the_project(
    alice_client: Client, film: Project, admin: User
) -> None:
    with time_machine.travel("2026-10-05T12:00Z", tick=False):
        ledger.set_team_cap(20, reason="x", actor=admin)
        client = factories.signed_in(admin)
        team = "This is more than the team has left until 1 Nov 2026, 00:00 UTC (20)."
        assert short(studio(client)) == f"{OWN} {team} {WAITS}"
        said = short(studio(client, f"?project={film.pk}"))
    project = "This is more than Launch film has left (30)."
    assert said == f"{OWN} {project} {team} {WAITS}"


@pytest.mark.data
def test_a_cap_of_a_period_that_nobody_has_begun_counts_as_well(
    alice: User, alice_client: Client, admin: User
) -> None:
    ledger.set_team_cap(20, reason="x", actor=admin)
    today = ledger.today()
    Budget.objects.of_team().update(period=date(2020, 1, 1), until=today)
    assert "the team has left (20)" in short(studio(alice_client))


def test_what_fits_or_has_no_cap_says_nothing(
    alice: User, alice_client: Client, film: Project, admin: User
) -> None:
    ledger.set_team_cap(60, reason="x", actor=admin)
    ledger.set_project_cap(film, None, reason="x", actor=admin)
    assert short(studio(alice_client, f"?project={film.pk}")) == ""
    factories.job(alice)
    assert short(studio(alice_client)) != ""


def test_an_answer_to_the_form_says_it_too(alice_client: Client, film: Project) -> None:
    answer = alice_client.post("/", composer(project=film.pk, prompt=""), headers=HTMX)
    assert answer.status_code == 422
    assert "Launch film has left (30)" in short(answer.content.decode())


@pytest.mark.data
@pytest.mark.parametrize("project", ["x", "²", "9" * 30, "-1", "\x00"])
def test_an_odd_project_says_nothing(alice_client: Client, film: Project, project: str) -> None:
    answer = alice_client.post("/", composer(project=project), headers=HTMX)
    assert answer.status_code == 422
    assert short(answer.content.decode()) == ""


def test_the_page_is_told_all_caps_for_when_the_choice_changes(
    alice_client: Client, film: Project
) -> None:
    found = re.search(r'data-bounds="([^"]*)"', studio(alice_client))
    assert found
    bounds: Any = json.loads(html.unescape(found[1]))
    sentence = "This is more than Launch film has left (30)."
    assert bounds == [
        {"project": "", "left": 1000, "sentence": OWN},
        {"project": str(film.pk), "left": 30, "sentence": sentence},
    ]


@pytest.mark.data
def test_more_caps_cost_no_more_queries(alice_client: Client, film: Project, admin: User) -> None:
    studio(alice_client)  # the first one fills the caches
    counts = []
    for number in range(3):
        with CaptureQueriesContext(connection) as captured:
            studio(alice_client)
        counts.append(len(captured))
        more = Project.objects.create(name=f"Film {number}")
        ledger.set_project_cap(more, 30, reason="x", actor=admin)
        ledger.set_team_cap(500, reason="x", actor=admin)
    assert counts[0] == counts[1] == counts[2]
