"""What is learned of a job afterwards, in any order, any number of times."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest

from jobs import ledger, lifecycle
from jobs.lifecycle.outcome.cadence import first_check_seconds, next_check_seconds
from jobs.lifecycle.outcome.charges import charge_for
from jobs.models import Credential, Job, LedgerEntry, User
from jobs.providers import PROVIDERS
from jobs.providers.base import Echo, Result, Snapshot, State
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import follow
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]

SUCCESS = Snapshot(State.SUCCEEDED, results=(Result("https://x.aiquickdraw.com/a.mp4", "720p"),))
FAILURE = Snapshot(State.FAILED, error_code="501", error="The model could not do it.")


@pytest.fixture
def job(provider: Wire, alice: User) -> Job:
    """A running job of Alice's."""
    provider.answer(json=kie.accepted())
    return sent(alice)


def spent(owner: User) -> int:
    return 1000 - ledger.granted_to(owner).balance


def test_success_settles_the_quote_and_has_the_file_fetched(job: Job, alice: User) -> None:
    lifecycle.observe(job.pk, SUCCESS)
    job.refresh_from_db()
    assert (job.status, job.charged, spent(alice), held(alice)) == ("succeeded", 60, 60, 0)
    assert job.renditions.get().source_url == "https://x.aiquickdraw.com/a.mp4"


def test_failure_frees_the_hold_and_gives_the_reason(job: Job, alice: User) -> None:
    lifecycle.observe(job.pk, FAILURE)
    job.refresh_from_db()
    assert (job.status, job.charged, spent(alice), held(alice)) == ("failed", 0, 0, 0)
    assert job.error == "The model could not do it."


def test_the_same_news_twice_changes_nothing(job: Job, alice: User) -> None:
    lifecycle.observe(job.pk, SUCCESS)
    lifecycle.observe(job.pk, SUCCESS)
    assert (spent(alice), job.renditions.count(), job.entries.of_people().count()) == (60, 1, 2)


@pytest.mark.parametrize("order", [(SUCCESS, FAILURE), (FAILURE, SUCCESS)])
def test_in_any_order_a_video_that_exists_is_delivered_and_paid_once(
    job: Job, alice: User, order: tuple[Snapshot, ...]
) -> None:
    for news in order:
        lifecycle.observe(job.pk, news)
    job.refresh_from_db()
    assert (job.status, spent(alice), held(alice)) == ("succeeded", 60, 0)
    assert ledger.audit() == []


def test_success_without_a_file_is_no_success(job: Job) -> None:
    lifecycle.observe(job.pk, Snapshot(State.SUCCEEDED))
    job.refresh_from_db()
    assert job.status == "running"


@pytest.mark.parametrize("urls", [None, [], "", ["ftp://x/a.mp4"], ["javascript:alert(1)"], 7])
def test_a_success_flag_without_a_usable_link_ends_nothing(
    provider: Wire, job: Job, urls: Any
) -> None:
    provider.answer(json=kie.record(1, response={"resultUrls": urls}))
    follow()
    job.refresh_from_db()
    assert job.status == "running"


@pytest.mark.parametrize("urls", [["{}"], '["{}"]', "[{}]"])
def test_links_come_as_a_list_or_as_text(provider: Wire, job: Job, urls: Any) -> None:
    link = f"{provider.url}/a.mp4"
    shaped = [link] if isinstance(urls, list) else urls.format(link)
    provider.answer(json=kie.record(1, response={"resultUrls": shaped}))
    provider.answer(404, path="a.mp4", always=True)
    provider.answer(json=kie.refused(422), path="download-url", always=True)
    provider.answer(json=kie.record(1, response={"resultUrls": shaped}))
    follow()
    assert job.renditions.get().source_url == link


@pytest.mark.parametrize("flag", [0, 7, "unknown", None])
def test_unknown_words_never_end_a_job(provider: Wire, job: Job, alice: User, flag: Any) -> None:
    provider.answer(json=kie.record(flag, response=None))
    follow()
    job.refresh_from_db()
    assert (job.status, held(alice)) == ("running", 60)


def test_an_answer_that_cannot_be_read_is_noted(
    provider: Wire, job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    provider.answer(json=kie.record(7, response=None))
    with caplog.at_level(logging.WARNING):
        follow()
    assert str(job.pk) in caplog.text


@pytest.mark.parametrize("code", [501, 400])
def test_a_policy_rejection_fails_with_its_reason(provider: Wire, job: Job, code: int) -> None:
    reason = "Your prompt was flagged by <b>Website</b> as violating content policies."
    provider.answer(json=kie.record(2, response=None, errorCode=code, errorMessage=reason))
    follow()
    job.refresh_from_db()
    assert job.status == "failed"
    assert "flagged by" in job.error


@pytest.mark.parametrize(
    "missing", [kie.refused(422, "record is null"), {"code": 200, "msg": "success", "data": None}]
)
def test_a_record_that_is_not_there_yet_is_waited_for(
    provider: Wire, job: Job, missing: kie.Answer
) -> None:
    for _ in range(4):
        provider.answer(json=missing)
        follow()
    job.refresh_from_db()
    assert job.status == "running"


def test_a_record_that_stays_away_is_a_lost_job(provider: Wire, job: Job, alice: User) -> None:
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-200))
    for _ in range(3):
        provider.answer(json=kie.refused(422, "record is null"))
        follow()
    job.refresh_from_db()
    assert (job.status, job.is_unverified, spent(alice), held(alice)) == ("lost", True, 60, 0)


def test_one_found_record_starts_the_count_anew(provider: Wire, job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-200))
    for answer in [kie.refused(422, "record is null")] * 2 + [kie.running()] * 1:
        provider.answer(json=answer)
        follow()
    provider.answer(json=kie.refused(422, "record is null"))
    follow()
    job.refresh_from_db()
    assert (job.status, job.missing_count) == ("running", 1)


def test_a_lost_job_that_turns_up_is_delivered_without_paying_again(job: Job, alice: User) -> None:
    lifecycle.lose(job, "gone")
    lifecycle.observe(job.pk, SUCCESS)
    job.refresh_from_db()
    assert (job.status, spent(alice), job.is_unverified) == ("succeeded", 60, False)
    assert not LedgerEntry.objects.of_people().filter(kind="reversal").exists()


def test_after_fourteen_days_a_running_job_is_lost(provider: Wire, job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-15 * 24 * 3600))
    provider.answer(json=kie.running())
    follow()
    job.refresh_from_db()
    assert job.status == "lost"


def test_a_job_that_takes_far_too_long_is_flagged_and_goes_on(
    provider: Wire, job: Job, alice: User
) -> None:
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-3600))
    provider.answer(json=kie.running())
    follow()
    job.refresh_from_db()
    assert (job.status, job.is_late, held(alice)) == ("running", True, 60)


def test_transient_errors_end_nothing(provider: Wire, job: Job) -> None:
    for script in ({"status": 429}, {"status": 500}, {"json": kie.refused(455)}):
        provider.answer(**script, always=True)
        follow()
        provider._scripts.clear()
    job.refresh_from_db()
    assert job.status == "running"


def test_a_key_rejected_midway_pauses_the_key_and_not_the_job(
    provider: Wire, job: Job, key: Credential, alice: User
) -> None:
    provider.answer(json=kie.refused(401), always=True)
    follow()
    key.refresh_from_db()
    job.refresh_from_db()
    assert (job.status, key.state, held(alice)) == ("running", "rejected", 60)
    provider._scripts.clear()
    provider.answer(json=kie.failed())
    Credential.objects.filter(pk=key.pk).update(state="ready")
    follow()
    job.refresh_from_db()
    assert job.status == "failed"


def test_veo4_tells_its_progress_and_its_charge(provider: Wire, alice: User) -> None:
    provider.answer(json={"task_id": "v1", "status": "queued", "credits_estimated": 180})
    job = sent(alice, provider="veo4")
    provider.answer(json={"task_id": "v1", "status": "processing", "progress": 40})
    follow()
    job.refresh_from_db()
    assert job.progress == 40


def test_more_than_quoted_is_paid_and_flagged(job: Job, alice: User) -> None:
    dear = Snapshot(State.SUCCEEDED, SUCCESS.results, provider_credits=Decimal(80))
    lifecycle.observe(job.pk, dear)
    overrun = job.entries.of_people().get(kind="adjust")
    assert (spent(alice), overrun.credits) == (80, -20)
    assert "20 more than quoted" in overrun.reason


def test_less_than_quoted_is_paid(job: Job, alice: User) -> None:
    cheap = Snapshot(State.SUCCEEDED, SUCCESS.results, provider_credits=Decimal(0))
    lifecycle.observe(job.pk, cheap)
    assert (spent(alice), held(alice)) == (0, 0)
    assert ledger.audit() == []


def test_a_charge_counts_relative_to_the_providers_own_estimate(job: Job) -> None:
    job.provider_credits_estimated = Decimal(120)
    assert charge_for(job, Decimal(240)) == 120


def test_news_of_a_deleted_job_is_no_error(alice: User) -> None:
    lifecycle.observe(factories.job(alice).pk, SUCCESS)


@pytest.mark.parametrize(("kind", "seconds"), [("upgrade_1080p", 20), ("upgrade_4k", 30)])
def test_an_upgrade_is_asked_for_as_rarely_as_kie_wants(
    settings: Any, kind: str, seconds: int
) -> None:
    settings.POLL_SECONDS_MIN = 5
    pace = PROVIDERS["kie"].pace("veo3_fast", kind)
    assert first_check_seconds(pace) == seconds
    assert min(next_check_seconds(age, usual=300, pace=pace) for age in range(300)) >= seconds


def test_the_questions_get_rarer_with_age(settings: Any) -> None:
    settings.POLL_SECONDS_MIN = 5
    pauses = [next_check_seconds(age, usual=120) for age in (0, 60, 240, 3600, 90_000)]
    assert pauses == sorted(pauses)
    assert 5 <= pauses[0] <= 6


def test_no_question_comes_sooner_than_the_minimum(settings: Any) -> None:
    settings.POLL_SECONDS_MIN = 5
    assert min(next_check_seconds(age, usual=120) for age in range(0, 400, 7)) >= 5


def test_a_poll_sets_the_next_one(provider: Wire, job: Job, settings: Any) -> None:
    settings.POLL_SECONDS_MIN = 5
    provider.answer(json=kie.running())
    follow()
    soon = Job.objects.filter(pk=job.pk, check_at__lt=clock.after(7))
    assert soon.filter(check_at__gt=clock.after(4)).exists()


class TestProof:
    """Whether an id that somebody names is this job's: the provider must show it."""

    def test_our_callback_address_proves_it(self, provider: Wire, job: Job) -> None:
        url = provider.posts[0].json["callBackUrl"]
        assert lifecycle.is_proof(
            job, "other", Snapshot(State.RUNNING, echo=Echo(callback_url=url))
        )

    def test_another_jobs_callback_address_disproves_it(self, job: Job) -> None:
        foreign = "https://dailies.example/webhooks/kie/AAAAAAAAAAAAAAAA/"
        echo = Echo(prompt=job.prompt, seed=job.seed, callback_url=foreign)
        assert not lifecycle.is_proof(job, "other", Snapshot(State.RUNNING, echo=echo))

    def test_prompt_and_seed_together_prove_it(self, job: Job) -> None:
        echo = Echo(prompt=job.prompt, seed=job.seed)
        assert lifecycle.is_proof(job, "other", Snapshot(State.RUNNING, echo=echo))

    @pytest.mark.parametrize("change", [{"prompt": "Another"}, {"seed": 11111}, {"seed": None}])
    def test_one_of_them_is_not_enough(self, job: Job, change: dict[str, Any]) -> None:
        Job.objects.filter(pk=job.pk).update(seed=22222)
        job.refresh_from_db()
        echo = Echo(**{"prompt": job.prompt, "seed": job.seed, **change})
        assert not lifecycle.is_proof(job, "other", Snapshot(State.RUNNING, echo=echo))

    def test_an_id_in_use_proves_nothing(self, provider: Wire, job: Job, alice: User) -> None:
        provider.answer(json=kie.accepted("task-2"))
        other = sent(alice)
        echo = Echo(prompt=job.prompt, seed=job.seed)
        assert not lifecycle.is_proof(job, other.external_id, Snapshot(State.RUNNING, echo=echo))

    def test_an_unknown_id_proves_nothing(self, job: Job) -> None:
        assert not lifecycle.is_proof(job, "other", Snapshot(State.MISSING))
