"""Upgrades and extensions against a provider that loses answers, dawdles and charges (52-54)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import ledger, lifecycle
from jobs.models import Credential, Job, User
from jobs.practice import PracticeServer
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow
from tests.support.sending import held, sent
from tests.support.takes import finished

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

HD, UHD = "upgrade_1080p", "upgrade_4k"
Practice = Callable[..., PracticeServer]


def fresh(job: Job) -> Job:
    return Job.objects.for_cards().get(pk=job.pk)


def asked_again() -> None:
    Credential.objects.update(asks_until=None)
    follow()


def ended(server: PracticeServer, job: Job) -> Job:
    """The job once the provider is done with it and we have asked."""
    task = server.tasks[-1]
    assert server.wait_until(lambda: task.ended is not None, seconds=60)
    asked_again()
    return fresh(job)


def made(server: PracticeServer, owner: User, prompt: str) -> Job:
    """A finished video at the practice provider."""
    job = sent(owner, model="veo3_lite", duration=4, prompt=prompt)
    done = ended(server, job)
    assert done.status == "succeeded", done.error
    return done


def order(take: Job, kind: str) -> Job:
    return lifecycle.submit(take.owner, lifecycle.upgrade_of(fresh(take), kind), uuid4())


def charged(server: PracticeServer) -> Decimal:
    return sum((each.charged for each in server.practice.accounts), Decimal(0))


# ── A lost answer is asked for again, and charged once (52) ──────────────────
@pytest.mark.parametrize(
    ("kind", "name", "price", "fault"),
    [
        (UHD, "4k", 120, "accept-then-drop"),
        (UHD, "4k", 120, "accept-then-502-html"),
        (HD, "1080p", 5, "accept-then-eof"),
        (HD, "1080p", 5, "accept-then-500"),
        (HD, "1080p", 5, "cut-body"),
    ],
    ids=str,
)
def test_an_upgrade_whose_answer_was_lost_is_ordered_again_and_charged_once(
    practice: Practice, alice: User, kind: str, name: str, price: int, fault: str
) -> None:
    server = practice()
    take = made(server, alice, f"A lake [[{name}-{fault}]]")
    before = charged(server)
    job = order(take, kind)
    drain_queue()
    assert fresh(job).status == "running"
    done = ended(server, job)
    assert (done.status, done.charged, held(alice)) == ("succeeded", price, 0)
    assert charged(server) - before == price
    assert len([task for task in server.tasks if task.kind == name]) == 1
    orders = [one for one in server.requests if f"get-{name}-video" in one.path]
    assert len(orders) > 1
    assert ledger.audit() == []


def test_4k_that_is_processing_is_waited_for_and_fetched_when_it_is_done(
    practice: Practice, alice: User
) -> None:
    """Both come as 422, and mean the opposite of what 422 says elsewhere."""
    server = practice()
    take = made(server, alice, "A lake [[4k-seconds=1]]")
    job = order(take, UHD)
    drain_queue()
    asked_again()
    assert fresh(job).status == "running"
    done = ended(server, job)
    assert (done.status, done.renditions.get().resolution) == ("succeeded", "4k")
    assert done.renditions.get().is_stored


# ── 1080p that takes its time (53) ───────────────────────────────────────────
def test_1080p_that_is_not_ready_for_three_minutes_is_waited_for(
    provider: Wire, alice: User
) -> None:
    take = finished(alice, external_id="veo-1")
    job = order(take, HD)
    words = "1080P is processing. It should be ready in 1-2 minutes."
    provider.answer(json=kie.refused(400, words), path="1080p")
    drain_queue()
    for number, code in enumerate([422, 500, 400] * 3, start=1):
        Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-20 * number))
        provider.answer(json=kie.refused(code, words), path="1080p")
        asked_again()
        assert (fresh(job).status, held(alice)) == ("running", 5), code
    provider.answer(json=kie.ready_1080p(f"{provider.url}/large.mp4"), path="1080p")
    provider.answer(500, path="large.mp4", always=True)
    asked_again()
    assert (fresh(job).status, fresh(job).charged) == ("succeeded", 5)


@pytest.mark.parametrize("kind", [HD, UHD])
def test_of_a_video_by_the_fallback_model_no_larger_copy_is_paid_for(
    practice: Practice, alice: User, kind: str
) -> None:
    server = practice()
    take = made(server, alice, "A lake [[fallback]]")
    before = charged(server)
    answer = Client()
    answer.force_login(alice)
    page: Any = answer.post(
        f"/jobs/{take.pk}/upgrade/", {"kind": kind, "submission_key": str(uuid4())}, follow=True
    )
    assert "made it with its fallback model" in page.content.decode()
    assert (Job.objects.count(), held(alice), charged(server)) == (1, 0, before)


def test_a_fallback_that_only_the_provider_knows_of_costs_nothing_either(
    provider: Wire, alice: User
) -> None:
    take = finished(alice, external_id="veo-1")
    job = order(take, HD)
    words = "Videos of the fallback model cannot be upgraded"
    provider.answer(json=kie.refused(422, words), path="1080p")
    drain_queue()
    assert (fresh(job).status, fresh(job).charged, held(alice)) == ("failed", 0, 0)
    assert "fallback model" in fresh(job).error


# ── Extensions that are too late, or not yours (54) ──────────────────────────
def extension(**changes: str) -> dict[str, str]:
    form = {"prompt": "And on", "model": "veo3_fast", "submission_key": str(uuid4())}
    return {**form, **changes}


def test_what_went_through_1080p_is_not_extended_and_nothing_is_held(alice: User) -> None:
    take = finished(alice)
    larger = order(take, HD)
    browser = factories.signed_in(alice)
    answer = browser.post(f"/jobs/{take.pk}/extend/", extension())
    assert answer.status_code == 422
    assert "Upgraded to 1080p" in answer.content.decode()
    assert (set(Job.objects.all()), held(alice)) == ({take, larger}, 5)


def test_the_video_of_somebody_else_is_not_there_to_be_extended(alice: User, bob: User) -> None:
    take = finished(alice)
    browser = factories.signed_in(bob)
    for answer in (
        browser.get(f"/jobs/{take.pk}/extend/"),
        browser.post(f"/jobs/{take.pk}/extend/", extension()),
        browser.post(f"/jobs/{uuid4()}/extend/", extension()),
    ):
        assert answer.status_code == 404
    assert (Job.objects.count(), held(bob)) == (1, 0)


def test_no_form_can_name_the_video_of_somebody_else(alice: User, bob: User) -> None:
    """The source comes from the address alone, and the provider's id from our own row."""
    mine, theirs = finished(alice), finished(bob)
    form = extension(source=str(theirs.pk), source_id=str(theirs.pk), taskId=theirs.external_id)
    assert factories.signed_in(alice).post(f"/jobs/{mine.pk}/extend/", form).status_code == 302
    assert Job.objects.get(kind="extend").source == mine
