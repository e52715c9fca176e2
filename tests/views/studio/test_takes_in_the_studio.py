"""Takes in the composer and in the grid: one price, one frame, wherever it stands (300, 304)."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import ledger, lifecycle
from jobs.models import BudgetRequest, Job, User
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import HTMX, composer, errors, text
from tests.views.jobs.test_live import Tab
from tests.views.test_queries import queries

pytestmark = pytest.mark.django_db

FRAME = re.compile(r'<section class="takes".*?</section>', re.DOTALL)


def order(owner: User, takes: int = 4, prompt: str = "A heron") -> list[Job]:
    return lifecycle.submit_takes(owner, factories.submission(prompt=prompt), uuid4(), takes)


def frames(answer: Any) -> list[tuple[str, int]]:
    """The headings of the frames, and how many cards stand in each."""
    found = FRAME.findall(flat(answer.content.decode()))
    return [
        (
            " ".join(re.sub("<[^>]*>", " ", each.partition("</h3>")[0]).split()),
            each.count("<article"),
        )
        for each in found
    ]


def shown(answer: Any) -> list[tuple[str, int | None]]:
    """The prompts of the cards, in their order, and which takes they are."""
    keys = [card.job.pk for card in answer.context["cards"]]
    jobs = Job.objects.in_bulk(keys)
    return [(jobs[key].prompt, jobs[key].take) for key in keys]


# ── The order ────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_one_click_orders_four_takes_at_the_price_that_was_shown(
    alice: User, alice_client: Client
) -> None:
    form = composer(takes="4", seen_cost="240")
    answer = alice_client.post("/", form, follow=True)
    assert "4 takes queued. 240 credits are reserved for them." in text(answer)
    alice_client.post("/", form)
    assert (Job.objects.count(), ledger.standing_of(alice).held) == (4, 240)


def test_the_price_of_one_is_not_the_price_of_four(alice_client: Client) -> None:
    answer = alice_client.post("/", composer(takes="4", seen_cost="60"), headers=HTMX)
    assert "This costs 240 credits, not the 60 shown." in errors(answer)
    assert "4 × 60" in text(answer)
    assert "Generate 4 takes" in text(answer)
    assert not Job.objects.exists()


@pytest.mark.parametrize("takes", ["0", "5", "-1", "two", "1.5"])
def test_a_number_of_takes_that_nobody_offers_is_told_at_its_field(
    alice_client: Client, takes: str
) -> None:
    answer = alice_client.post("/", composer(takes=takes))
    assert answer.status_code == 422
    assert "valid choice" in errors(answer, "takes")


@pytest.mark.data
def test_a_form_without_a_number_of_takes_orders_one(alice_client: Client) -> None:
    alice_client.post("/", composer(takes=None))
    assert Job.objects.get().take_group is None


def test_a_seed_that_leaves_no_room_for_them_is_told_at_the_seed(alice_client: Client) -> None:
    answer = alice_client.post("/", composer(takes="4", seed="99999"))
    assert "Choose 99996 or less." in errors(answer, "seed")


# ── The grid ─────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_takes_of_one_order_stand_in_one_frame(alice: User, alice_client: Client) -> None:
    factories.job(alice, prompt="before")
    jobs = order(alice)
    factories.job(alice, prompt="after")
    answer: Any = alice_client.get("/")
    assert frames(answer) == [("4 takes", 4)]
    assert f'href="/compare/?group={jobs[0].take_group}"' in answer.content.decode()
    takes = [("A heron", take) for take in (1, 2, 3, 4)]
    assert shown(answer) == [("after", None), *takes, ("before", None)]


@pytest.mark.data
def test_the_answer_to_an_order_brings_the_frame(alice_client: Client) -> None:
    answer = alice_client.post("/", composer(takes="3"), headers=HTMX)
    assert frames(answer) == [("3 takes", 3)]


@pytest.mark.data
def test_a_filter_says_how_many_of_the_takes_it_shows(alice: User, alice_client: Client) -> None:
    jobs = order(alice)
    for job in jobs[:2]:
        factories.finish(job)
    assert frames(alice_client.get("/?tab=ready")) == [("2 of 4 takes", 2)]
    assert frames(alice_client.get("/?tab=progress")) == [("2 of 4 takes", 2)]
    assert frames(alice_client.get(f"/?q={jobs[3].seed}")) == [("1 of 4 takes", 1)]


def test_a_frame_is_not_torn_by_the_end_of_a_page(alice: User, alice_client: Client) -> None:
    ledger.grant(alice, 2000, reason="for a test", actor=None)
    for number in range(3):
        factories.job(alice, prompt=f"old {number}")
    order(alice)
    for number in range(22):
        factories.job(alice, prompt=f"new {number}")
    first: Any = alice_client.get("/")
    second: Any = alice_client.get(f"/{first.context['next_page']}")
    assert frames(first) == [("4 takes", 4)]
    assert len(first.context["cards"]) == 26
    assert shown(second) == [("old 2", None), ("old 1", None), ("old 0", None)]
    assert not second.context["next_page"]


@pytest.mark.data
def test_frames_cost_a_page_one_query_however_many_there_are(
    alice: User, alice_client: Client
) -> None:
    factories.job(alice)
    plain = len(queries(alice_client, "/"))
    order(alice)
    order(alice, 2)
    assert len(queries(alice_client, "/")) == plain + 1


# ── Live ─────────────────────────────────────────────────────────────────────
def test_an_open_page_gets_the_frame_as_one(alice: User, alice_client: Client) -> None:
    tab = Tab(alice_client)
    order(alice)
    assert tab.poll() == 200
    assert frames(tab.answer) == [("4 takes", 4)]
    assert tab.answer.content.decode().count('hx-target="#jobs"') == 1


def test_a_take_that_changes_changes_its_card_alone(alice: User, alice_client: Client) -> None:
    jobs = order(alice)
    tab = Tab(alice_client)
    factories.finish(jobs[1])
    assert tab.poll() == 200
    assert (set(tab.changed), tab.new, frames(tab.answer)) == ({"A heron"}, [], [])


def test_a_take_that_joins_the_others_under_a_tab_comes_into_their_frame(
    alice: User, alice_client: Client
) -> None:
    jobs = order(alice)
    factories.finish(jobs[2])
    tab = Tab(alice_client, "?tab=ready")
    factories.finish(jobs[0])
    assert tab.poll() == 200
    content = flat(tab.answer.content.decode())
    assert f'hx-target="#takes-{jobs[0].take_group}" hx-swap="outerMorph"' in content
    assert frames(tab.answer) == [("2 of 4 takes", 2)]
    assert content.index(f'id="job-{jobs[0].pk}"') < content.index(f'id="job-{jobs[2].pk}"')


# ── Beyond the budget ────────────────────────────────────────────────────────
@pytest.fixture
def poor(alice: User) -> Client:
    """The browser of somebody with 100 credits."""
    ledger.grant(alice, -900, reason="for a test", actor=None)
    return factories.signed_in(alice)


def test_what_no_budget_holds_is_asked_for_by_name_and_with_a_reason(
    poor: Client, admin_client: Client
) -> None:
    form = composer(takes="2", asks="1", reason="The client waits")
    assert poor.post("/", form).status_code == 302
    assert BudgetRequest.objects.get().reason == "The client waits"
    assert "“The client waits”" in text(admin_client.get("/team/requests/"))
    assert "“The client waits”" in text(poor.get("/credits/"))
    assert "“The client waits”" in text(poor.get(f"/jobs/{Job.objects.all()[0].pk}/"))


@pytest.mark.data
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_nothing_waits_for_an_admin_without_being_asked_for(
    poor: Client, headers: dict[str, str]
) -> None:
    """The page said "Generate": what it could afford then is gone by now."""
    form = composer(takes="2", asks="0", prompt="A fox")
    answer = poor.post("/", form, headers=headers)
    assert answer.status_code == 422
    assert "These 2 takes need 120 credits, but you have 100." in errors(answer)
    assert "Ask for approval" in text(answer)
    assert b'name="asks" value="1"' in answer.content
    assert not Job.objects.exists()
    assert poor.post("/", {**form, "asks": "1"}, headers=headers).status_code < 400
    assert set(Job.objects.values_list("status", flat=True)) == {"awaiting_budget"}


@pytest.mark.data
def test_the_reason_is_not_kept_for_the_next_order(poor: Client) -> None:
    form = composer(takes="2", asks="1", reason="The client waits")
    assert b"The client waits" not in poor.post("/", form, headers=HTMX).content


def test_an_admin_decides_takes_as_one(poor: Client, admin_client: Client) -> None:
    poor.post("/", composer(takes="2", prompt="A fox"))
    page = admin_client.get("/team/requests/")
    assert text(page).count("Approve once") == 1
    assert "2 takes" in text(page)
    asked = BudgetRequest.objects.get()
    said = admin_client.post(
        "/team/requests/", {"request": asked.pk, "action": "approve"}, follow=True
    )
    assert "Approved: 120 credits are reserved, and 2 takes are on their way." in text(said)
    assert set(Job.objects.values_list("status", flat=True)) == {"queued"}


@pytest.mark.data
def test_what_fits_by_now_says_that_all_takes_start(alice: User, poor: Client) -> None:
    poor.post("/", composer(takes="2"))
    ledger.grant(alice, 20, reason="More", actor=None)
    lifecycle.notice_room()
    job = Job.objects.all()[0]
    assert "Start 2 takes for 120 credits" in text(poor.get(f"/jobs/{job.pk}/"))
    said = poor.post(f"/jobs/{job.pk}/admit/", follow=True)
    assert "Queued. 120 credits are reserved for them." in text(said)
