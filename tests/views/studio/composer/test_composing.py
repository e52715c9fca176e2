"""The composer's parts: what is rarely used, models before providers, seeds, and the slim bar."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs.models import Credential, Job, User
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import composer, errors, text

pytestmark = pytest.mark.django_db


def has_more_open(answer: Any) -> bool:
    content = flat(answer.content.decode())
    assert 'id="more"' in content
    return 'id="more" open' in content


# ── What is rarely used ──────────────────────────────────────────────────────
def test_what_is_rarely_used_is_folded_while_nothing_of_it_is_set(alice_client: Client) -> None:
    assert not has_more_open(alice_client.get("/"))


@pytest.mark.parametrize("change", [{"seed": "12345"}, {"watermark": "ACME"}, {"translate": None}])
def test_what_is_set_of_it_is_seen(alice_client: Client, change: dict[str, Any]) -> None:
    assert has_more_open(alice_client.post("/", composer(prompt="", **change)))


def test_what_is_wrong_with_it_is_seen(alice_client: Client) -> None:
    assert has_more_open(alice_client.post("/", composer(watermark="x" * 81)))


# ── Models ───────────────────────────────────────────────────────────────────
def test_a_model_is_chosen_and_brings_its_provider(alice_client: Client) -> None:
    alice_client.post("/", composer(model="veo-4"))
    assert Job.objects.get().provider == "veo4"


def test_models_stand_under_their_providers_and_those_without_a_key_say_so(
    alice_client: Client,
) -> None:
    Credential.objects.filter(provider="veo4").delete()
    page = flat(alice_client.get("/").content.decode())
    assert '<optgroup label="kie.ai">' in page
    assert '<optgroup label="veo4api.net (no key yet)">' in page
    assert "Made by kie.ai." in text(alice_client.get("/"))


def test_a_model_without_a_key_is_told_at_the_model(alice_client: Client) -> None:
    Credential.objects.filter(provider="veo4").delete()
    answer = alice_client.post("/", composer(model="veo-4"))
    assert "You have no key for this provider yet." in errors(answer, "model")


# ── Reuse ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("chosen", "query", "seed"),
    [
        (None, "", ""),
        (None, "&seed=same", 23456),
        (23456, "", 23456),
        (23456, "&seed=new", ""),
        (23456, "&seed=odd", 23456),
    ],
)
def test_settings_are_reused_with_the_same_seed_or_a_new_one(
    alice: User, alice_client: Client, chosen: int | None, query: str, seed: int | str
) -> None:
    job = factories.job(alice, prompt="A fox", seed=chosen)
    Job.objects.filter(pk=job.pk).update(seed=23456)
    answer: Any = alice_client.get(f"/?from={job.pk}{query}")
    form = answer.context["form"]
    assert (form["prompt"].value(), form["seed"].value()) == ("A fox", seed)
    assert "Same seed 23456" in text(answer)
    assert has_more_open(answer) == bool(seed)


def test_a_card_offers_both(alice: User, alice_client: Client) -> None:
    job = factories.job(alice)
    page = flat(alice_client.get("/").content.decode())
    assert f'href="/?from={job.pk}&amp;seed=same"' in page
    assert f'href="/?from={job.pk}&amp;seed=new"' in page


# ── The slim bar ─────────────────────────────────────────────────────────────
def test_on_later_pages_the_composer_is_a_line_that_leads_to_the_first(
    alice: User, alice_client: Client
) -> None:
    first = flat(alice_client.get("/?scope=me").content.decode())
    later = flat(alice_client.get("/?scope=me&after=1-1").content.decode())
    assert '<div class="desk" id="desk">' in first
    assert 'id="slim" hidden' in first
    assert 'id="desk" hidden' in later
    assert 'href="/?scope=me#composer"' in later
