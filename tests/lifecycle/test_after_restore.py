"""What becomes of what a restored database would have sent: nothing by itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as conf
from django.test import Client
from django_q.models import OrmQ

from jobs import batches, follower, ledger, lifecycle
from jobs.machine import spool
from jobs.models import Batch, Job, JobEvent, Life, Mailing, Notice, User
from jobs.readiness import restored
from jobs.times import clock
from tests.support import factories, kie, takes
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow
from tests.support.states.tables import confirmed
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def restore() -> Life:
    life = restored.begin_anew("It was restored by a test.")
    assert life is not None
    return life


@pytest.fixture
def doubtful(provider: Wire, alice: User) -> Job:
    """What stood in the queue of a backup that was restored."""
    job = factories.job(alice, prompt="A fox in the snow")
    assert restore().doubted == 1
    job.refresh_from_db()
    return job


def test_it_needs_a_look_keeps_its_hold_and_is_sent_by_nobody(
    doubtful: Job, provider: Wire, alice: User
) -> None:
    for _ in range(3):
        follow()
        lifecycle.start(doubtful.pk)
    doubtful.refresh_from_db()
    assert (doubtful.status, provider.posts) == ("uncertain", [])
    assert ledger.granted_to(alice).held == 60
    assert "The database was restored" in JobEvent.objects.filter(job=doubtful).latest("pk").text
    assert Notice.objects.filter(person=alice, kind=Notice.Kind.LOOK).count() == 1
    assert ledger.audit() == []


def test_an_id_from_the_providers_log_is_attached_though_its_address_is_unknown(
    doubtful: Job, provider: Wire, alice: User
) -> None:
    address = "https://dailies.example/webhooks/kie/" + "x" * 43 + "/"
    echo = kie.echo(doubtful.prompt, doubtful.seed, address)
    provider.answer(json=kie.running("found", **echo))
    lifecycle.resolve(doubtful, "found", alice)
    doubtful.refresh_from_db()
    assert (doubtful.status, doubtful.external_id) == ("running", "found")


def test_the_id_of_other_work_is_still_refused(doubtful: Job, provider: Wire, alice: User) -> None:
    provider.answer(json=kie.running("other", **kie.echo("Something else", doubtful.seed)))
    with pytest.raises(lifecycle.NotResolved, match="belongs to another video"):
        lifecycle.resolve(doubtful, "other", alice)


def test_an_id_that_waits_on_the_disk_brings_it_back(doubtful: Job) -> None:
    spool.write(str(doubtful.pk), "from-the-spool", None)
    follower.sweep()
    doubtful.refresh_from_db()
    assert (doubtful.status, doubtful.external_id) == ("running", "from-the-spool")


def test_an_admin_writes_it_off_a_quarter_of_an_hour_later(
    doubtful: Job, admin: User, alice: User
) -> None:
    assert not lifecycle.may_write_off(doubtful)
    Job.objects.update(sent_at=clock.after(-16 * 60))
    lifecycle.write_off(doubtful, admin, "The log at kie.ai does not list it")
    assert ledger.granted_to(alice).held == 0


def test_a_person_sends_it_again_at_their_own_risk(
    doubtful: Job, provider: Wire, alice: User
) -> None:
    again = lifecycle.resubmit(doubtful, alice)
    factories.forget_rates()
    provider.answer(json=kie.accepted("second"))
    drain_queue()
    again.refresh_from_db()
    assert again.external_id == "second"


def test_what_the_provider_has_is_followed_as_before(provider: Wire, alice: User) -> None:
    job = takes.running(alice, "taken")
    assert restore().doubted == 0
    provider.answer(json=kie.running("taken"))
    follow()
    job.refresh_from_db()
    assert (job.status, provider.posts) == ("running", [])


def test_a_larger_copy_is_asked_for_once_more_which_costs_nothing(
    provider: Wire, alice: User
) -> None:
    copy = factories.upgrade(takes.finished(alice))
    assert restore().doubted == 0
    copy.refresh_from_db()
    assert (copy.status, copy.is_confirmed) == ("running", False)
    assert ledger.audit() == []


def test_a_table_that_was_being_ordered_is_stopped(alice: User) -> None:
    batch = confirmed(alice, "A heron", "A crane", choice="fitting")
    restore()
    Batch.objects.update(wake_at=clock.after(-1))
    batches.wake()
    drain_queue()
    batch.refresh_from_db()
    assert batch.state == "ordered"
    assert all("The database was restored" in row.error for row in batch.rows.all())
    assert not Job.objects.exists()


def test_wake_ups_and_mails_of_before_go_nowhere(alice: User, settings: Any) -> None:
    settings.HAS_MAIL = True
    factories.job(alice)
    mailing = Mailing.objects.create(person=alice)
    restore()
    mailing.refresh_from_db()
    assert mailing.state == "failed"
    if conf.Q_BROKER == "orm":
        assert not OrmQ.objects.exists()


def test_what_was_moved_to_another_machine_goes_on(provider: Wire, alice: User) -> None:
    job = factories.job(alice)
    restored.begin_anew("It was restored by a test.", moved=True)
    provider.answer(json=kie.accepted())
    follow()
    job.refresh_from_db()
    assert job.status == "running"


# ── What admins read ─────────────────────────────────────────────────────────
def page(client: Client) -> str:
    return text(client.get("/team/requests/"))


def test_admins_read_that_it_was_restored_and_what_to_do(
    doubtful: Job, admin_client: Client, admin: User
) -> None:
    read = page(admin_client)
    assert "Restored from a backup" in read
    assert "1 video was waiting to be sent then" in read
    assert "1 still needs a look" in read
    assert "attach its ID" in read
    audit = text(admin_client.get("/team/audit/"))
    assert "database restored" in audit.lower()
    assert "1 video needs a look" in audit
    Job.objects.update(sent_at=clock.after(-16 * 60))
    lifecycle.write_off(doubtful, admin, "Not in the log")
    assert "None of them needs a look any more" in page(admin_client)
    Life.objects.update(began_at=clock.after(-15 * 24 * 3600))
    assert "Restored from a backup" not in page(admin_client)


def test_where_nothing_waited_no_text_counts_videos(
    db: None, admin_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    restore()
    assert "Nothing was waiting to be sent, see Team, To do" in caplog.text
    audit = text(admin_client.get("/team/audit/"))
    assert "Nothing was waiting to be sent" in audit
    assert not re.search(r"\b0 videos", caplog.text + audit + page(admin_client))


def test_a_request_of_before_is_marked_since_it_may_have_been_approved(
    alice: User, admin_client: Client
) -> None:
    parked = factories.job(alice, prompt="Dear", model="veo3", resolution="4k")
    for _ in range(4):
        parked = factories.job(alice, prompt="Dear", model="veo3", resolution="4k")
    assert parked.status == "awaiting_budget"
    assert "it may have been approved" not in page(admin_client)
    restore()
    parked.refresh_from_db()
    assert parked.status == "awaiting_budget"
    assert "it may have been approved" in page(admin_client)
