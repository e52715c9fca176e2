"""1080p and 4K: jobs of their own, which asking again resolves."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from jobs import ledger, lifecycle
from jobs.lifecycle.sending import claims
from jobs.models import Credential, Job, User
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow, purge_queue
from tests.support.takes import finished, running

pytestmark = [pytest.mark.django_db, pytest.mark.data]

HD, UHD = "upgrade_1080p", "upgrade_4k"
FILE = "https://files.example/large.mp4"


def upgrade(source: Job, kind: str = HD) -> Job:
    """The order of a larger copy, as its owner's click makes it."""
    fresh = Job.objects.get(pk=source.pk)
    return lifecycle.submit(fresh.owner, lifecycle.upgrade_of(fresh, kind), uuid4())


def now(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


@pytest.mark.parametrize(("kind", "price", "size"), [(HD, 5, "1080p"), (UHD, 120, "4k")])
def test_an_upgrade_has_a_price_and_a_hold_of_its_own(
    alice: User, kind: str, price: int, size: str
) -> None:
    source = finished(alice)
    job = upgrade(source, kind)
    assert (job.quote, job.resolution, job.source) == (price, size, source)
    assert (job.credential, job.prompt) == (source.credential, source.prompt)
    assert ledger.granted_to(alice).held == price


@pytest.mark.parametrize("ratio", ["16:9", "9:16"])
@pytest.mark.parametrize("kind", [HD, UHD])
def test_both_formats_can_be_made_larger(alice: User, kind: str, ratio: str) -> None:
    assert upgrade(finished(alice, aspect_ratio=ratio), kind).aspect_ratio == ratio


def test_1080p_is_waited_for_by_asking_again(provider: Wire, alice: User) -> None:
    job = upgrade(finished(alice, external_id="veo-1"))
    provider.answer(json=kie.not_ready_1080p(), path="1080p")
    drain_queue()
    assert (now(job).status, now(job).external_id) == ("running", "veo-1")
    provider.answer(json=kie.ready_1080p(FILE), path="1080p")
    follow()
    assert (now(job).status, now(job).charged) == ("succeeded", 5)
    assert now(job).renditions.get().resolution == "1080p"
    assert [seen.query for seen in provider.requests] == [{"taskId": "veo-1", "index": "0"}] * 2


def test_4k_that_is_done_arrives_as_an_error_code(provider: Wire, alice: User) -> None:
    job = upgrade(finished(alice, external_id="veo-1"), UHD)
    provider.answer(json=kie.accepted_4k("veo-1"), path="4k")
    drain_queue()
    provider.answer(json=kie.processing_4k("veo-1"), path="4k")
    follow()
    assert now(job).status == "running"
    provider.answer(json=kie.ready_4k("veo-1", FILE), path="4k")
    follow()
    assert (now(job).status, now(job).charged) == ("succeeded", 120)
    assert now(job).renditions.get().source_url == FILE


@pytest.mark.parametrize("kind", [HD, UHD])
def test_a_lost_answer_is_resolved_by_asking_again(provider: Wire, alice: User, kind: str) -> None:
    job = upgrade(finished(alice, external_id="veo-1"), kind)
    provider.rst()
    drain_queue()
    assert now(job).status == "running"
    answers = {HD: kie.ready_1080p(FILE), UHD: kie.ready_4k("veo-1", FILE)}
    provider.answer(json=answers[kind])
    follow()
    assert now(job).status == "succeeded"


@pytest.mark.parametrize(("kind", "price"), [(HD, 5), (UHD, 120)])
def test_one_that_was_written_off_wrongly_is_had_for_one_price_once_it_is_ordered_again(
    provider: Wire, alice: User, admin: User, kind: str, price: int
) -> None:
    source = finished(alice, external_id="veo-1")
    lost = upgrade(source, kind)
    provider.rst()
    drain_queue()
    Job.objects.filter(pk=lost.pk).update(sent_at=clock.after(-3600))
    lifecycle.write_off(now(lost), admin, "Nothing in the log")
    again = upgrade(source, kind)
    ready = {HD: kie.ready_1080p(FILE), UHD: kie.ready_4k("veo-1", FILE)}[kind]
    provider.answer(json=ready)
    drain_queue()
    provider.answer(json=ready)
    follow()
    assert (now(lost).status, now(again).status) == ("failed", "succeeded")
    assert (now(lost).charged, now(again).charged) == (0, price)


def test_an_upgrade_whose_worker_died_is_resolved_by_asking_again(
    provider: Wire, alice: User
) -> None:
    job = upgrade(finished(alice, external_id="veo-1"))
    claims.claim_job(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=clock.after(-1))
    assert lifecycle.abandon() == 1
    assert (now(job).status, now(job).external_id) == ("running", "veo-1")


def test_an_upgrade_that_ended_is_never_asked_about_again(provider: Wire, alice: User) -> None:
    job = upgrade(finished(alice), UHD)
    provider.answer(json=kie.refused(422, "record status is not success"), path="4k")
    drain_queue()
    assert (now(job).status, now(job).charged) == ("failed", 0)
    Job.objects.filter(pk=job.pk).update(check_at=clock.after(-1))
    drain_queue()  # the wire fails the test for any further request
    assert now(job).check_at is None


def test_an_upgrade_that_failed_can_be_ordered_anew(alice: User) -> None:
    source = finished(alice)
    first = upgrade(source)
    lifecycle.cancel(first, alice)
    assert upgrade(source) != first


@pytest.mark.parametrize("kind", [HD, UHD])
def test_there_is_one_upgrade_of_a_kind(alice: User, kind: str) -> None:
    source = finished(alice)
    upgrade(source, kind)
    with pytest.raises(lifecycle.NotSubmitted, match="already made or being made"):
        upgrade(source, kind)


def of_a_failed_job(alice: User, bob: User) -> Job:
    job = factories.job(alice)
    lifecycle.cancel(job, alice)
    return now(job)


def of_an_old_job(alice: User, bob: User) -> Job:
    job = finished(alice)
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-15 * 86_400))
    return job


def of_a_practice_job(alice: User, bob: User) -> Job:
    job = finished(alice)
    Job.objects.filter(pk=job.pk).update(practice=True)
    return job


def of_an_upgrade(alice: User, bob: User) -> Job:
    source = finished(alice)
    return finished(alice, kind=HD, source_id=str(source.pk), resolution="1080p")


def of_an_extended_video(alice: User, bob: User) -> Job:
    source = finished(alice)
    return finished(alice, kind="extend", source_id=str(source.pk))


def of_veo4(alice: User, bob: User) -> Job:
    return finished(alice, provider="veo4")


def while_it_is_extended(alice: User, bob: User) -> Job:
    source = finished(alice)
    lifecycle.submit(alice, lifecycle.extension_of(source, "And on", "veo3_fast"), uuid4())
    return source


@pytest.mark.parametrize(
    ("source_of", "reason"),
    [
        (of_a_failed_job, "Only a finished video"),
        (of_an_old_job, "14 days"),
        (of_a_practice_job, "other mode"),
        (of_an_upgrade, "already an upgrade"),
        (of_an_extended_video, "single takes only"),
        (of_veo4, "can’t upgrade videos"),
        (while_it_is_extended, "being extended"),
        (lambda alice, bob: finished(alice, fallback=True), "fallback model"),
        (lambda alice, bob: finished(alice, resolution="1080p"), "already made at 1080p"),
        (lambda alice, bob: finished(alice, resolution="4k"), "already made at 4K"),
        (lambda alice, bob: running(alice), "Only a finished video"),
    ],
)
def test_an_upgrade_is_refused_with_its_reason_before_money_moves(
    alice: User, bob: User, source_of: Callable[[User, User], Job], reason: str
) -> None:
    source = source_of(alice, bob)
    held = ledger.granted_to(alice).held
    with pytest.raises(lifecycle.NotSubmitted, match=reason):
        upgrade(source)
    assert (ledger.granted_to(alice).held, ledger.audit()) == (held, [])


def test_what_belongs_to_somebody_else_is_not_upgraded(alice: User, admin: User) -> None:
    source = finished(alice)
    with pytest.raises(lifecycle.NotSubmitted, match="alice’s video"):
        lifecycle.submit(admin, lifecycle.upgrade_of(source, HD), uuid4())


def test_what_may_not_be_seen_is_not_there(alice: User, bob: User) -> None:
    source = finished(alice)
    with pytest.raises(lifecycle.NotSubmitted, match="no longer available"):
        lifecycle.submit(bob, lifecycle.upgrade_of(source, HD), uuid4())


def test_an_upgrade_waits_for_the_account_its_video_lies_in(
    provider: Wire, alice: User, key: Credential
) -> None:
    source = finished(alice)
    Credential.objects.filter(pk=key.pk).update(state="rejected")
    with pytest.raises(lifecycle.NotSubmitted, match="not accepted"):
        upgrade(source)


def test_a_4k_that_kie_could_not_make_costs_nothing(provider: Wire, alice: User) -> None:
    job = upgrade(finished(alice, external_id="veo-1"), UHD)
    provider.answer(json=kie.accepted_4k("veo-1"), path="4k")
    drain_queue()
    provider.answer(json=kie.refused(501, "4K generation failed"), path="4k")
    follow()
    assert (now(job).status, now(job).charged) == ("failed", 0)


def test_the_callback_of_a_4k_makes_us_ask(provider: Wire, alice: User) -> None:
    job = upgrade(finished(alice, external_id="veo-1"), UHD)
    provider.answer(json=kie.accepted_4k("veo-4k"), path="4k")
    drain_queue()
    assert provider.posts[0].json["callBackUrl"].startswith("https://dailies.example/webhooks/kie/")
    assert now(job).external_id == "veo-4k"
    purge_queue()


def test_a_4k_that_is_refused_for_good_ends_at_once(provider: Wire, alice: User) -> None:
    job = upgrade(finished(alice), UHD)
    provider.answer(json=kie.refused(422, "Validation Error - The request failed"), path="4k")
    drain_queue()
    assert (now(job).status, now(job).charged) == ("failed", 0)


def test_a_4k_that_is_refused_after_its_first_answer_was_lost_ends_too(
    provider: Wire, alice: User
) -> None:
    job = upgrade(finished(alice), UHD)
    provider.rst()
    drain_queue()
    provider.answer(json=kie.refused(400, "Your prompt was flagged by Website"), path="4k")
    follow()
    assert (now(job).status, now(job).charged) == ("failed", 0)
