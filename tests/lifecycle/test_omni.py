"""Films of kie's unified API keep every promise that Veo's keep: the same key, purse and engine."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs import ledger, lifecycle, pricing
from jobs.models import Job, LedgerEntry, Price, User
from tests.support import factories, kie
from tests.support.answers import omni
from tests.support.answers.callbacks import post
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]

CREATE, RECORD = "/api/v1/jobs/createTask", "/api/v1/jobs/recordInfo"


@pytest.fixture
def film(provider: Wire, alice: User) -> Job:
    """An Omni film of Alice's that kie.ai has taken."""
    provider.answer(json=kie.accepted(), path=CREATE)
    return sent(alice, model=omni.FLASH, duration=6)


@pytest.mark.parametrize(
    ("changes", "credits"),
    [
        ({"duration": 4}, 63),
        ({"duration": 10}, 126),
        ({"duration": 4, "resolution": "360p"}, 63),
        ({"duration": 8, "resolution": "4k"}, 189),
        ({"duration": 8, "resolution": "1080p", "model": omni.VIDEO}, 105),
    ],
)
def test_an_omni_film_costs_by_its_length_and_more_in_4k(
    alice: User, changes: dict[str, object], credits: int
) -> None:
    job = factories.job(alice, **{"model": omni.FLASH, **changes})
    assert (job.quote, held(alice)) == (credits, credits)


def test_an_omni_film_is_settled_to_what_it_consumed(
    provider: Wire, film: Job, alice: User
) -> None:
    told = omni.succeeded("https://files.example/a.mp4", creditsConsumed=70.5)
    provider.answer(json=told, path=RECORD)
    follow()
    film.refresh_from_db()
    assert (film.status, film.quote, film.charged) == ("succeeded", 84, 71)
    assert (held(alice), ledger.granted_to(alice).available) == (0, 929)
    assert ledger.audit() == []


def test_more_than_quoted_is_an_entry_of_its_own(provider: Wire, film: Job, alice: User) -> None:
    told = omni.succeeded("https://files.example/a.mp4", creditsConsumed=105)
    provider.answer(json=told, path=RECORD)
    follow()
    film.refresh_from_db()
    assert (film.charged, ledger.granted_to(alice).available) == (105, 895)
    more = LedgerEntry.objects.filter(job=film, kind="adjust")
    assert set(more.values_list("credits", flat=True)) == {-21}
    assert ledger.audit() == []


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_price_of_our_own_is_what_is_charged(
    provider: Wire, alice: User, admin: User, client: Client, is_lost: bool
) -> None:
    price = Price.objects.get(model=omni.FLASH, resolution="", duration=6)
    pricing.change(price, 20, begins=None, reason="Ours", actor=admin)
    if is_lost:
        provider.rst()
    else:
        provider.answer(json=kie.accepted(), path=CREATE)
    job = sent(alice, model=omni.FLASH, duration=6)
    if is_lost:
        post(client, kie.callback_path(provider))
    # Twice what kie has published for it.
    told = omni.succeeded("https://files.example/a.mp4", creditsConsumed=168, **omni.repeated(job))
    provider.answer(json=told, path=RECORD, always=True)
    drain_queue()
    follow()
    job.refresh_from_db()
    assert (job.status, job.quote, job.charged) == ("succeeded", 20, 40)
    assert ledger.audit() == []


def test_an_omni_film_is_finished_by_its_callback(
    provider: Wire, film: Job, client: Client
) -> None:
    told = omni.succeeded("https://files.example/a.mp4")
    assert post(client, kie.callback_path(provider), str(told).encode()).status_code == 400
    provider.answer(json=told, path=RECORD)
    assert post(client, kie.callback_path(provider)).status_code == 200
    drain_queue()
    film.refresh_from_db()
    assert film.status == "succeeded"


@pytest.mark.parametrize("seed", [0, 2**31 - 1])
def test_a_lost_omni_film_is_found_by_what_its_record_repeats(
    provider: Wire, alice: User, client: Client, seed: int
) -> None:
    provider.rst()
    job = sent(alice, model=omni.FLASH, duration=6, seed=seed)
    assert job.status == "uncertain"
    post(client, kie.callback_path(provider))
    provider.answer(json=omni.record("generating", **omni.repeated(job)), path=RECORD)
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("running", "task-1")
    assert len(provider.posts) == 1


@pytest.mark.parametrize("other", [{"seed": 8}, {"duration": 4}, {"resolution": "4k"}])
def test_a_record_of_another_order_proves_nothing(
    provider: Wire, alice: User, client: Client, other: dict[str, object]
) -> None:
    provider.rst()
    job = sent(alice, model=omni.FLASH, duration=6, seed=7)
    post(client, kie.callback_path(provider))
    for name, value in other.items():
        setattr(job, name, value)
    provider.answer(json=omni.record("generating", **omni.repeated(job)), path=RECORD)
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("uncertain", "")


def test_both_apis_of_a_provider_share_its_key_and_its_rate(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted("veo-1"), path="/api/v1/veo/generate")
    provider.answer(json=kie.accepted("omni-1"), path=CREATE)
    veo, film = sent(alice), sent(alice, model=omni.FLASH)
    assert veo.credential == film.credential
    one, other = (request.headers["authorization"] for request in provider.posts)
    assert one == other


def test_of_an_omni_film_no_larger_copy_and_no_extension_is_offered(
    provider: Wire, film: Job, alice: User
) -> None:
    provider.answer(json=omni.succeeded("https://files.example/a.mp4"), path=RECORD)
    follow()
    film.refresh_from_db()
    for kind in ("extend", "upgrade_1080p", "upgrade_4k"):
        assert "Gemini Omni 1.1 Flash" in lifecycle.refusal(film, kind, alice)


def test_what_a_model_knows_nothing_of_is_said_at_its_field(alice: User) -> None:
    order = factories.submission(model=omni.FLASH, watermark="Us")
    (problem,) = lifecycle.check(alice, order)
    assert problem.field == "watermark"
    assert "Gemini Omni 1.1 Flash adds no watermark. Remove it" in problem.message
