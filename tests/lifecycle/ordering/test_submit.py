"""From the form to the queue: the price is held, and one click is one job."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from jobs import ledger, lifecycle
from jobs.models import BudgetRequest, Credential, Job, LedgerEntry, Price, Project, User
from jobs.times import clock
from tests.support import factories
from tests.support.running import drain_queue
from tests.support.takes import finished

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_a_submission_holds_its_price(alice: User) -> None:
    job = factories.job(alice)
    assert (job.status, job.quote, ledger.granted_to(alice).held) == ("queued", 60, 60)
    assert ledger.granted_to(alice).available == 940


def test_its_history_starts_with_the_hold(alice: User) -> None:
    event = factories.job(alice).events.get()
    assert (event.after, event.text, event.actor) == ("queued", "60 credits reserved", alice)


def test_the_same_click_is_the_same_job(alice: User) -> None:
    key = uuid4()
    first = lifecycle.submit(alice, factories.submission(), key)
    assert lifecycle.submit(alice, factories.submission(), key) == first
    assert LedgerEntry.objects.of_people().filter(kind="hold").count() == 1


def test_an_old_form_sent_again_after_success_is_the_same_job(alice: User) -> None:
    key = uuid4()
    job = lifecycle.submit(alice, factories.submission(), key)
    Job.objects.filter(pk=job.pk).update(status="succeeded")
    assert lifecycle.submit(alice, factories.submission(), key).pk == job.pk


def test_the_same_key_with_another_prompt_is_refused(alice: User) -> None:
    key = uuid4()
    lifecycle.submit(alice, factories.submission(), key)
    with pytest.raises(lifecycle.SubmissionKeyReused):
        lifecycle.submit(alice, factories.submission(prompt="Something else"), key)


def test_two_people_may_have_the_same_key(alice: User, bob: User) -> None:
    key = uuid4()
    first = lifecycle.submit(alice, factories.submission(), key)
    assert lifecycle.submit(bob, factories.submission(), key) != first


def test_too_dear_a_job_is_parked_and_asked_for(alice: User) -> None:
    ledger.grant(alice, -950, reason="for a test", actor=None)
    job = factories.job(alice)
    assert (job.status, job.error) == (
        "awaiting_budget",
        "This needs 60 credits, but you have 50.",
    )
    request = BudgetRequest.objects.get(job=job)
    assert (request.state, request.credits, request.requester) == ("open", 60, alice)
    assert not LedgerEntry.objects.of_people().filter(kind="hold").exists()
    assert drain_queue() == 0


def test_work_without_a_price_is_not_taken(alice: User) -> None:
    Price.objects.filter(provider="kie", model="veo3_fast").delete()
    with pytest.raises(lifecycle.NotSubmitted, match="no price"):
        factories.job(alice)


def test_nobody_submits_without_a_key(alice: User) -> None:
    Credential.objects.all().delete()
    with pytest.raises(lifecycle.NotSubmitted, match="no key"):
        factories.job(alice)


def test_a_rejected_key_takes_no_submission(alice: User, key: Credential) -> None:
    Credential.objects.filter(pk=key.pk).update(state="rejected")
    with pytest.raises(lifecycle.NotSubmitted, match="not accepted"):
        factories.job(alice)


def test_the_teams_key_serves_who_has_none(alice: User) -> None:
    Credential.objects.all().delete()
    team = factories.credential(None, "kie")
    assert factories.job(alice).credential == team


def test_ones_own_key_comes_before_the_teams(alice: User, key: Credential) -> None:
    factories.credential(None, "kie")
    assert factories.job(alice).credential == key


def test_a_practice_key_is_not_used_for_real_work(alice: User) -> None:
    Credential.objects.update(practice=True)
    with pytest.raises(lifecycle.NotSubmitted, match="no key"):
        factories.job(alice)


def test_a_full_disk_takes_no_submission(alice: User, settings: Any) -> None:
    settings.MEDIA_FREE_BYTES_MIN = 10**18
    with pytest.raises(lifecycle.NotSubmitted, match="disk space"):
        factories.job(alice)


def test_a_seed_of_ours_tags_a_job_without_one(alice: User) -> None:
    job = factories.job(alice)
    assert 10_000 <= job.seed <= 99_999
    assert not job.seed_chosen


def test_the_price_follows_the_settings(alice: User) -> None:
    assert factories.job(alice, model="veo3_lite", resolution="4k").quote == 150
    assert factories.job(alice, model="veo3", resolution="4k").quote == 380
    assert factories.job(alice, provider="veo4").quote == 180


def test_an_edited_price_holds_for_new_jobs_only(alice: User) -> None:
    old = factories.job(alice)
    Price.objects.filter(model="veo3_fast", kind="generate", resolution="720p").update(credits=75)
    assert (old.quote, factories.job(alice).quote) == (60, 75)


def test_a_job_is_filed_under_its_project(alice: User) -> None:
    project = Project.objects.create(name="Launch film")
    assert factories.job(alice, project_id=project.pk).project == project


def test_canceling_in_time_frees_the_hold_and_sends_nothing(alice: User) -> None:
    job = factories.job(alice)
    assert lifecycle.cancel(job, alice)
    drain_queue()
    job.refresh_from_db()
    purse = ledger.granted_to(alice)
    assert (job.status, purse.held, purse.balance) == ("canceled", 0, 1000)


def test_canceling_too_late_changes_nothing(alice: User) -> None:
    job = factories.job(alice)
    Job.objects.filter(pk=job.pk).update(
        status="submitting", callback_hash="x", lease_until=clock.after(60)
    )
    assert not lifecycle.cancel(job, alice)
    assert not LedgerEntry.objects.of_people().filter(kind="release").exists()


def test_retry_makes_a_new_job_with_the_same_parameters(alice: User) -> None:
    job = factories.job(alice, prompt="Again, please", seed=23456)
    lifecycle.cancel(job, alice)
    job.refresh_from_db()
    again = lifecycle.retry(job, alice)
    assert again.pk != job.pk
    assert (again.prompt, again.seed, again.status) == ("Again, please", 23456, "queued")


def test_retry_clicked_twice_makes_one_job(alice: User) -> None:
    job = factories.job(alice)
    lifecycle.cancel(job, alice)
    job.refresh_from_db()
    assert lifecycle.retry(job, alice) == lifecycle.retry(job, alice)


def test_a_running_job_is_not_retried(alice: User) -> None:
    with pytest.raises(lifecycle.NotSubmitted):
        lifecycle.retry(factories.job(alice), alice)


@pytest.mark.parametrize("duration", [4, 6, 8])
def test_a_price_holds_for_every_length(alice: User, duration: int) -> None:
    assert factories.job(alice, duration=duration).quote == 60


def test_an_extension_is_expected_to_take_minutes(alice: User) -> None:
    source = finished(alice)
    order = lifecycle.extension_of(source, "And on", "veo3_fast")
    assert lifecycle.submit(alice, order, uuid4()).usual_seconds == 360
