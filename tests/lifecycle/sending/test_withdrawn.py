"""A model that is offered no more: what it made stays, what waits for it fails uncharged."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import ledger, lifecycle
from jobs.models import AuditEvent, User, WithdrawnModel
from jobs.pricing import catalogue
from jobs.providers import PROVIDERS
from tests.support import factories, kie
from tests.support.answers import omni
from tests.support.fakes import Wire
from tests.support.pages.composer_form import composer
from tests.support.running import drain_queue
from tests.support.sending import held, sent
from tests.support.takes import finished
from tests.support.typed_forms import errors, text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

PAGE = "/team/prices/"
NO_LONGER = "Gemini Omni 1.1 Flash is no longer offered at kie.ai. Choose another model."


def withdraw(model: str = omni.FLASH) -> None:
    assert catalogue.withdraw("kie", model, reason="For a test", actor=None)


def save(client: Client, **fields: str) -> Any:
    return client.post(
        PAGE, {"model_name": omni.FLASH, "reason": "Too dear", **fields}, follow=True
    )


def test_an_admin_withdraws_a_model_and_offers_it_again(admin_client: Client) -> None:
    assert "Gemini Omni 1.1 Flash is withdrawn." in text(save(admin_client))
    assert WithdrawnModel.objects.get().model == omni.FLASH
    assert "Gemini Omni 1.1 Flash is offered again." in text(save(admin_client, again=""))
    assert not WithdrawnModel.objects.exists()
    noted = AuditEvent.objects.filter(action__startswith="model ").order_by("pk")
    assert [(event.after, event.reason) for event in noted] == [
        ("withdrawn", "Too dear"),
        ("offered", "Too dear"),
    ]


def test_without_a_reason_it_stays_offered(admin_client: Client) -> None:
    answer = save(admin_client, reason="")
    assert answer.status_code == 422
    assert not WithdrawnModel.objects.exists()


def test_a_withdrawn_model_is_not_in_the_composer_and_orders_of_it_say_so(
    alice: User, alice_client: Client
) -> None:
    withdraw()
    page: Any = alice_client.get("/")
    offered = dict(page.context["form"].fields["model"].choices)["kie.ai"]
    assert omni.FLASH not in dict(offered)
    answer = alice_client.post("/", composer(model=omni.FLASH))
    assert NO_LONGER in errors(answer, "model")
    assert (held(alice), alice.jobs.count()) == (0, 0)


def test_what_is_made_again_of_a_withdrawn_model_begins_with_the_nearest_one(
    alice: User, alice_client: Client
) -> None:
    job = factories.job(alice, model=omni.VIDEO, duration=10)
    withdraw(omni.VIDEO)
    page: Any = alice_client.get(f"/?from={job.pk}")
    form = page.context["form"]
    assert (form["model"].value(), form["duration"].value()) == (omni.FLASH, 10)


def test_the_usual_model_is_replaced_in_an_empty_composer(alice_client: Client) -> None:
    usual = PROVIDERS["kie"].models[0].name
    withdraw(usual)
    page: Any = alice_client.get("/")
    # Of those that can the same, the cheapest.
    assert page.context["form"]["model"].value() == "veo3_lite"


def test_what_waits_to_be_sent_fails_uncharged(provider: Wire, alice: User) -> None:
    job = factories.job(alice, model=omni.FLASH, duration=6)
    withdraw()
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.charged, job.error_code) == ("failed", 0, "withdrawn")
    assert job.error == f"{NO_LONGER} Nothing was charged."
    assert (provider.posts, held(alice), ledger.audit()) == ([], 0, [])


@pytest.mark.parametrize(
    ("code", "words"),
    [(404, "This model is no longer available"), (422, "The model veo3 is no longer available.")],
)
def test_the_providers_own_word_withdraws_a_model(
    provider: Wire, alice: User, code: int, words: str
) -> None:
    provider.answer(json=kie.refused(code, words))
    job = sent(alice)
    assert (job.status, job.charged, job.error_code) == ("failed", 0, "withdrawn")
    row = WithdrawnModel.objects.get()
    assert (row.model, row.withdrawn_by) == ("veo3_fast", None)
    waiting = factories.job(alice, model="veo3_lite")
    provider.answer(json=kie.accepted("task-2"))
    drain_queue()
    waiting.refresh_from_db()
    assert waiting.status == "running"


def test_an_admin_makes_the_providers_word_their_own(admin: User, admin_client: Client) -> None:
    withdraw()
    assert "Keep it withdrawn" in text(admin_client.get(PAGE))
    assert "Gemini Omni 1.1 Flash is withdrawn." in text(save(admin_client))
    row = WithdrawnModel.objects.get()
    assert (row.withdrawn_by, row.reason) == (admin, "Too dear")
    assert AuditEvent.objects.filter(action="model withdrawn", before="withdrawn").count() == 1
    assert "Keep it withdrawn" not in text(admin_client.get(PAGE))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (400, "The model is no longer available"),
        (422, "The image is no longer available"),
        (422, "The reference image for this model is no longer available"),
        (404, "This model is no longer available for your account plan"),
        (422, "This service is no longer available in your region"),
        (404, "Not Found - The requested resource does not exist"),
    ],
)
def test_other_words_withdraw_nothing(provider: Wire, alice: User, code: int, words: str) -> None:
    provider.answer(json=kie.refused(code, words))
    assert sent(alice).status == "failed"
    assert not WithdrawnModel.objects.exists()


def test_larger_copies_of_what_it_made_go_on(alice: User) -> None:
    source = finished(alice)
    withdraw("veo3_fast")
    longer = lifecycle.extension_of(source, "And on", "veo3_fast")
    with pytest.raises(lifecycle.NotSubmitted, match="no longer offered"):
        lifecycle.submit(alice, longer, uuid4())
    larger = lifecycle.upgrade_of(source, "upgrade_1080p")
    assert lifecycle.submit(alice, larger, uuid4()).status == "queued"


def test_an_extension_whose_video_is_gone_withdraws_nothing(provider: Wire, alice: User) -> None:
    source = finished(alice)
    job = lifecycle.submit(alice, lifecycle.extension_of(source, "On", "veo3_fast"), uuid4())
    provider.answer(json=kie.refused(404, "The model’s output is no longer available"))
    drain_queue()
    job.refresh_from_db()
    assert job.status == "failed"
    assert not WithdrawnModel.objects.exists()


def test_a_parked_order_of_it_is_not_approved(alice: User, admin: User) -> None:
    parked = [factories.job(alice, model="veo3", prompt=str(number)) for number in range(5)][-1]
    withdraw("veo3")
    assert parked.budget_request
    with pytest.raises(lifecycle.NotSubmitted, match="no longer offered"):
        lifecycle.approve(parked.budget_request, admin, answer="")
    parked.refresh_from_db()
    assert parked.status == "awaiting_budget"


def test_its_videos_stay_readable(alice: User, alice_client: Client) -> None:
    job = finished(alice)
    withdraw("veo3_fast")
    for path in ("/", f"/jobs/{job.pk}/", "/library/?model=veo3_fast"):
        answer = alice_client.get(path)
        assert answer.status_code == 200
        assert "Veo 3.1 Fast" in text(answer)
