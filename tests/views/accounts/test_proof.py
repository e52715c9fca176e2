"""Asking for the password again before what a borrowed browser must not do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import ledger, people
from jobs.models import AuditEvent, Budget, Invitation, Job, Price, Session, User
from tests.support import factories
from tests.support.factories import CANARY_KEY, PASSWORD
from tests.support.fakes import Wire
from tests.support.typed_forms import HTMX, text

pytestmark = pytest.mark.django_db

GRANT = {"credits": "500", "reason": "October"}


@pytest.fixture
def late_client(admin: User) -> Client:
    """An admin who signed in an hour ago."""
    return factories.signed_in(admin, minutes_ago=60)


def deeds(alice: User) -> dict[str, dict[str, object]]:
    """What an admin is asked for, by address, with what is sent there."""
    reason: dict[str, object] = {"reason": "For a test"}
    person = f"/team/people/{alice.pk}"
    job = factories.run(factories.job(alice))
    Job.objects.filter(pk=job.pk).update(status="uncertain")
    return {
        "/team/": {"user": alice.pk, "credits": "5", "submission_key": uuid4(), **reason},
        "/team/budgets/": {"user": alice.pk, "allowance": "70", **reason},
        "/team/prices/": {"price": Price.objects.in_force()[0].pk, "credits": "61", **reason},
        "/team/settings/": {"name": "Autumn", "reset_day": "3", "currency": "EUR", **reason},
        "/team/invitations/": {"role": "admin"},
        f"{person}/role/": {"role": "admin", **reason},
        f"{person}/deactivate/": reason,
        f"{person}/reactivate/": reason,
        f"{person}/leave/": {**reason, "queued": "cancel", "sure": "on"},
        "/keys/": {"provider": "kie", "key": CANARY_KEY},
        "/keys/kie/remove/": {},
        "/keys/kie/signing/remove/": {},
        "/profile/": {"email": "eve@example.com"},
        "/team/requests/": {"request": "1", "action": "raise", "own_by": "5", **reason},
        f"/jobs/{job.pk}/write-off/": reason,
    }


# ── Asked ────────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_before_money_rights_keys_and_addresses_change_the_password_is_asked_for(
    alice: User, late_client: Client
) -> None:
    sent = deeds(alice)
    before = AuditEvent.objects.count()
    led_to = {path: late_client.post(path, sent[path]).headers.get("Location") for path in sent}
    assert led_to == dict.fromkeys(sent, "/confirm/")
    assert AuditEvent.objects.count() == before
    assert not Invitation.objects.exists()


@pytest.mark.data
def test_who_has_just_signed_in_is_not_asked(alice: User, admin: User) -> None:
    browser = Client()
    browser.post("/login/", {"username": "ada", "password": PASSWORD})
    sent = deeds(alice)
    asked = {
        path
        for path in sent
        if browser.post(path, sent[path]).headers.get("Location") == "/confirm/"
    }
    assert asked == set()


@pytest.mark.parametrize(("minutes", "is_asked"), [(14, False), (16, True)])
def test_it_is_asked_for_after_a_quarter_of_an_hour(
    alice: User, admin: User, minutes: int, is_asked: bool
) -> None:
    browser = factories.signed_in(admin, minutes_ago=minutes)
    answer = browser.post("/team/", {**GRANT, "user": alice.pk})
    assert (answer.headers["Location"] == "/confirm/") == is_asked


def test_looking_is_not_asked_for_and_neither_is_an_answer_to_a_request(
    alice: User, late_client: Client
) -> None:
    for path in ("/team/", "/team/budgets/", "/keys/", "/credits/", f"/team/people/{alice.pk}/"):
        assert late_client.get(path).status_code == 200
    answer = late_client.post("/team/requests/", {"request": "1", "action": "approve"})
    assert answer.status_code == 404


def test_a_member_learns_of_no_page_by_being_asked(alice: User) -> None:
    browser = factories.signed_in(alice, minutes_ago=60)
    assert browser.post("/team/budgets/", {"allowance": "5"}).status_code == 404


def test_htmx_takes_the_whole_tab_there(alice: User, late_client: Client) -> None:
    answer = late_client.post("/team/", {**GRANT, "user": alice.pk}, headers=HTMX)
    assert (answer.headers["HX-Redirect"], answer.content) == ("/confirm/", b"")


# ── And then ─────────────────────────────────────────────────────────────────
def test_what_was_typed_goes_its_way_once_the_password_is_there(
    alice: User, late_client: Client
) -> None:
    late_client.post("/team/", {**GRANT, "user": alice.pk})
    assert "What you typed is kept" in text(late_client.get("/confirm/"))
    answer: Any = late_client.post("/confirm/", {"password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/team/", 302)]
    assert "500 credits granted to alice." in text(answer)
    assert late_client.post("/team/", {**GRANT, "user": alice.pk}).headers["Location"] == "/team/"


def test_a_mistake_in_it_is_said_where_it_can_be_mended(alice: User, late_client: Client) -> None:
    late_client.post("/team/budgets/", {"user": alice.pk, "allowance": "lots", "reason": "Autumn"})
    answer = late_client.post("/confirm/", {"password": PASSWORD})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ('value="lots"' in page, 'value="Autumn"' in page) == (True, True)
    assert '<form class="form" method="post">' not in page


def test_a_form_with_a_mistake_says_at_which_page_it_stands(alice: User, admin: User) -> None:
    """And no answer to anything else does."""
    page = f"/team/people/{alice.pk}/"
    for path, sent_from in (("/team/budgets/", "/team/budgets/?q=a"), (f"{page}role/", page)):
        browser = factories.signed_in(admin, minutes_ago=60)
        browser.post(path, {"reason": ""}, headers={"Referer": f"http://testserver{sent_from}"})
        answer = browser.post("/confirm/", {"password": PASSWORD}).content.decode()
        assert f'data-stands-at="{sent_from}"' in answer
        assert "data-stands-at" not in browser.post(path, {"reason": ""}).content.decode()


@pytest.mark.parametrize("was_on", ["https://evil.example/team/", "http://[", ""])
def test_it_never_stands_at_the_address_of_another_host(late_client: Client, was_on: str) -> None:
    late_client.post("/team/budgets/", {"reason": ""}, headers={"Referer": was_on})
    answer = late_client.post("/confirm/", {"password": PASSWORD}).content.decode()
    assert 'data-stands-at="/team/budgets/"' in answer


@pytest.mark.parametrize("page", ["/team/settings/", "/team/invitations/", "leave/"])
def test_a_form_knows_its_address_wherever_it_is_shown(
    alice: User, late_client: Client, page: str
) -> None:
    path = f"/team/people/{alice.pk}/leave/" if page == "leave/" else page
    late_client.post(path, {"reason": "", "role": "x", "reset_day": "40"})
    answer = late_client.post("/confirm/", {"password": PASSWORD})
    assert answer.status_code == 422
    assert f'method="post" action="{path}"' in answer.content.decode()


@pytest.mark.data
def test_a_wrong_password_keeps_the_form_for_the_right_one(
    alice: User, late_client: Client
) -> None:
    late_client.post("/team/", {**GRANT, "user": alice.pk})
    wrong = late_client.post("/confirm/", {"password": "wrong"})
    assert "That is not your password." in text(wrong)
    assert not Budget.objects.filter(owner=alice, balance=1500).exists()
    late_client.post("/confirm/", {"password": PASSWORD})
    assert ledger.standing_of(alice).available == 1500


@pytest.mark.data
def test_guesses_there_are_held_up_and_on_record(admin: User, late_client: Client) -> None:
    answers = [late_client.post("/confirm/", {"password": "wrong"}) for _ in range(6)]
    assert [each.status_code for each in answers] == [*[200] * 5, 429]
    assert late_client.post("/confirm/", {"password": PASSWORD}).status_code == 429
    assert AuditEvent.objects.filter(actor=admin, action="wrong password").count() == 3
    # Nobody else is held up by it, and their own sign-in is not either.
    assert Client().post("/login/", {"username": "ada", "password": PASSWORD}).status_code == 302


@pytest.mark.data
def test_a_key_that_waits_for_it_lies_sealed(
    provider: Wire, admin: User, late_client: Client
) -> None:
    late_client.post("/keys/", {"provider": "kie", "key": "another-key-0123456789"})
    kept = late_client.session["account_reauthentication_state"]
    assert "another-key" not in str(kept)
    assert "another-key" not in Session.objects.get().session_data


def test_what_somebody_else_left_in_the_browser_is_not_sent(
    alice: User, admin: User, late_client: Client
) -> None:
    other = factories.admin("eve")
    late_client.post("/team/", {**GRANT, "user": alice.pk})
    kept = late_client.session["account_reauthentication_state"]
    browser = factories.signed_in(other, minutes_ago=60)
    session = browser.session
    session["account_reauthentication_state"] = kept
    session.save()
    assert browser.post("/confirm/", {"password": PASSWORD}).headers["Location"] == "/"
    assert ledger.standing_of(alice).available == 1000


def test_a_form_waits_for_an_hour(alice: User, late_client: Client) -> None:
    late_client.post("/team/", {**GRANT, "user": alice.pk})
    session = late_client.session
    session["account_reauthentication_state"]["state"]["until"] -= 3601
    session.save()
    assert late_client.post("/confirm/", {"password": PASSWORD}).headers["Location"] == "/team/"
    assert ledger.standing_of(alice).available == 1000


def test_who_is_signed_out_is_not_asked_for_it(client: Client, alice: User) -> None:
    assert client.get("/confirm/").headers["Location"] == "/login/?next=/confirm/"


def test_the_first_admin_and_whoever_joins_have_just_chosen_theirs(client: Client) -> None:
    first = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/setup/", {**first, "starting_credits": "0"})
    assert client.post("/team/invitations/", {"role": "admin"}).headers["Location"] != "/confirm/"
    token = people.invite("admin", User.objects.get())
    new = Client()
    new.post(f"/join/{token}/", {**first, "username": "eve"})
    assert new.post("/team/invitations/", {"role": "member"}).headers["Location"] != "/confirm/"
