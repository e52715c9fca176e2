"""A film goes on: the page on which its next part is described, and what comes of it."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import ledger
from jobs.models import Job, Price, User
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import errors, text

pytestmark = pytest.mark.django_db


def extend(client: Client, job: Job, **changes: Any) -> Any:
    fields = {
        "submission_key": str(uuid4()),
        "prompt": "The fox turns round",
        "model": "veo3_fast",
        "seed": "",
        **changes,
    }
    return client.post(f"/jobs/{job.pk}/extend/", fields)


# ── Extending ──────────────────────────────────────────────────────────────────
def test_a_card_leads_to_the_extension(take: Job, alice_client: Client) -> None:
    page = flat(alice_client.get("/").content.decode())
    assert f'action="/jobs/{take.pk}/extend/"><button' in page
    assert re.search(r'aria-label="Extend \W*A fox', page)


@pytest.mark.data
def test_the_page_tells_what_comes_and_what_it_costs(take: Job, alice_client: Client) -> None:
    answer = alice_client.get(f"/jobs/{take.pk}/extend/")
    page = text(answer)
    assert "The whole film becomes a new video" in page
    for fact in ("Veo 3.1 Fast: 60 credits", "Veo 3.1 Lite: 30 credits", "Seed"):
        assert fact in page
    assert 'aria-label="Cost"' in answer.content.decode()
    assert answer.context["form"].cost == 60


def test_an_extension_is_a_job_of_its_own(take: Job, alice: User, alice_client: Client) -> None:
    answer = extend(alice_client, take, model="veo3_lite", seed="12345")
    longer = Job.objects.get(kind="extend")
    assert answer.headers["Location"] == f"/jobs/{longer.pk}/"
    assert (longer.source, longer.prompt, longer.model, longer.seed, longer.quote) == (
        *(take, "The fox turns round", "veo3_lite", 12345, 30),
    )
    assert "30 credits are reserved" in text(alice_client.get("/"))


@pytest.mark.data
def test_the_same_form_sent_twice_is_one_extension(take: Job, alice_client: Client) -> None:
    key = str(uuid4())
    targets = {extend(alice_client, take, submission_key=key).headers["Location"] for _ in "ab"}
    assert (len(targets), Job.objects.filter(kind="extend").count()) == (1, 1)


@pytest.mark.data
def test_the_same_form_with_other_words_is_asked_about(take: Job, alice_client: Client) -> None:
    key = str(uuid4())
    extend(alice_client, take, submission_key=key)
    answer = extend(alice_client, take, submission_key=key, prompt="Something else")
    assert "Your earlier version is already being made" in errors(answer)
    assert "Something else" in text(answer)
    assert answer.context["form"]["submission_key"].value() != key


@pytest.mark.data
@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"prompt": " "}, "prompt", "Describe what happens next."),
        ({"seed": "12"}, "seed", "from 10000 to 99999"),
        ({"model": "veo9"}, "model", "not one of the available choices"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_what_was_typed_stays(
    take: Job, alice_client: Client, changes: dict[str, str], field: str, sentence: str
) -> None:
    answer = extend(alice_client, take, **{"seed": "54321", **changes})
    assert answer.status_code == 422
    assert sentence in errors(answer, field)
    assert not Job.objects.filter(kind="extend").exists()
    if field != "prompt":
        assert "The fox turns round" in text(answer)


@pytest.mark.data
def test_without_credits_it_waits_with_its_words(
    take: Job, alice: User, alice_client: Client
) -> None:
    ledger.grant(alice, -940, reason="for a test", actor=None)
    extend(alice_client, take)
    waiting = Job.objects.get(kind="extend")
    assert waiting.status == "awaiting_budget"
    page = text(alice_client.get(f"/jobs/{waiting.pk}/"))
    assert "This needs 60 credits" in page
    assert "The fox turns round" in page


def test_what_cannot_be_extended_says_why(take: Job, alice: User, alice_client: Client) -> None:
    factories.finish(factories.upgrade(take, "upgrade_1080p"))
    answer = alice_client.get(f"/jobs/{take.pk}/extend/")
    assert "Upgraded to 1080p, so kie.ai can no longer extend it." in text(answer)
    assert 'name="prompt"' not in answer.content.decode()
    assert extend(alice_client, take).status_code == 422
    assert not Job.objects.filter(kind="extend").exists()


@pytest.mark.data
def test_an_extension_that_failed_is_edited_where_it_was_written(
    take: Job, alice_client: Client
) -> None:
    longer = factories.extension(take, "The fox sleeps")
    Job.objects.filter(pk=longer.pk).update(status="failed", seed=34567, seed_chosen=True)
    link = f"/jobs/{take.pk}/extend/?from={longer.pk}"
    assert link in alice_client.get("/").content.decode()
    page = alice_client.get(link)
    assert "The fox sleeps" in text(page)
    assert 'value="34567"' in page.content.decode()


def test_a_foreign_job_is_no_source_of_words(take: Job, bob: User, alice_client: Client) -> None:
    foreign = factories.job(bob, prompt="private words")
    page = alice_client.get(f"/jobs/{take.pk}/extend/?from={foreign.pk}")
    assert "private words" not in text(page)


def test_veo4_is_extended_without_a_door(alice: User, alice_client: Client) -> None:
    take = factories.succeeded(alice, provider="veo4")
    answer = alice_client.get(f"/jobs/{take.pk}/extend/")
    assert "Veo 4 preview: 180 credits" in text(answer)


def test_what_is_free_and_that_it_stays_720p_is_said_before_the_button(
    take: Job, alice_client: Client
) -> None:
    page = text(alice_client.get(f"/jobs/{take.pk}/extend/"))
    assert "940 credits are available. kie.ai can’t upgrade an extended film" in page


def test_what_cannot_be_extended_does_not_say_that_it_goes_on(
    take: Job, alice_client: Client
) -> None:
    factories.finish(factories.upgrade(take, "upgrade_1080p"))
    page = text(alice_client.get(f"/jobs/{take.pk}/extend/"))
    assert "The new part continues from the last frame" not in page


# ── The price that was shown ───────────────────────────────────────────────────
def test_a_price_that_was_not_shown_is_not_paid(take: Job, alice_client: Client) -> None:
    key = str(uuid4())
    sent = {"submission_key": key, "model": "veo3_lite"}
    answer = extend(alice_client, take, **sent, seen_cost="60")
    assert answer.status_code == 422
    assert "This costs 30 credits, not the 60 shown. Press Extend again." in errors(answer)
    assert "The fox turns round" in text(answer)
    assert not Job.objects.filter(kind="extend").exists()
    assert 'name="seen_cost" value="30"' in answer.content.decode()
    extend(alice_client, take, **sent, seen_cost="30")
    assert Job.objects.get(kind="extend").quote == 30


@pytest.mark.data
def test_what_was_ordered_already_is_shown_whatever_it_costs_by_now(
    take: Job, alice_client: Client
) -> None:
    key = str(uuid4())
    first = extend(alice_client, take, submission_key=key, seen_cost="60")
    Price.objects.filter(kind="extend", model="veo3_fast").update(credits=70)
    again = extend(alice_client, take, submission_key=key, seen_cost="60")
    assert again.headers["Location"] == first.headers["Location"]


@pytest.mark.data
def test_an_odd_price_is_no_error(take: Job, alice_client: Client) -> None:
    assert extend(alice_client, take, seen_cost="\x00x").status_code == 302
