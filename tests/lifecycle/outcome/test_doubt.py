"""An answer that nobody will ever find: an admin's statement, or once more at one's own risk."""

from __future__ import annotations

import pytest

from jobs import ledger, lifecycle
from jobs.models import AuditEvent, Job, User
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow
from tests.support.sending import held, sent
from tests.support.takes import finished, running

pytestmark = [pytest.mark.django_db, pytest.mark.data]

SAW = "The log at kie.ai lists nothing between 9 and 10"


@pytest.fixture
def uncertain(provider: Wire, alice: User) -> Job:
    """Sent twenty minutes ago; nothing was heard since."""
    provider.rst()
    job = sent(alice)
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-20 * 60))
    return job


def test_an_admins_statement_releases_the_credits_and_is_on_record(
    uncertain: Job, alice: User, admin: User
) -> None:
    assert lifecycle.may_write_off(uncertain)
    lifecycle.write_off(uncertain, admin, SAW)
    uncertain.refresh_from_db()
    assert (uncertain.status, uncertain.charged, held(alice)) == ("failed", 0, 0)
    noted = AuditEvent.objects.get(action="written off")
    assert (noted.actor, noted.job, noted.reason) == (admin, uncertain, SAW)
    assert ledger.audit() == []


def test_a_member_cannot_write_a_job_off(uncertain: Job, alice: User) -> None:
    with pytest.raises(lifecycle.NotResolved, match="admin"):
        lifecycle.write_off(uncertain, alice, SAW)
    assert held(alice) == 60


def test_a_statement_needs_a_reason(uncertain: Job, admin: User) -> None:
    with pytest.raises(lifecycle.NotResolved, match="what you saw"):
        lifecycle.write_off(uncertain, admin, "  ")


def test_nobody_states_anything_in_the_first_quarter_of_an_hour(
    provider: Wire, alice: User, admin: User
) -> None:
    provider.rst()
    job = sent(alice)
    assert not lifecycle.may_write_off(job)
    with pytest.raises(lifecycle.NotResolved, match="15 minutes"):
        lifecycle.write_off(job, admin, SAW)
    assert held(alice) == 60


def test_a_video_that_turns_up_after_the_statement_is_delivered_and_paid_for(
    provider: Wire, uncertain: Job, alice: User, admin: User
) -> None:
    lifecycle.write_off(uncertain, admin, SAW)
    factories.signed_in(alice).post(
        kie.callback_path(provider), kie.callback("late-1"), content_type="application/json"
    )
    echo = kie.echo(uncertain.prompt, uncertain.seed)
    provider.answer(json=kie.succeeded("https://files.example/a.mp4", "late-1", **echo))
    provider.answer(404, path=".mp4", always=True)
    follow()
    uncertain.refresh_from_db()
    assert (uncertain.status, uncertain.charged) == ("succeeded", 60)
    assert ledger.audit() == []


def test_sending_again_makes_a_second_job_with_a_hold_of_its_own(
    provider: Wire, uncertain: Job, alice: User
) -> None:
    again = lifecycle.resubmit(uncertain, alice)
    assert again != uncertain
    assert (again.prompt, held(alice)) == (uncertain.prompt, 120)
    assert lifecycle.resubmit(uncertain, alice) == again
    noted = AuditEvent.objects.get(action="submitted again")
    assert (noted.actor, noted.after) == (alice, f"job {again.pk}")
    assert (noted.job, noted.after_job) == (uncertain, again)


def test_both_of_a_job_that_was_sent_again_can_complete(
    provider: Wire, uncertain: Job, alice: User
) -> None:
    first_path = kie.callback_path(provider)
    again = lifecycle.resubmit(uncertain, alice)
    provider.answer(json=kie.accepted("second"), path="generate")
    drain_queue()
    factories.signed_in(alice).post(
        first_path, kie.callback("first"), content_type="application/json"
    )
    seeds = {"first": uncertain.seed, "second": again.seed}
    provider.reply(
        lambda seen: kie.succeeded(
            f"https://files.example/{seen.query['taskId']}.mp4",
            seen.query["taskId"],
            **kie.echo(again.prompt, seeds[seen.query["taskId"]]),
        ),
        path="record-info",
        always=True,
    )
    provider.answer(404, path=".mp4", always=True)
    follow()
    jobs = Job.objects.order_by("created_at")
    assert [(job.status, job.external_id, job.charged) for job in jobs] == [
        ("succeeded", "first", 60),
        ("succeeded", "second", 60),
    ]
    assert ledger.audit() == []


def test_sending_again_is_refused_where_the_budget_allows_one_hold(
    provider: Wire, uncertain: Job, alice: User, admin: User
) -> None:
    ledger.grant(alice, -900, reason="for a test", actor=admin)
    with pytest.raises(lifecycle.NotSubmitted, match="60 credits, but you have 40"):
        lifecycle.resubmit(uncertain, alice)
    assert Job.objects.count() == 1
    assert not AuditEvent.objects.filter(action="submitted again").exists()


def test_a_job_that_is_not_in_doubt_is_not_sent_again(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    with pytest.raises(lifecycle.NotSubmitted, match="no longer in doubt"):
        lifecycle.resubmit(sent(alice), alice)


def test_an_upgrade_that_kie_never_ends_can_be_written_off_once_it_is_late(
    alice: User, admin: User
) -> None:
    source = finished(alice)
    order = lifecycle.upgrade_of(source, "upgrade_1080p")
    upgrade = running(
        alice, kind=order.kind, source_id=order.source_id, resolution=order.resolution
    )
    assert not lifecycle.may_write_off(upgrade)
    Job.objects.filter(pk=upgrade.pk).update(is_late=True, sent_at=clock.after(-3600))
    page = factories.signed_in(admin).get(f"/jobs/{upgrade.pk}/").content.decode()
    assert "Write off" in page
    lifecycle.write_off(upgrade, admin, "No such order in the log")
    upgrade.refresh_from_db()
    assert (upgrade.status, upgrade.charged, held(alice)) == ("failed", 0, 0)


def test_a_late_video_cannot_be_written_off(alice: User, admin: User) -> None:
    job = running(alice)
    Job.objects.filter(pk=job.pk).update(is_late=True, sent_at=clock.after(-3600))
    with pytest.raises(lifecycle.NotResolved):
        lifecycle.write_off(job, admin, SAW)
