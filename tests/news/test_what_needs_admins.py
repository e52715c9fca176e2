"""What needs an admin is noticed by whoever is alive, and told once: what, where, and its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils import timezone

from jobs import lifecycle, troubles
from jobs.models import (
    Belongings,
    Credential,
    Heartbeat,
    Job,
    LedgerCheck,
    Notice,
    Rendition,
    Trouble,
    User,
)
from jobs.news.wishes import wish
from jobs.pricing import catalogue
from jobs.readiness import restored
from jobs.times import clock
from tests.support import factories
from tests.support.answers.callbacks import job, post, signed
from tests.support.fakes import Wire
from tests.support.kie import callback_path
from tests.support.racing import together
from tests.support.running import purge_queue
from tests.support.states.mails import a_minute_passes, with_addresses

__all__ = ["job", "signed"]

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture(autouse=True)
def _at_work(settings: Any, admin: User, alice: User) -> None:
    settings.HAS_MAIL, settings.PUBLIC_URL = True, "https://dailies.example"
    with_addresses(admin, alice)
    for part in Heartbeat.Part:
        Heartbeat.objects.create(part=part, process="here:1")


def silent(part: str) -> None:
    Heartbeat.objects.filter(part=part).update(beat_at=clock.after(-200))


def told() -> list[str]:
    """The subjects of what was mailed so far, to the admin alone."""
    assert {address for letter in mail.outbox for address in letter.to} <= {"ada@studio.example"}
    return [str(letter.subject) for letter in mail.outbox]


def look() -> None:
    troubles.notice_all()
    a_minute_passes()


def bad_key(_alice: User) -> None:
    Credential.objects.filter(owner__username="alice", provider="kie").update(state="rejected")


def away(_alice: User) -> None:
    since = clock.after(-1000)
    Credential.objects.filter(provider="kie").update(unreachable_since=since, probe_at=since)


def unmounted(_alice: User) -> None:
    Belongings.objects.update_or_create(pk=1, defaults={"nameplate": str(uuid4())})


def wrong_books(_alice: User) -> None:
    LedgerCheck.objects.create(checked_at=timezone.now(), mismatches=2)


def late_film(alice: User) -> None:
    film = factories.film(alice)
    Rendition.objects.filter(pk=film.pk).update(state="waiting", try_at=clock.after(60))
    purge_queue()
    Job.objects.update(finished_at=clock.after(-12 * 86_400))


def doubt(alice: User) -> None:
    factories.job(alice)
    Job.objects.update(status="uncertain", sent_at=clock.after(-4000))


def gone(_alice: User) -> None:
    catalogue.withdraw("kie", "veo3_lite", reason="kie.ai no longer has it", actor=None)


def put_back(_alice: User) -> None:
    restored.begin_anew("It was restored by a test.")


@pytest.mark.parametrize(
    ("happens", "said", "page"),
    [
        (bad_key, "kie.ai key ending in", "/team/requests/"),
        (away, "kie.ai has been unreachable since", "/team/requests/#outages"),
        (unmounted, "The disk for videos is missing on", "/team/system/"),
        (wrong_books, "The ledger does not add up: 2 figures differ", "/team/system/"),
        (late_film, "1 file is not stored, and kie.ai keeps them", "/team/requests/#unfinished"),
        (doubt, "1 video needs a look, for more than an hour", "/team/requests/#unfinished"),
        (gone, "kie.ai says that it no longer has Veo 3.1 Lite", "/team/prices/#models"),
        (put_back, "The database was restored to how it was", "/team/requests/#restored"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_admins_are_mailed_once_of_what_needs_them_with_the_way_to_its_page(
    happens: Any, said: str, page: str, alice: User, admin_client: Client
) -> None:
    look()
    assert told() == []
    happens(alice)
    look()
    look()
    (subject,) = told()
    assert said in subject
    notice = Notice.objects.get(trouble__isnull=False)
    assert f"https://dailies.example/news/{notice.pk}/" in str(mail.outbox[0].body)
    assert admin_client.get(f"/news/{notice.pk}/")["Location"] == page
    assert f"/news/{notice.pk}/" not in factories.signed_in(alice).get("/news/").content.decode()


@pytest.mark.parametrize("decide", [catalogue.offer_again, catalogue.withdraw])
def test_a_model_that_its_provider_withdrew_needs_an_admin_until_one_decides(
    decide: Any, alice: User, admin: User
) -> None:
    catalogue.withdraw("kie", "veo3_lite", reason="Ours", actor=admin)
    gone(alice)
    look()
    assert not Trouble.objects.exists()
    catalogue.offer_again("kie", "veo3_lite", reason="Back", actor=admin)
    gone(alice)
    look()
    assert decide("kie", "veo3_lite", reason="Seen to", actor=admin)
    look()
    look()
    assert (Trouble.objects.on().count(), len(told())) == (0, 1)
    assert not decide("kie", "veo3_lite", reason="Once more", actor=admin)


def test_who_was_mailed_reads_that_it_is_over_and_it_can_come_again(alice: User) -> None:
    away(alice)
    look()
    Credential.objects.update(unreachable_since=None, probe_at=None)
    look()
    look()
    away(alice)
    look()
    first, over, again = told()
    assert first.startswith("kie.ai has been unreachable")
    assert over == f"Over: {first}"
    assert again.startswith("kie.ai has been unreachable")


def test_what_is_over_comes_after_what_waits_in_the_same_mail(alice: User) -> None:
    away(alice)
    look()
    lifecycle.ask_ahead(alice, 70, reason="A trailer", project=None, key=uuid4())
    Credential.objects.update(unreachable_since=None, probe_at=None)
    look()
    assert told()[1:] == ["alice asks for 70 credits, and 1 more"]


def test_what_was_over_before_it_could_be_mailed_is_mailed_to_nobody(alice: User) -> None:
    away(alice)
    troubles.notice_all()
    Credential.objects.update(unreachable_since=None, probe_at=None)
    look()
    assert told() == []


def test_more_of_a_kind_waits_for_an_hour_and_another_kind_does_not(alice: User) -> None:
    bad_key(alice)
    look()
    Credential.objects.filter(owner=alice, provider="veo4").update(state="empty")
    wrong_books(alice)
    troubles.notice_all()
    rows = Notice.objects.filter(mailing=None, mail_at__isnull=False)
    at: dict[str, Any] = dict(rows.values_list("trouble__kind", "mail_at"))
    assert at["ledger"] < clock_in(120) < clock_in(3000) < at["key"] < clock_in(3700)


def clock_in(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def test_an_admin_who_wants_no_mail_of_it_reads_it_behind_the_bell(
    admin: User, admin_client: Client, alice: User
) -> None:
    wish(admin, "trouble", mail="never")
    wrong_books(alice)
    look()
    assert told() == []
    assert "The ledger does not add up" in admin_client.get("/news/").content.decode()


# ── Whoever is alive tells ───────────────────────────────────────────────────
def test_of_workers_that_are_silent_the_follower_mails_itself(alice: User) -> None:
    silent("worker")
    troubles.notice_all()
    Notice.objects.update(mail_at=F("made_at"))
    troubles.notice_all()
    assert told() == ["Nothing is sent or stored: no worker is running"]


def test_of_a_follower_that_is_silent_the_workers_see_to_the_mail() -> None:
    troubles.notice_follower()
    assert not Trouble.objects.exists()
    silent("follower")
    troubles.notice_follower()
    a_minute_passes()
    troubles.notice_follower()
    assert told() == ["Running videos are not checked: no follower is running"]
    Heartbeat.objects.update(beat_at=timezone.now())
    troubles.notice_follower()
    a_minute_passes()
    assert told()[1:] == ["Over: Running videos are not checked: no follower is running"]


def test_a_part_that_dies_after_another_one_does_not_wait_for_its_hour() -> None:
    silent("worker")
    look()
    Heartbeat.objects.update(beat_at=timezone.now())
    look()
    silent("follower")
    troubles.notice_follower()
    waiting = Notice.objects.get(trouble__subject="follower").mail_at
    assert waiting is not None
    assert waiting < clock_in(120)


def test_neither_ends_what_only_the_other_can_see(alice: User) -> None:
    wrong_books(alice)
    silent("worker")
    troubles.notice_all()
    troubles.notice_follower()
    assert Trouble.objects.on().count() == 2


@pytest.mark.django_db(transaction=True)
def test_however_many_notice_it_at_once_it_is_told_once(alice: User) -> None:
    wrong_books(alice)
    together(4, lambda _: troubles.notice_all())
    assert Notice.objects.filter(trouble__kind="ledger").count() == 1


def test_a_wrong_webhook_key_is_told_by_whoever_takes_the_callbacks_in(
    provider: Wire, job: Job, signed: str, client: Client
) -> None:
    for _ in range(9):
        assert post(client, callback_path(provider)).status_code == 401
    assert not Trouble.objects.exists()
    post(client, callback_path(provider))
    look()
    assert told() == [
        "Many callbacks of kie.ai have a wrong signature. Is the webhook key the right one?"
    ]
