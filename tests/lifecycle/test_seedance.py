"""A model without seeds, whose price is not known until an admin sets it, keeps every promise."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs import ledger, lifecycle
from jobs.models import AuditEvent, Job, Price, User
from jobs.providers.base import Echo, Snapshot, State
from tests.support import factories, kie
from tests.support.answers import omni, seedance
from tests.support.answers.callbacks import post
from tests.support.fakes import Wire
from tests.support.pages.composer_form import composer
from tests.support.running import drain_queue, follow
from tests.support.sending import held, sent
from tests.support.typed_forms import errors, text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

CREATE, RECORD = "/api/v1/jobs/createTask", "/api/v1/jobs/recordInfo"
PAGE = "/team/prices/"
NO_PRICE = "These settings have no price yet. An admin can set one under Team & credits, Prices."


def save(client: Client, rate: str, size: str = "480p", reason: str = "As kie.ai says") -> Any:
    data = {"rate_of": f"{seedance.MODEL}@{size}", "rate": rate, "reason": reason}
    return client.post(PAGE, data, follow=True)


def test_without_a_price_it_is_offered_and_cannot_be_ordered(
    alice: User, alice_client: Client
) -> None:
    page: Any = alice_client.get("/")
    assert seedance.MODEL in dict(dict(page.context["form"].fields["model"].choices)["kie.ai"])
    answer = alice_client.post("/", composer(**seedance.ORDER))
    assert NO_PRICE in errors(answer, "model")
    assert (held(alice), alice.jobs.count()) == (0, 0)


def test_an_admin_prices_all_lengths_of_a_size_at_once(
    admin: User, admin_client: Client, alice: User
) -> None:
    assert "No price yet" in text(admin_client.get(PAGE))
    assert "The prices are saved." in text(save(admin_client, "9.5"))
    assert factories.job(alice, **seedance.ORDER).quote == 48
    event = AuditEvent.objects.get(action="price changed")
    assert (event.subject, event.before, event.after, event.actor) == (
        "kie.ai, Generate, Seedance 2, 480p, 4 to 15 s",
        "no price",
        "38–143 (9.5 a second)",
        admin,
    )
    assert "already costs that" in text(save(admin_client, "9.50"))
    save(admin_client, "10")
    rows = Price.objects.filter(model=seedance.MODEL, duration=5).order_by("pk")
    assert list(rows.values_list("credits", flat=True)) == [48, 50]
    other = lifecycle.Submission(provider="kie", prompt="A lake", **seedance.ORDER)
    assert lifecycle.check(alice, other) == []


@pytest.mark.parametrize(
    ("rate", "reason", "field"),
    [("0", "Why", "rate"), ("-1", "Why", "rate"), ("nan", "Why", "rate"), ("10", "", "reason")],
)
def test_a_price_that_is_none_is_said_at_its_field_and_nothing_is_lost(
    admin_client: Client, rate: str, reason: str, field: str
) -> None:
    answer = save(admin_client, rate, reason=reason)
    assert answer.status_code == 422
    form = next(each["form"] for each in answer.context["rates"] if each["form"].is_bound)
    assert list(form.errors) == [field]
    assert form["rate"].value() == rate
    assert not Price.objects.filter(model=seedance.MODEL).exists()


def test_a_seed_of_ones_own_is_refused_where_it_stands(alice: User, alice_client: Client) -> None:
    seedance.price()
    answer = alice_client.post("/", composer(**seedance.ORDER, seed="7"))
    said = "Seedance 2 takes no seed. Remove it, or choose another model."
    assert said in errors(answer, "seed")


def test_its_seed_is_shown_nowhere(alice: User, alice_client: Client) -> None:
    seedance.price()
    job = factories.succeeded(alice, **seedance.ORDER)
    assert (job.seed, job.has_seed) == (0, False)
    page = text(alice_client.get(f"/jobs/{job.pk}/"))
    assert "Seed " not in page.replace("Seedance", "")
    assert "same seed" not in page
    again: Any = alice_client.get(f"/?from={job.pk}&seed=same")
    assert again.context["form"]["seed"].value() == ""


def test_it_is_settled_to_what_it_consumed(provider: Wire, alice: User) -> None:
    seedance.price()
    provider.answer(json=kie.accepted(), path=CREATE)
    job = sent(alice, **seedance.ORDER)
    told = omni.succeeded("https://files.example/a.mp4", creditsConsumed=47.5)
    provider.answer(json=told, path=RECORD)
    follow()
    job.refresh_from_db()
    assert (job.status, job.quote, job.charged) == ("succeeded", 48, 48)
    assert ledger.audit() == []


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [({}, True), ({"prompt": "Another"}, False), ({"duration": 6}, False), ({"seed": 3}, False)],
)
def test_a_lost_one_is_found_by_prompt_and_settings(
    provider: Wire, alice: User, client: Client, changes: dict[str, Any], is_found: bool
) -> None:
    seedance.price()
    provider.rst()
    job = sent(alice, **seedance.ORDER)
    post(client, kie.callback_path(provider))
    provider.answer(json=seedance.record("generating", job, **changes), path=RECORD)
    drain_queue()
    job.refresh_from_db()
    assert (job.status == "running", job.external_id == "task-1") == (is_found, is_found)
    assert len(provider.posts) == 1


def test_of_lost_twins_no_film_is_given_to_both(
    provider: Wire, alice: User, client: Client
) -> None:
    seedance.price()
    provider.rst()
    first = sent(alice, **seedance.ORDER)
    post(client, kie.callback_path(provider))
    provider.answer(json=seedance.record("generating", first), path=RECORD, always=True)
    drain_queue()
    provider.rst()
    second = sent(alice, **seedance.ORDER)
    told = Snapshot(State.RUNNING, echo=Echo(prompt=second.prompt, model=second.model))
    assert lifecycle.is_proof(second, "task-1", told) is False
    assert lifecycle.is_proof(second, "task-2", told) is True
    assert lifecycle.attach(second, "task-1") is False
    second.refresh_from_db()
    assert (Job.objects.filter(external_id="task-1").count(), second.status) == (1, "uncertain")
