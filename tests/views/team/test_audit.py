"""The audit: everything that was changed is found again, and can be taken along."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from jobs import credentials, ledger, people, pricing
from jobs.models import AuditEvent, Credential, Price, Project, User
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def event(actor: User | None = None, **changes: Any) -> AuditEvent:
    facts: dict[str, Any] = {
        "action": "price changed",
        "subject": "kie veo3",
        "before": "60",
        "after": "70",
    }
    return AuditEvent.objects.create(**{"actor": actor, **facts, **changes})


def found(client: Client, **query: Any) -> list[str]:
    answer: Any = client.get("/team/audit/", query)
    assert answer.status_code == 200
    return [each.subject for each in answer.context["events"]]


def exported(client: Client, **query: Any) -> list[list[str]]:
    answer: Any = client.get("/team/audit/export.csv", query)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))


@pytest.fixture
def three(alice: User, admin: User) -> Mapping[str, AuditEvent]:
    """Events of Ada, of Alice and of the server; the credits that a fixture granted aside."""
    return {
        "ada": event(admin, subject="fast", reason="Dearer since May"),
        "alice": event(alice, subject="key of alice", action="key saved"),
        "server": event(None, subject="slow", before="12"),
    }


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ({"q": "may dearer"}, ["fast"]),
        ({"q": "12"}, ["slow"]),
        ({"q": "KEY"}, ["key of alice"]),
        ({"q": "nothing"}, []),
        ({"action": "price changed"}, ["slow", "fast"]),
        ({"actor": "server", "action": "price changed"}, ["slow"]),
        ({"q": "60 70"}, ["key of alice", "fast"]),
    ],
)
def test_events_are_found_by_words_action_and_person(
    three: object, admin_client: Client, query: dict[str, str], subjects: list[str]
) -> None:
    assert found(admin_client, **query) == subjects
    assert [row[3] for row in exported(admin_client, **query)[1:]] == subjects


def test_events_are_found_by_who_did_it(three: object, alice: User, admin_client: Client) -> None:
    assert found(admin_client, actor=alice.pk) == ["key of alice"]


def test_events_are_found_by_their_day(admin: User, admin_client: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    event(admin)
    day = localdate()
    assert found(admin_client, first=day, last=day) == ["kie veo3"]
    assert found(admin_client, last=day - timedelta(days=1)) == []
    assert found(admin_client, first=day + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "query", [{"first": "x"}, {"last": "9999-12-31"}, {"action": "no such"}, {"actor": "0"}]
)
@pytest.mark.parametrize("path", ["/team/audit/", "/team/audit/export.csv"])
def test_a_filter_that_cannot_be_read_is_said_and_shows_nothing(
    three: object, admin_client: Client, path: str, query: dict[str, str]
) -> None:
    answer: Any = admin_client.get(path, query)
    assert (answer.status_code, list(answer.context["events"])) == (422, [])
    assert list(answer.context["form"].errors) == list(query)


def test_there_are_fifty_on_a_page_and_all_in_the_file(
    admin: User, admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(actor=admin, action="x", subject=str(number)) for number in range(120)
    )
    assert [len(found(admin_client, page=page)) for page in (1, 2, 3, "x")] == [50, 50, 20, 50]
    assert len(exported(admin_client)) == 121
    with django_assert_max_num_queries(14):
        admin_client.get("/team/audit/")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_cell_of_the_file_is_a_formula(admin: User, admin_client: Client, start: str) -> None:
    event(admin, subject=f"{start}HYPERLINK(1)", reason=f"{start}1+1")
    row = exported(admin_client)[1]
    assert (row[3], row[6]) == (f"'{start}HYPERLINK(1)", f"'{start}1+1")


def test_whoever_changes_what_costs_money_or_opens_doors_is_on_record(
    alice: User, admin: User, admin_client: Client
) -> None:
    ledger.grant(alice, 5, reason="why-grant", actor=admin)
    ledger.set_allowance(alice, 50, reason="why-allowance", actor=admin)
    ledger.set_team_cap(900, reason="why-cap", actor=admin)
    project = Project.objects.create(name="Autumn")
    ledger.set_project_cap(project, 70, reason="why-project", actor=admin)
    people.change_role(alice, "admin", admin, reason="why-role")
    people.change_settings(
        admin,
        name="",
        reset_day=9,
        credit_value=None,
        currency="USD",
        members_share_others=True,
        reason="why-setting",
    )
    credentials.remove(Credential.objects.filter(owner=alice)[0], actor=admin)
    page = text(admin_client.get("/team/audit/"))
    for words in (
        "Credits granted alice +5 why-grant",
        "Allowance changed alice 0 50 why-allowance",
        "Team cap changed the team no cap 900 why-cap",
        "Project cap changed Autumn no cap 70 why-project",
        "Role changed alice member admin why-role",
        "Setting changed reset day 1 9 why-setting",
        f"Key removed kie.ai key of alice {factories.CANARY_KEY[-4:]}",
    ):
        assert words in page


def test_a_job_is_told_by_its_prompt_with_the_way_to_it(
    alice: User, admin: User, admin_client: Client
) -> None:
    first, second = (factories.job(alice, prompt=f"A {word} sunset") for word in ("dear", "red"))
    event(
        admin,
        action="submitted again",
        subject=f"job {first.pk}",
        job=first,
        after=f"job {second.pk}",
        after_job=second,
    )
    event(admin, subject=f"job {uuid4()}")
    page = admin_client.get("/team/audit/")
    for job in (first, second):
        link = f'<a class="link" href="/jobs/{job.pk}/">{job.prompt}</a>'
        assert link in flat(page.content.decode())
    assert "Submitted again A dear sunset 60 A red sunset" in text(page)
    # What is taken along keeps what was put on record.
    assert exported(admin_client)[2][3] == f"job {first.pk}"


def test_prices_go_by_the_names_that_people_know(admin: User, admin_client: Client) -> None:
    price = Price.objects.get(model="veo3_fast", kind="generate", resolution="4k", mode="text")
    pricing.change(price, 7, begins=None, reason="Dearer", actor=admin)
    name = "kie.ai, Generate, Veo 3.1 Fast, from text, 4K"
    assert found(admin_client, q="Veo 3.1 Fast") == [name]
    for path in ("/team/audit/", "/team/prices/"):
        assert name in text(admin_client.get(path))


def test_more_jobs_cost_no_more_queries(alice: User, admin: User, admin_client: Client) -> None:
    counts = []
    for _ in range(3):
        job = factories.job(alice)
        event(admin, subject=f"job {job.pk}", job=job)
        with CaptureQueriesContext(connection) as captured:
            admin_client.get("/team/audit/")
        counts.append(len(captured))
    assert counts[1] == counts[2]


def test_what_people_wrote_is_only_text(admin: User, admin_client: Client) -> None:
    event(admin, reason="<script>alert(1)</script>")
    assert b"<script>alert" not in admin_client.get("/team/audit/").content
