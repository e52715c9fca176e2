"""A job whose answer was lost: the three ways out, each with its warning."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs import ledger
from jobs.models import AuditEvent, Budget, Job, User
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.sending import sent
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db

REASON = {"reason": "The provider's log shows nothing"}


@pytest.fixture
def lost(provider: Wire, alice: User) -> Job:
    """A job of Alice's whose answer was lost just now."""
    provider.rst()
    job = sent(alice, prompt="A fox", seed=23456)
    assert job.status == "uncertain"
    return job


@pytest.fixture
def old(lost: Job) -> Job:
    """The same, 20 minutes later."""
    factories.age(lost, minutes=20)
    return lost


def resubmit(client: Client, job: Job, risk: str = "on") -> Any:
    return client.post(f"/jobs/{job.pk}/resubmit/", {"risk": risk}, follow=True)


def write_off(client: Client, job: Job, data: dict[str, str] = REASON) -> Any:
    return client.post(f"/jobs/{job.pk}/write-off/", data, follow=True)


# ── What the page says ───────────────────────────────────────────────────────
def test_its_owner_reads_what_can_be_done_and_what_it_risks(
    lost: Job, alice_client: Client
) -> None:
    page = text(alice_client.get(f"/jobs/{lost.pk}/"))
    assert "We don’t know whether kie.ai accepted this video" in page
    assert "Its 60 credits stay reserved" in page
    assert "reserves 60 more credits" in page
    assert "I understand that it may be charged twice" in page
    assert "Write off" not in page


def test_only_an_admin_may_write_off_and_only_after_a_while(
    lost: Job, admin_client: Client
) -> None:
    path = f"/jobs/{lost.pk}/"
    assert "15 minutes after it was sent" in text(admin_client.get(path))
    factories.age(lost, minutes=20)
    assert "Only after checking" in text(admin_client.get(path))


def test_a_job_without_doubts_has_no_such_ways(alice: User, alice_client: Client) -> None:
    job = factories.succeeded(alice)
    assert "What you can do" not in text(alice_client.get(f"/jobs/{job.pk}/"))


# ── The provider's id ────────────────────────────────────────────────────────
@pytest.mark.data
def test_an_id_that_the_provider_proves_brings_it_back(
    lost: Job, provider: Wire, alice_client: Client
) -> None:
    provider.answer(json=kie.running(**kie.echo("A fox", 23456)), path="record-info")
    answer = alice_client.post(
        f"/jobs/{lost.pk}/resolve/", {"external_id": " task-1 "}, follow=True
    )
    assert "Found. It continues" in text(answer)
    lost.refresh_from_db()
    assert (lost.status, lost.external_id) == ("running", "task-1")


def test_an_id_that_is_not_its_own_is_kept_in_the_field(
    lost: Job, provider: Wire, alice_client: Client
) -> None:
    provider.answer(json=kie.running(**kie.echo("Another", 54321)), path="record-info")
    answer = alice_client.post(f"/jobs/{lost.pk}/resolve/", {"external_id": "task-1"}, follow=True)
    assert "belongs to another video" in text(answer)
    assert 'value="task-1"' in answer.content.decode()


# ── Again, at one's own risk ─────────────────────────────────────────────────
def test_it_is_sent_again_with_a_second_hold(lost: Job, alice: User, alice_client: Client) -> None:
    answer = resubmit(alice_client, lost)
    again = Job.objects.exclude(pk=lost.pk).get()
    assert answer.redirect_chain == [(f"/jobs/{again.pk}/", 302)]
    assert "Sent again. 60 more credits are reserved for it." in text(answer)
    assert (again.prompt, again.status) == ("A fox", "queued")
    assert Budget.objects.get(owner=alice).held == 120
    lost.refresh_from_db()
    assert lost.status == "uncertain"
    assert ledger.check() == []


def test_without_the_tick_nothing_is_sent(lost: Job, alice_client: Client) -> None:
    answer = resubmit(alice_client, lost, risk="")
    assert "First tick that both may be charged" in text(answer)
    assert Job.objects.count() == 1


@pytest.mark.data
def test_clicking_twice_sends_it_again_once(lost: Job, alice_client: Client) -> None:
    for _ in range(2):
        resubmit(alice_client, lost)
    assert Job.objects.count() == 2


def test_the_page_leads_to_the_job_it_was_sent_again_as(lost: Job, alice_client: Client) -> None:
    resubmit(alice_client, lost)
    page = alice_client.get(f"/jobs/{lost.pk}/")
    again = Job.objects.exclude(pk=lost.pk).get()
    assert "It was sent again as another video (queued)" in text(page)
    assert f'href="/jobs/{again.pk}/"' in page.content.decode()
    assert "/resubmit/" not in page.content.decode()


def test_a_budget_too_small_for_both_says_so(lost: Job, alice: User, alice_client: Client) -> None:
    ledger.grant(alice, -920, reason="for a test", actor=None)
    answer = resubmit(alice_client, lost)
    assert "This needs 60 credits, but you have 20." in text(answer)
    assert Job.objects.count() == 1


def test_what_is_in_no_doubt_is_not_sent_again(alice: User, alice_client: Client) -> None:
    job = factories.succeeded(alice)
    assert "no longer in doubt" in text(resubmit(alice_client, job))
    assert Job.objects.count() == 1


# ── An admin's word ──────────────────────────────────────────────────────────
@pytest.mark.data
def test_an_admins_statement_ends_it_and_frees_the_credits(
    old: Job, alice: User, admin: User, admin_client: Client
) -> None:
    answer = write_off(admin_client, old)
    assert "Written off. 60 credits are available again." in text(answer)
    old.refresh_from_db()
    assert (old.status, Budget.objects.get(owner=alice).held) == ("failed", 0)
    event = AuditEvent.objects.get(action="written off")
    assert (event.actor, event.reason) == (admin, REASON["reason"])
    assert "Written off" in text(admin_client.get("/"))
    assert ledger.check() == []


@pytest.mark.parametrize("reason", ["", "   ", "\x00", "\u2060\u3164"])
def test_a_statement_needs_a_reason(old: Job, admin_client: Client, reason: str) -> None:
    write_off(admin_client, old, {"reason": reason})
    old.refresh_from_db()
    assert old.status == "uncertain"


@pytest.mark.data
def test_too_early_nothing_is_written_off_and_the_reason_is_kept(
    lost: Job, admin_client: Client
) -> None:
    answer = write_off(admin_client, lost)
    assert "overdue, for 15 minutes" in text(answer)
    lost.refresh_from_db()
    assert lost.status == "uncertain"


def test_its_owner_cannot_write_it_off(old: Job, alice_client: Client) -> None:
    assert alice_client.post(f"/jobs/{old.pk}/write-off/", REASON).status_code == 404
    old.refresh_from_db()
    assert old.status == "uncertain"
