"""What stands in the sessions' table opens no session, and an ended one is ended everywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.models import F
from django.db.models.query import QuerySet
from django.test import Client

from jobs import people, sessions
from jobs.models import AuditEvent, Session, User
from jobs.times import clock
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"


@pytest.fixture
def browser(alice: User) -> Client:
    return factories.signed_in(alice)


def id_of(browser: Client) -> str:
    return browser.cookies["sessionid"].value


def is_in(browser: Client) -> bool:
    return browser.get("/projects/").status_code == 200


def turn_back(**fields: Any) -> None:
    """Have these moments of all sessions been so much earlier."""
    Session.objects.update(**{name: F(name) - before for name, before in fields.items()})


def test_the_id_in_the_cookie_is_not_in_the_table(browser: Client) -> None:
    assert Session.objects.get().session_key != id_of(browser)


def test_the_key_in_the_table_opens_nothing(browser: Client, client: Client) -> None:
    client.cookies["sessionid"] = Session.objects.get().session_key
    assert client.get("/").status_code == 302


def test_a_session_goes_on_from_request_to_request(browser: Client) -> None:
    assert [is_in(browser) for _ in range(2)] == [True, True]
    assert Session.objects.count() == 1


def test_a_logged_out_session_is_gone(browser: Client, client: Client) -> None:
    stolen = id_of(browser)
    browser.post("/logout/")
    client.cookies["sessionid"] = stolen
    assert client.get("/").status_code == 302
    assert not Session.objects.exists()


def test_a_new_password_ends_the_other_sessions(browser: Client, alice: User) -> None:
    other = factories.signed_in(alice)
    new = {"new_password1": "a wholly new phrase", "new_password2": "a wholly new phrase"}
    browser.post("/password/", {"old_password": factories.PASSWORD, **new})
    assert (browser.get("/").status_code, other.get("/").status_code) == (200, 302)
    assert Session.objects.filter(user=alice).count() == 1


def test_an_id_that_somebody_made_up_is_never_used(client: Client, alice: User) -> None:
    client.cookies["sessionid"] = "a" * 32
    client.post("/login/", {"username": "alice", "password": factories.PASSWORD})
    assert id_of(client) != "a" * 32
    assert client.get("/").status_code == 200


# ── How long one lasts ───────────────────────────────────────────────────────
def test_a_session_in_which_nobody_did_anything_for_hours_is_over(
    browser: Client, settings: Any
) -> None:
    settings.SESSION_IDLE_HOURS = 2.5
    turn_back(seen_at=timedelta(hours=2.4))
    assert is_in(browser)
    turn_back(seen_at=timedelta(hours=2.6))
    assert not is_in(browser)


def test_a_session_is_over_after_its_days_whatever_was_done_in_it(browser: Client) -> None:
    turn_back(expire_date=timedelta(days=13, hours=23))
    browser.post("/theme/", {"theme": "dark"})
    browser.post("/projects/", {"name": "A campaign"})  # its message is kept in the session
    assert is_in(browser)
    turn_back(expire_date=timedelta(hours=2))
    assert not is_in(browser)


@pytest.mark.parametrize("path", ["/projects/", "/", "/audit/nothing/"])
def test_what_somebody_opens_keeps_the_session_going(browser: Client, path: str) -> None:
    turn_back(seen_at=timedelta(hours=11))
    browser.get("/projects/")
    turn_back(seen_at=timedelta(hours=2))
    assert is_in(browser)


def test_what_an_open_page_asks_by_itself_does_not(alice: User, browser: Client) -> None:
    film = factories.film(alice)
    turn_back(seen_at=timedelta(hours=11))
    before = Session.objects.get().seen_at
    for path in ("/live/?since=0", f"/jobs/{film.job_id}/?since=0", f"/renditions/{film.pk}.mp4"):
        assert browser.get(path, headers={"HX-Request": "true"}).status_code != 302
    assert Session.objects.get().seen_at == before


def test_signing_in_again_leads_back_to_the_page_that_was_open(client: Client, alice: User) -> None:
    at = {"HX-Request": "true", "HX-Current-URL": "http://testserver/?project=7"}
    poll = client.get("/live/?since=0", headers=at)
    assert poll.headers["HX-Redirect"] == "/login/?next=/%3Fproject%3D7"
    form = client.post("/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/keys/"})
    assert form.headers["Location"] == "/login/?next=/keys/&unsent=1"


def test_whoever_sent_something_then_reads_that_nothing_was_done(
    client: Client, alice: User
) -> None:
    said = "You were signed out before this was sent, so nothing was done."
    at = {"HX-Request": "true", "HX-Current-URL": "http://testserver/"}
    asked = [
        client.get("/keys/").headers["Location"],
        client.get("/live/?since=0", headers=at).headers["HX-Redirect"],
        client.post("/same/", {"prompt": "Rai"}, headers=at).headers["HX-Redirect"],
    ]
    sent = [
        client.post("/projects/", {"name": "Rain"}).headers["Location"],
        client.post("/presets/", {"name": "Rain"}, headers=at).headers["HX-Redirect"],
    ]
    assert [said in text(client.get(each)) for each in asked] == [False] * 3
    assert [said in text(client.get(each)) for each in sent] == [True] * 2


@pytest.mark.parametrize("was_on", ["https://evil.example/keys/", "http://[", ""])
def test_it_never_leads_to_another_host(client: Client, alice: User, was_on: str) -> None:
    form = client.post("/theme/", {"theme": "dark"}, headers={"Referer": was_on})
    poll = client.get("/live/", headers={"HX-Request": "true", "HX-Current-URL": was_on})
    assert (form.headers["Location"], poll.headers["HX-Redirect"]) == (
        "/login/?next=/&unsent=1",
        "/login/",
    )


# ── What is noted of one ─────────────────────────────────────────────────────
def test_a_session_tells_whose_it_is_and_from_where_it_was_used(alice: User) -> None:
    browser = factories.signed_in(alice)
    browser.get("/projects/", headers={"User-Agent": FIREFOX}, REMOTE_ADDR="203.0.113.9")
    found = Session.objects.get()
    assert (found.user, found.address, found.browser) == (alice, "203.0.113.9", FIREFOX)


def test_it_is_noted_once_a_minute_and_not_with_every_click(browser: Client) -> None:
    browser.get("/projects/")
    noted = Session.objects.get().seen_at
    browser.get("/projects/")
    assert Session.objects.get().seen_at == noted
    turn_back(seen_at=timedelta(seconds=61))
    browser.get("/projects/")
    assert Session.objects.get().seen_at >= noted


def test_a_page_is_read_though_nobody_can_note_that_it_is(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = QuerySet.update

    def locked(self: Any, **fields: Any) -> int:
        if self.model is Session:
            raise OperationalError("database is locked")
        return real(self, **fields)

    monkeypatch.setattr(QuerySet, "update", locked)
    assert is_in(browser)


def test_sessions_that_are_over_are_forgotten(browser: Client, bob: User) -> None:
    turn_back(seen_at=timedelta(hours=13))
    going = factories.signed_in(bob)
    late = factories.signed_in(bob)
    Session.objects.filter(pk=sessions.hashed(id_of(late))).update(expire_date=clock.after(-1))
    sessions.SessionStore.clear_expired()
    assert [found.pk for found in Session.objects.all()] == [sessions.hashed(id_of(going))]


# ── Ending others ────────────────────────────────────────────────────────────
def test_what_is_listed_is_what_lets_in(browser: Client, alice: User) -> None:
    assert [found.pk for found in sessions.of(alice)] == [sessions.hashed(id_of(browser))]
    alice.set_password("given by a command on the server")
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    assert sessions.of(alice) == []
    assert not is_in(browser)


def test_nobody_ends_sessions_of_somebody_else_by_their_key(browser: Client, bob: User) -> None:
    assert not people.end_own(bob, sessions.hashed(id_of(browser)))
    assert is_in(browser)


def test_a_role_that_is_taken_away_is_gone_with_the_next_click(
    alice: User, admin: User, browser: Client
) -> None:
    people.change_role(alice, "admin", admin, reason="x")
    assert browser.get("/team/audit/").status_code == 200
    alice.refresh_from_db()
    people.change_role(alice, "member", admin, reason="x")
    assert (browser.get("/team/audit/").status_code, is_in(browser)) == (404, True)


def test_the_server_signs_out_whoever_is_named_or_everybody(
    browser: Client, bob: User, capsys: pytest.CaptureFixture[str]
) -> None:
    other = factories.signed_in(bob)
    call_command("sign_out", "ALICE")
    assert (is_in(browser), is_in(other)) == (False, True)
    call_command("sign_out", all=True)
    assert not is_in(other)
    assert capsys.readouterr().out == "1 session ended.\n" * 2
    noted = AuditEvent.objects.filter(action="signed out", actor=None).values_list("subject")
    assert set(noted) == {("alice",), ("bob",)}


@pytest.mark.parametrize("names", [[], ["nobody.here"]])
def test_it_signs_out_nobody_by_mistake(browser: Client, names: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("sign_out", *names)
    assert is_in(browser)


# ── What is left in the browser ──────────────────────────────────────────────
def test_signing_out_has_the_browser_forget_copies_and_drafts_and_no_other_sites_cookies(
    browser: Client,
) -> None:
    assert browser.post("/logout/").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_only_who_is_asked_for_is_taken_from_what_is_at_hand(alice: User, bob: User) -> None:
    backend = sessions.PeopleBackend()
    with sessions.at_hand(bob):
        assert backend.get_user(alice.pk) == alice
        assert backend.get_user(bob.pk) is bob
        bob.is_active = False
        assert backend.get_user(bob.pk) is None
    assert backend.get_user(bob.pk) == bob
