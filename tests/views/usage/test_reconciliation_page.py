"""The admins' page of what differs from the providers' word, and the file for their support."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import lifecycle
from jobs.models import BalanceReading, Credential, Job, Rendition, User
from jobs.providers.base import Snapshot, State
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

PATH = "/usage/reconciliation/"


def failed_and_charged(owner: User, prompt: str = "A fox") -> Job:
    job = factories.run(factories.job(owner, prompt=prompt))
    lifecycle.observe(job.pk, Snapshot(State.FAILED, provider_credits=Decimal(60)))
    return job


def evidence(client: Client, query: str = "") -> Any:
    return client.get(f"{PATH}kie/{timezone.localdate():%Y-%m}.txt{query}")


def test_nothing_that_differs_is_said(alice: User, admin_client: Client) -> None:
    factories.succeeded(alice)
    page = text(admin_client.get(PATH))
    assert "No differences this month." in page
    assert "No balance was read this month." in page


def test_each_line_leads_to_its_job(alice: User, admin_client: Client) -> None:
    job = failed_and_charged(alice)
    answer = admin_client.get(PATH)
    assert "60 charged, no video 1 video" in text(answer)
    assert "charged, no video: 60 A fox alice · Generate · Failed" in text(answer)
    assert f'href="/jobs/{job.pk}/"' in answer.content.decode()


def test_a_bad_month_asks_the_database_no_more_than_a_good_one(
    alice: User, admin_client: Client
) -> None:
    failed_and_charged(alice)
    unkept = factories.succeeded(alice)
    Rendition.objects.filter(job=unkept).update(state=Rendition.State.EXPIRED)
    admin_client.get(PATH)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(PATH)
    for number in range(3):
        failed_and_charged(alice, f"A hare {number}")
    with CaptureQueriesContext(connection) as many:
        page = text(admin_client.get(PATH))
    assert "300 charged, no video 5 videos" in page
    assert len(many) == len(few)
    # To read a file of each job beside it, PostgreSQL reads all files.
    (jobs,) = (each["sql"] for each in many if "is_unverified" in each["sql"])
    assert "jobs_rendition" not in jobs


def test_a_fall_of_the_balance_is_said_in_words(
    alice: User, key: Credential, admin_client: Client
) -> None:
    for balance in (1000, 880):
        BalanceReading.objects.create(
            credential=key, provider="kie", account="main", balance=balance
        )
    page = text(admin_client.get(PATH))
    assert "Fell by 120 more than our videos explain" in page
    assert "main kie.ai 1,000 880 0" in page


def test_the_page_is_filtered_by_provider_and_month(alice: User, admin_client: Client) -> None:
    failed_and_charged(alice)
    this = f"{timezone.localdate():%Y-%m}"
    assert "A fox" in text(admin_client.get(f"{PATH}?provider=kie&month={this}"))
    assert "A fox" not in text(admin_client.get(f"{PATH}?provider=veo4"))
    assert "A fox" not in text(admin_client.get(f"{PATH}?month=2026-01"))


@pytest.mark.parametrize("query", ["?provider=nobody", "?month=2026-13", "?month=x"])
def test_a_filter_that_is_none_is_not_found(admin_client: Client, query: str) -> None:
    assert admin_client.get(f"{PATH}{query}").status_code == 404


def test_the_evidence_is_a_text_file(alice: User, admin_client: Client) -> None:
    job = failed_and_charged(alice)
    answer = evidence(admin_client)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert 'attachment; filename="evidence-kie-' in answer["Content-Disposition"]
    assert str(job.pk) in answer.content.decode()


def test_prompts_go_along_only_if_ticked(alice: User, admin_client: Client) -> None:
    failed_and_charged(alice)
    assert "A fox" not in evidence(admin_client).content.decode()
    assert "A fox" in evidence(admin_client, "?prompts=on").content.decode()


@pytest.mark.parametrize("path", ["nobody/2026-11.txt", "kie/2026-13.txt"])
def test_there_is_no_evidence_of_nobody(admin_client: Client, path: str) -> None:
    assert admin_client.get(f"{PATH}{path}").status_code == 404


def test_the_page_asks_as_much_for_many_differences(alice: User, admin_client: Client) -> None:
    def asked() -> int:
        admin_client.get(PATH)
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(PATH)
        return len(captured)

    failed_and_charged(alice)
    few = asked()
    for number in range(6):
        failed_and_charged(alice, f"A fox {number}")
    assert asked() == few <= 20
