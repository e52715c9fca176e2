"""Ordering a larger copy of a finished video: one click, one hold, one job."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import ledger
from jobs.models import Budget, Job, Project, User
from jobs.providers.kie.models import SHUTS_THE_DOOR
from tests.support import factories
from tests.support.markup import flat
from tests.support.pages.rails import rung
from tests.support.typed_forms import HTMX, text

pytestmark = pytest.mark.django_db


STUDIO = {"Referer": "http://testserver/?scope=me"}


def order(client: Client, job: Job, kind: str = "upgrade_4k", **more: Any) -> Any:
    """Press a button of the rail as it stands on the page."""
    page = flat(client.get("/").content.decode())
    form = rf'name="kind" value="{kind}"><input type="hidden" name="submission_key" value="([^"]+)"'
    found = re.search(form, page)
    assert found
    data = {"kind": kind, "submission_key": found[1]}
    return client.post(f"/jobs/{job.pk}/upgrade/", data, **more)


# ── Ordering a larger copy ─────────────────────────────────────────────────────
@pytest.mark.data
def test_a_click_orders_a_larger_copy_and_holds_its_price(
    take: Job, alice: User, alice_client: Client
) -> None:
    answer = order(alice_client, take, headers=STUDIO)
    larger = Job.objects.get(kind="upgrade_4k")
    assert (larger.source, larger.status, larger.resolution) == (take, "queued", "4k")
    assert answer.headers["Location"] == f"/?scope=me#job-{take.pk}"
    assert "4K ordered. 120 credits are reserved for it." in text(alice_client.get("/"))
    assert Budget.objects.get(owner=alice).held == 120


def test_from_the_jobs_page_one_comes_back_to_it(take: Job, alice_client: Client) -> None:
    page = {"Referer": f"http://testserver/jobs/{take.pk}/"}
    assert order(alice_client, take, headers=page).headers["Location"] == f"/jobs/{take.pk}/"


@pytest.mark.parametrize("referer", ["https://evil.example/", "//evil.example/", "", "x"])
def test_nobody_is_led_elsewhere(take: Job, alice_client: Client, referer: str) -> None:
    answer = order(alice_client, take, headers={"Referer": referer})
    assert answer.headers["Location"] == f"/jobs/{take.pk}/"


@pytest.mark.data
def test_a_double_click_orders_one(take: Job, alice: User, alice_client: Client) -> None:
    data = {"kind": "upgrade_4k", "submission_key": str(rung(take, alice, "4k").key)}
    for _ in range(2):
        answer = alice_client.post(f"/jobs/{take.pk}/upgrade/", data, follow=True)
        assert "4K ordered. 120 credits are reserved for it." in text(answer)
    assert Job.objects.filter(kind="upgrade_4k").count() == 1
    assert Budget.objects.get(owner=alice).held == 120


@pytest.mark.data
def test_a_second_order_under_another_key_is_refused(
    take: Job, alice: User, alice_client: Client
) -> None:
    factories.upgrade(take)
    data = {"kind": "upgrade_4k", "submission_key": str(uuid4())}
    answer = alice_client.post(f"/jobs/{take.pk}/upgrade/", data, follow=True)
    assert "It is already made or being made." in text(answer)
    assert Budget.objects.get(owner=alice).held == 120


@pytest.mark.data
def test_a_page_from_before_does_not_order_what_failed_again(
    take: Job, alice: User, alice_client: Client
) -> None:
    data = {"kind": "upgrade_4k", "submission_key": str(rung(take, alice, "4k").key)}
    alice_client.post(f"/jobs/{take.pk}/upgrade/", data)
    Job.objects.filter(kind="upgrade_4k").update(status="failed")
    answer = alice_client.post(f"/jobs/{take.pk}/upgrade/", data, follow=True)
    assert "4K was already ordered." in text(answer)
    assert Job.objects.filter(kind="upgrade_4k").count() == 1


@pytest.mark.data
def test_without_credits_it_waits_and_the_rail_says_so(
    take: Job, alice: User, alice_client: Client
) -> None:
    ledger.grant(alice, -900, reason="for a test", actor=None)
    answer = order(alice_client, take, follow=True)
    assert "This needs 120 credits" in text(answer)
    assert Job.objects.get(kind="upgrade_4k").status == "awaiting_budget"
    assert rung(take, alice, "4k").text == "Awaiting budget"


@pytest.mark.data
@pytest.mark.parametrize(
    "data", [{}, {"kind": "generate"}, {"kind": "upgrade_4k", "submission_key": "x"}]
)
def test_an_odd_order_orders_nothing(take: Job, alice_client: Client, data: dict[str, str]) -> None:
    answer = alice_client.post(f"/jobs/{take.pk}/upgrade/", data, follow=True)
    assert "Nothing was ordered" in text(answer)
    assert Job.objects.count() == 1


def test_the_live_page_gets_the_card_and_the_message(take: Job, alice_client: Client) -> None:
    answer = order(alice_client, take, headers=HTMX)
    content = answer.content.decode()
    assert f'<hx-partial hx-target="#job-{take.pk}"' in content
    assert 'class="busy"' in content
    assert "4K ordered. 120 credits are reserved for it." in content
    assert "csrf-token-of-the-reader" not in content


def test_a_refusal_reaches_the_live_page_as_well(
    take: Job, alice: User, alice_client: Client
) -> None:
    ledger.grant(alice, -900, reason="for a test", actor=None)
    answer = order(alice_client, take, headers=HTMX)
    assert answer.status_code == 200
    assert "This needs 120 credits" in text(answer)


@pytest.mark.data
def test_colleagues_and_admins_cannot_spend_somebody_elses_key(
    take: Job, bob: User, admin_client: Client
) -> None:
    Job.objects.update(project=Project.objects.create(name="Autumn"))
    data = {"kind": "upgrade_4k", "submission_key": str(uuid4())}
    path = f"/jobs/{take.pk}/upgrade/"
    assert factories.signed_in(bob).post(path, data).status_code == 404
    assert "This is alice’s video" in text(admin_client.post(path, data, follow=True))
    assert Job.objects.count() == 1


# ── The one-way door ───────────────────────────────────────────────────────────
def test_before_1080p_one_reads_that_it_shuts_a_door(take: Job, alice_client: Client) -> None:
    _, sizes = flat(alice_client.get("/").content.decode()).split(f'id="z-{take.pk}" role="dialog"')
    assert sizes.index(SHUTS_THE_DOOR) < sizes.index("Upgrade to 1080p")
    assert SHUTS_THE_DOOR in text(alice_client.get("/"))
    assert SHUTS_THE_DOOR in text(alice_client.get(f"/jobs/{take.pk}/"))


def test_where_the_door_is_shut_already_nobody_is_stopped(
    alice: User, alice_client: Client
) -> None:
    take = factories.succeeded(alice)
    factories.finish(factories.upgrade(take, "upgrade_1080p"))
    assert SHUTS_THE_DOOR not in text(alice_client.get("/"))


def test_4k_shuts_no_door(take: Job, alice: User) -> None:
    assert rung(take, alice, "4k").door == ""
