"""What a card says: whose its controls are, why it failed, what was decided about it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from jobs import ledger, lifecycle
from jobs.models import BudgetRequest, Job, User
from jobs.providers import PROVIDERS
from jobs.views.jobs.cards.stages import HEADLINES
from tests.support import factories
from tests.support.markup import flat
from tests.support.states import every_state
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db
NAMED = re.compile(r'<(?:a|button)\b[^>]*?aria-label="([^"]+)"')


@pytest.fixture
def states(alice: User, admin: User, settings: Any, tmp_path: Any) -> list[str]:
    """A card in every state."""
    settings.MEDIA_ROOT = tmp_path
    factories.credential(admin, "kie")
    return every_state.make(alice, admin)


def card_of(client: Client, prompt: str) -> str:
    cards = flat(client.get("/").content.decode()).split("<article")[1:]
    return next(card for card in cards if f">{prompt}</a>" in card)


def test_every_control_of_every_card_says_which_video_it_is_for(
    states: list[str], alice_client: Client
) -> None:
    cards = flat(alice_client.get("/").content.decode()).split("<article")[1:]
    assert len(cards) == len(states)
    names = [name for card in cards for name in set(NAMED.findall(card.partition("</article>")[0]))]
    assert len(names) == len(set(names)) > 2 * len(states)


def test_no_card_repeats_a_providers_codes_or_words(
    states: list[str], alice_client: Client
) -> None:
    page = text(alice_client.get("/"))
    assert "PUBLIC_ERROR" not in page
    assert "Internal Error" not in page


@pytest.mark.parametrize(
    ("provider", "code", "error", "headline", "way_on"),
    [
        ("kie", "422", every_state.POLICY, "Blocked by filter", "Change the prompt or the image."),
        ("kie", "400", "Your prompt was flagged by Website", "Blocked by filter", "Edit prompt"),
        ("kie", "400", "Only English prompts are supported", "English prompts only", "in English"),
        ("kie", "400", "Failed to fetch the image.", "Image not read", "Choose another image."),
        ("kie", "451", "kie.ai gave no reason.", "Image not read", "Choose another image."),
        ("kie", "500", "Timeout", "Provider timed out", "Try again in a while."),
        ("kie", "501", "It failed", "Provider error", "Try again, or change the prompt."),
        ("kie", "bad-request", "No such model", "Settings not accepted", "Change the settings"),
        ("veo4", "canceled", "Canceled at veo4api.net.", "Canceled by provider", "Try again"),
        ("veo4", "failed", "against the content policy", "Blocked by filter", "Change the prompt"),
    ],
)
def test_a_failure_is_told_in_three_words_and_in_full_on_its_page(
    alice: User,
    alice_client: Client,
    provider: str,
    code: str,
    error: str,
    headline: str,
    way_on: str,
) -> None:
    job = factories.job(alice, provider=provider)
    every_state.end(job, status="failed", error_code=code, error=error)
    card = text(alice_client.get("/"))
    assert headline in card
    assert way_on in card
    assert error not in card
    assert error in text(alice_client.get(f"/jobs/{job.pk}/"))


def test_no_headline_is_longer_than_three_words() -> None:
    declared = {each.cause for provider in PROVIDERS.values() for each in provider.failures}
    assert declared <= set(HEADLINES)
    assert max(len(words.split()) for words in HEADLINES.values()) == 3


def test_what_was_blocked_asks_for_another_prompt_first_and_what_failed_for_another_try(
    states: list[str], alice_client: Client
) -> None:
    blocked, failed, *_ = every_state.ENDS
    main = re.compile(r'<div class="job-foot">.*?<(?:a|button) class="btn btn-sm"[^>]*>(.*?)<sp')
    found = [main.search(card_of(alice_client, prompt)) for prompt in (blocked, failed)]
    assert [re.sub("<.*?>", "", each[1]) for each in found if each] == ["Edit prompt", "Retry"]


# ── Decisions ──────────────────────────────────────────────────────────────────
@pytest.fixture
def parked(admin: User) -> Job:
    return factories.job(factories.member("carol"), prompt="A dear idea")


def test_an_approved_video_says_by_whom_on_its_card_and_once_at_the_top(
    parked: Job, admin: User
) -> None:
    carol = factories.signed_in(parked.owner)
    assert "ada approved" not in text(carol.get("/"))
    lifecycle.approve(every_state.asked_for(parked), admin, answer="Worth it.")
    assert "ada approved A dear idea “Worth it.”" in text(carol.get("/"))
    assert "ada approved" not in text(carol.get("/"))
    assert "Approved by ada" in card_of(carol, "A dear idea")


def test_a_declined_video_says_why_on_its_card_and_once_at_the_top(
    parked: Job, admin: User, admin_client: Client
) -> None:
    lifecycle.decline(every_state.asked_for(parked), admin, answer="Next month.")
    carol = factories.signed_in(parked.owner)
    assert "ada declined A dear idea “Next month.”" in text(carol.get("/"))
    assert "ada declined A dear idea" not in text(carol.get("/"))
    assert "ada declined: Next month." in card_of(carol, "A dear idea")
    assert "ada declined A dear idea" not in text(admin_client.get("/"))


def test_a_parked_video_that_fits_by_now_starts_from_its_card(parked: Job) -> None:
    carol = factories.signed_in(parked.owner)
    assert "Try again now" in text(carol.get("/"))
    ledger.grant(parked.owner, 100, reason="for a test", actor=None)
    BudgetRequest.objects.update(fits=True)
    card = card_of(carol, "A dear idea")
    assert f'action="/jobs/{parked.pk}/admit/"' in card
    assert "Start" in card.partition('class="job-foot"')[2].partition("popover")[0]
    carol.post(f"/jobs/{parked.pk}/admit/")
    assert Job.objects.get(pk=parked.pk).status == "queued"
