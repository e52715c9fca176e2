"""The composer's second button: the cheapest look at what stands in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs.models import Credential, Job, User
from tests.support.typed_forms import composer, errors, text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_the_button_says_what_makes_it_and_its_price(alice: User, alice_client: Client) -> None:
    assert "Draft 30 cr Veo 3.1 Lite, 720p" in text(alice_client.get("/"))
    Credential.objects.filter(provider="kie").delete()
    assert "Draft 180 cr Veo 4 preview, 720p" in text(alice_client.get("/"))


def test_a_press_orders_the_cheap_one_and_leaves_the_composer_as_it_was(
    alice: User, alice_client: Client
) -> None:
    chosen = composer(draft="1", seen_draft="30", model="veo3", takes="1", seed="54321")
    answer = alice_client.post("/", chosen, headers={"HX-Request": "true"})
    draft = Job.objects.get()
    assert (draft.is_draft, draft.model, draft.seed, draft.quote) == (True, "veo3_lite", 54321, 30)
    assert answer.context["form"].chosen["model"] == "veo3"


def test_several_takes_of_a_draft_are_several_drafts(alice: User, alice_client: Client) -> None:
    alice_client.post("/", composer(draft="1", seen_draft="90", takes="3"))
    assert list(Job.objects.values_list("is_draft", "quote")) == [(True, 30)] * 3


def test_another_price_than_the_buttons_is_told_first(alice: User, alice_client: Client) -> None:
    answer: Any = alice_client.post("/", composer(draft="1", seen_draft="20", seen_cost="60"))
    assert errors(answer) == (
        "This costs 30 credits, not the 20 shown. Press Draft again to order it."
    )
    assert not Job.objects.exists()


def test_where_no_model_can_make_one_it_says_so(alice: User, alice_client: Client) -> None:
    settings = {"model": "google/gemini-omni-flash-1-1", "duration": "10", "watermark": "Okafor"}
    answer: Any = alice_client.post("/", composer(draft="1", **settings))
    assert "None of your models makes a draft of this." in errors(answer)
    assert 'id="draft"' in answer.content.decode()
    assert not Job.objects.exists()


def test_what_is_wrong_with_the_order_is_said_of_a_draft_too(
    alice: User, alice_client: Client
) -> None:
    answer: Any = alice_client.post("/", composer(draft="1", mode="frames"))
    assert "Add the first frame" in errors(answer, "images")
    answer = alice_client.post("/", composer(draft="1", prompt=""))
    assert "Describe the video" in errors(answer, "prompt")
    assert not Job.objects.exists()
