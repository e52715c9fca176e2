"""What goes out by e-mail: to whom, when, how often, and what is done when it cannot."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import OperationalError
from django.db.models import F
from django.test import Client
from django.utils import timezone

from jobs import keeping, lifecycle, people, shares
from jobs import mail as letters
from jobs.mail import writing
from jobs.mail.news import TRIES_MAX
from jobs.models import AuditEvent, Job, Mailing, Notice, Project, Rendition, User
from jobs.news.wishes import next_digest, wish
from jobs.providers.base import Snapshot, State
from jobs.times import clock
from tests.news.test_telling import doubtful
from tests.support import factories
from tests.support.media.pictures import picture
from tests.support.racing import together
from tests.support.running import purge_queue
from tests.support.servers.interrupting import gone_at
from tests.support.states.mails import a_minute_passes, page_of, post, with_addresses
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture(autouse=True)
def _mail(settings: Any, alice: User) -> None:
    settings.HAS_MAIL, settings.PUBLIC_URL = True, "https://dailies.example"
    with_addresses(alice)


def fail(owner: User, prompt: str = "A lighthouse in the rain") -> Job:
    job = factories.run(factories.job(owner, prompt=prompt))
    lifecycle.observe(job.pk, Snapshot(State.FAILED, error="Internal Error"))
    return job


def subjects() -> list[str]:
    return [str(letter.subject) for letter in mail.outbox]


# ── A letter ─────────────────────────────────────────────────────────────────
def test_a_letter_says_what_happened_to_which_video_as_text_and_as_a_page(
    alice: User, bob: User
) -> None:
    with_addresses(bob)
    fail(alice)
    a_minute_passes()
    (letter,) = mail.outbox
    assert letter.to == ["alice@studio.example"]
    assert letter.subject == "Failed: A lighthouse in the rain"
    link = f"https://dailies.example/news/{Notice.objects.get().pk}/"
    for said in (str(letter.body), page_of(letter)):
        assert all(words in said for words in ("A lighthouse in the rain", "Internal Error", link))
    assert "<" not in str(letter.body)
    assert re.findall(r'(?:src|background)="(?!cid:)', page_of(letter)) == []
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


def tell_of_film(owner: User, settings: Any, **shape: int) -> mail.EmailMessage:
    """The letter that a film with a poster is ready."""
    settings.MEDIA_ROOT.mkdir(parents=True)
    (settings.MEDIA_ROOT / "a-640.webp").write_bytes(picture("WEBP"))
    wish(owner, "ready", mail="now")
    film = factories.film(owner)
    Rendition.objects.filter(pk=film.pk).update(**shape)
    told = {"kind": "ready", "fact": "x", "job": film.job, "mail_at": clock.after(-1)}
    Notice.objects.create(person=owner, **told)
    post()
    (letter,) = mail.outbox
    return letter


def test_the_picture_of_a_video_lies_in_the_letter(alice: User, settings: Any) -> None:
    letter = tell_of_film(alice, settings)
    (image,) = letter.attachments
    (found,) = re.findall(r'src="cid:([^"]+)"', page_of(letter))
    assert image["Content-ID"] == f"<{found}>"
    assert image.get_payload(decode=True)[:2] == b"\xff\xd8"
    assert letter.message().get_content_type() == "multipart/related"


@pytest.mark.parametrize(
    ("shape", "width"),
    [({"width": 1280, "height": 720}, 512), ({"width": 720, "height": 1280}, 288)],
)
def test_no_picture_is_longer_than_the_letter_is_wide(
    shape: dict[str, int], width: int, alice: User, settings: Any
) -> None:
    letter = tell_of_film(alice, settings, **shape)
    (found,) = re.findall(r'<img[^>]* width="(\d+)"', page_of(letter))
    assert int(found) == width


def test_names_of_another_script_are_kept_apart_in_the_letters_about_accounts(alice: User) -> None:
    people.profile.rename(alice, "שרה 1")
    alice.refresh_from_db()
    letters.send_test(alice)
    event = AuditEvent.objects.create(actor=alice, action="x", subject=alice.username)
    letters.tell_of_lost_factor(event.pk)
    said = [str(letter.body) for letter in mail.outbox]
    assert len(said) == 2
    assert all("\u2068שרה 1\u2069" in each for each in said)


@pytest.mark.parametrize("name", ["Eva\r\nBcc: x@evil.example", "Зоя 🎬", "שרה", "E" * 60])
def test_no_name_makes_a_header_and_every_name_arrives(name: str, alice: User) -> None:
    link, _ = shares.create([factories.film(alice)], shares.Terms(), alice)
    shares.say(link, link.takes.get(), "comment", name=name, visitor="a", text=f"Hi\n.\n{name}")
    a_minute_passes()
    (letter,) = mail.outbox
    sent = letter.message()
    assert sent["Bcc"] is None
    assert "\n" not in letter.subject
    assert " ".join(name.split()) in letter.subject
    page = next(part for part in sent.walk() if part.get_content_type() == "text/html")
    assert b"Hi<br>.<br>" in page.get_payload(decode=True)


def test_a_storm_makes_one_letter_and_then_another_after_a_pause(alice: User) -> None:
    for number in range(25):
        fail(alice, f"Take {number}")
    a_minute_passes()
    assert subjects() == ["Failed: Take 24, and 24 more"]
    assert "And 5 more" in str(mail.outbox[0].body)
    fail(alice, "Later")
    Notice.objects.update(mail_at=clock.after(-1))
    Mailing.objects.update(made_at=timezone.now())
    post()
    assert len(mail.outbox) == 1
    a_minute_passes()
    assert subjects()[1:] == ["Failed: Later"]


def test_what_waits_for_its_reader_comes_before_what_is_only_told(
    alice: User,
) -> None:
    doubtful(alice)
    fail(alice, "A lost heron")
    film = factories.film(alice, prompt="A fine heron")
    wish(alice, "ready", mail="now")
    told = {"kind": "ready", "job": film.job, "mail_at": clock.after(-1)}
    Notice.objects.bulk_create(Notice(person=alice, fact=str(n), **told) for n in range(25))
    a_minute_passes()
    (letter,) = mail.outbox
    assert letter.subject == "Needs a look: A lighthouse in the rain, and 26 more"
    names = ("A lighthouse in the rain", "A lost heron", "A fine heron")
    places = [str(letter.body).index(name) for name in names]
    assert places == sorted(places)


def test_what_was_seen_within_the_minute_is_not_mailed(alice: User, alice_client: Client) -> None:
    alice_client.get(f"/jobs/{fail(alice).pk}/")
    a_minute_passes()
    assert mail.outbox == []


def test_a_finished_video_is_mailed_to_nobody_who_did_not_ask(alice: User) -> None:
    job = factories.succeeded(alice)
    from jobs import news  # noqa: PLC0415

    news.ready(job.renditions.get())
    assert Notice.objects.get().mail_at is None


# ── To nobody who should not read it ─────────────────────────────────────────
def test_whoever_was_shut_out_or_may_see_it_no_more_gets_no_letter(
    alice: User, bob: User, admin: User
) -> None:
    with_addresses(bob)
    project = Project.objects.create(name="Shared", created_by=bob)
    job = fail(alice)
    Job.objects.update(project=project)
    Notice.objects.create(person=bob, kind="failed", fact="x", job=job, mail_at=clock.after(-1))
    letters.gather()
    Job.objects.update(project=None)
    people.deactivate(alice, admin, reason="x")
    a_minute_passes()
    assert mail.outbox == []
    assert set(Mailing.objects.values_list("state", flat=True)) == {"nothing"}


def test_of_a_video_that_was_deleted_meanwhile_no_letter_tells(alice: User) -> None:
    film = factories.film(alice)
    link, _ = shares.create([film], shares.Terms(), alice)
    shares.say(link, link.takes.get(), "comment", name="Ana", visitor="ana", text="Slower")
    Notice.objects.update(mail_at=clock.after(-1))
    letters.gather()
    keeping.throw_away([film.job_id], alice)
    a_minute_passes()
    assert (mail.outbox, Mailing.objects.get().state) == ([], "nothing")


def test_nothing_is_sent_without_an_address_or_without_mail(
    bob: User, alice: User, settings: Any
) -> None:
    fail(bob)
    settings.HAS_MAIL = False
    fail(alice)
    a_minute_passes()
    settings.HAS_MAIL = True
    a_minute_passes()
    assert mail.outbox == []


# ── Daily ────────────────────────────────────────────────────────────────────
def test_the_digest_comes_once_at_its_hour_with_what_nobody_has_looked_at(
    alice: User, alice_client: Client
) -> None:
    wish(alice, "failed", mail="digest")
    jobs = [fail(alice, f"Take {number}") for number in range(3)]
    alice_client.get(f"/jobs/{jobs[0].pk}/")
    a_minute_passes()
    assert mail.outbox == []
    Notice.objects.update(mail_at=F("mail_at") - timedelta(days=1))
    post()
    post()
    assert subjects() == ["Your day in Dailies: 2 updates"]
    assert "Take 0" not in page_of(mail.outbox[0])


def test_a_digest_says_in_its_subject_how_many_need_a_look(alice: User) -> None:
    for kind in ("failed", "look"):
        wish(alice, kind, mail="digest")
    doubtful(alice)
    fail(alice)
    Notice.objects.update(mail_at=clock.after(-1))
    post()
    assert subjects() == ["Your day in Dailies: 2 updates, 1 needs a look"]


def test_nothing_new_makes_no_digest(alice: User, alice_client: Client) -> None:
    wish(alice, "failed", mail="digest")
    alice_client.get(f"/jobs/{fail(alice).pk}/")
    Notice.objects.update(mail_at=clock.after(-1))
    post()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-20 06:59", "2026-11-20 07:00"),
        ("2026-11-20 07:00", "2026-11-21 07:00"),
        # The clocks of Berlin go back that night.
        ("2026-10-24 12:00", "2026-10-25 07:00"),
    ],
)
def test_the_digest_goes_by_the_teams_own_clock(now: str, then: str, settings: Any) -> None:
    settings.TIME_ZONE, settings.DIGEST_HOUR = "Europe/Berlin", 8
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        assert next_digest() == datetime.fromisoformat(then).replace(tzinfo=UTC)


# ── When it cannot be sent ───────────────────────────────────────────────────
def test_what_was_certainly_not_sent_is_tried_again_and_admins_read_of_it(
    alice: User, admin_client: Client, settings: Any
) -> None:
    working, settings.EMAIL_BACKEND = (
        settings.EMAIL_BACKEND,
        "tests.support.states.mails.Unreachable",
    )
    fail(alice)
    a_minute_passes()
    mailing = Mailing.objects.get()
    assert (mailing.state, mailing.tries) == ("waiting", 1)
    assert "nobody there" in text(admin_client.get("/team/requests/"))
    post()
    assert Mailing.objects.get().tries == 1
    settings.EMAIL_BACKEND = working
    Mailing.objects.update(try_at=clock.after(-1))
    post()
    assert (len(mail.outbox), Mailing.objects.get().state) == (1, "sent")
    assert "nobody there" not in text(admin_client.get("/team/requests/"))


def test_after_some_tries_it_is_given_up(alice: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.support.states.mails.Unreachable"
    fail(alice)
    a_minute_passes()
    for _ in range(TRIES_MAX + 2):
        Mailing.objects.update(try_at=clock.after(-1))
        post()
    mailing = Mailing.objects.get()
    assert (mailing.state, mailing.tries) == ("failed", TRIES_MAX)


def test_what_may_have_gone_out_is_not_sent_again(alice: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.support.states.mails.Silent"
    fail(alice)
    a_minute_passes()
    Mailing.objects.update(try_at=clock.after(-1))
    post()
    mailing = Mailing.objects.get()
    assert (mailing.state, mailing.tries) == ("failed", 1)
    assert mailing.problem.startswith("It may have gone out.")


def test_a_letter_that_cannot_be_written_is_given_up_and_admins_read_of_it(
    alice: User, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(writing.BUTTONS, Notice.Kind.FAILED)
    fail(alice)
    a_minute_passes()
    assert (mail.outbox, Mailing.objects.get().state) == ([], "failed")
    assert "Something went wrong here" in text(admin_client.get("/team/requests/"))


def test_a_letter_whose_database_goes_away_while_it_is_written_waits_for_it(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    """It was certainly not sent, and nothing is wrong with it."""
    fail(alice)
    Notice.objects.update(mail_at=clock.after(-1))
    letters.gather()
    purge_queue()
    number = Mailing.objects.get().pk
    with gone_at(Notice.objects.model._meta.db_table), pytest.raises(OperationalError):
        letters.send_news(number)
    assert (Mailing.objects.get().state, mail.outbox) == ("waiting", [])
    assert "broke" not in caplog.text
    letters.send_news(number)
    assert (Mailing.objects.get().state, len(mail.outbox)) == ("sent", 1)


def test_a_letter_whose_worker_died_is_not_sent_again_and_admins_read_of_it(
    alice: User, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("jobs.mail.news.send", killed)
    fail(alice)
    Notice.objects.update(mail_at=clock.after(-1))
    letters.gather()
    with pytest.raises(SystemExit):
        letters.send_news(Mailing.objects.get().pk)
    letters.wake()
    assert Mailing.objects.get().state == "taken"
    Mailing.objects.update(try_at=clock.after(-1))
    letters.wake()
    mailing = Mailing.objects.get()
    assert (mailing.state, mailing.tries) == ("failed", 1)
    assert "It may have gone out." in text(admin_client.get("/team/requests/"))


@pytest.mark.django_db(transaction=True)
def test_four_followers_and_four_workers_send_it_once(alice: User) -> None:
    fail(alice)
    Notice.objects.update(mail_at=clock.after(-1))
    assert together(4, lambda _: letters.gather()) == [None] * 4
    mailing = Mailing.objects.get()
    assert together(4, lambda _: letters.send_news(mailing.pk)) == [None] * 4
    assert len(mail.outbox) == 1


def test_a_letter_whose_wake_up_was_lost_is_found_again(alice: User) -> None:
    fail(alice)
    Notice.objects.update(mail_at=clock.after(-1))
    letters.gather()
    purge_queue()
    post()
    assert mail.outbox == []
    Mailing.objects.update(try_at=clock.after(-1))
    post()
    assert len(mail.outbox) == 1
