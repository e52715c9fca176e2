"""A second step at sign-in: set up, asked for, lost, and required by the team."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from jobs import people, queue, tasks
from jobs.models import AuditEvent, Session, Team, User
from jobs.people.signing_in import second_factor
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.pages.second_factors import (
    SIGN_IN,
    STEP,
    code,
    half_way,
    is_in,
    secret_on,
    set_up_app,
)
from tests.support.racing import together
from tests.support.typed_forms import HTMX, text

pytestmark = pytest.mark.django_db


# ── Setting it up ────────────────────────────────────────────────────────────
@pytest.mark.data
def test_an_app_is_set_up_with_a_picture_and_a_key_and_gives_codes_once(
    alice: User, alice_client: Client
) -> None:
    page = alice_client.get("/security/app/").content.decode()
    assert '<svg class="qr" role="img"' in page
    assert "data:image" not in page
    answer = alice_client.post("/security/app/", {"code": code(secret_on(page))}, follow=True)
    shown = answer.context["codes"]
    assert len(set(shown)) == 10
    assert {len(each) for each in shown} == {10}
    assert all(each in text(answer) for each in shown)
    again = text(alice_client.get("/security/codes/"))
    assert [each for each in shown if each in again] == []
    assert "not shown twice" in again
    assert AuditEvent.objects.filter(action="second factor added", actor=alice).exists()


def test_a_wrong_code_sets_nothing_up_and_keeps_the_key(alice: User, alice_client: Client) -> None:
    before = secret_on(alice_client.get("/security/app/").content.decode())
    answer = alice_client.post("/security/app/", {"code": "000000"})
    assert (answer.status_code, second_factor.has_one(alice)) == (422, False)
    assert secret_on(answer.content.decode()) == before


def test_setting_up_and_removing_ask_who_it_is_first(alice: User) -> None:
    late = factories.signed_in(alice, minutes_ago=60)
    for path in ("/security/app/", "/security/passkeys/add/"):
        assert late.get(path).headers["Location"].startswith("/confirm/")
    for path in ("/security/app/remove/", "/security/codes/new/", "/security/sessions/end/"):
        assert late.post(path).headers["Location"].startswith("/confirm/")


@pytest.mark.data
def test_no_secret_is_in_the_table(alice: User, app: str) -> None:
    kept = json.dumps(list(Authenticator.objects.values("data")))
    assert app not in kept
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}


# ── Signing in with it ───────────────────────────────────────────────────────
def test_the_password_alone_opens_nothing(app: str) -> None:
    client = half_way()
    assert [client.get(path).status_code for path in ("/", "/live/?since=0", "/keys/")] == [302] * 3


def test_a_code_of_the_app_leads_on_to_the_page_that_was_wanted(alice: User, app: str) -> None:
    client = half_way(next="/keys/?a=1")
    assert "One more step" in text(client.get(STEP))
    answer = client.post(STEP, {"code": code(app)[:3] + " " + code(app)[3:]})
    assert answer.headers["Location"] == "/keys/?a=1"
    assert is_in(client)
    event = AuditEvent.objects.filter(action="signed in").latest("pk")
    assert (event.actor, event.reason) == (alice, "by password and a second step")


@pytest.mark.data
def test_a_code_is_taken_once_from_any_browser(app: str) -> None:
    first, second = half_way(), half_way()
    shown = code(app)
    assert first.post(STEP, {"code": shown}).status_code == 302
    refused = second.post(STEP, {"code": shown})
    assert (refused.status_code, is_in(second)) == (422, False)
    assert "used already" in text(refused)


@pytest.mark.data
def test_the_code_of_setting_it_up_is_used_up(alice: User, alice_client: Client) -> None:
    secret, _ = set_up_app(alice_client)
    assert half_way().post(STEP, {"code": code(secret)}).status_code == 422


@pytest.mark.data
def test_no_code_before_the_last_used_one_is_taken(app: str) -> None:
    assert half_way().post(STEP, {"code": code(app, 1)}).status_code == 302
    for steps in (1, 0, -1):
        assert half_way().post(STEP, {"code": code(app, steps)}).status_code == 422


@pytest.mark.data
@pytest.mark.parametrize(("steps", "status"), [(-1, 302), (1, 302), (-2, 422), (2, 422)])
def test_a_clock_may_be_wrong_by_half_a_minute(app: str, steps: int, status: int) -> None:
    assert half_way().post(STEP, {"code": code(app, steps)}).status_code == status


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_of_ten_at_once_with_the_same_code_one_gets_in(alice: User, app: str) -> None:
    shown, clients = code(app), [half_way() for _ in range(4)]
    got = together(4, lambda number: clients[number].post(STEP, {"code": shown}).status_code)
    assert sorted(map(str, got)) == ["302", "422", "422", "422"]


@pytest.mark.data
def test_a_recovery_code_signs_in_once(alice: User, alice_client: Client) -> None:
    _, codes = set_up_app(alice_client)
    client = half_way()
    assert client.post(STEP, {"code": codes[3]}).status_code == 302
    assert half_way().post(STEP, {"code": codes[3]}).status_code == 422
    assert "9 left" in text(client.get("/security/"))


def test_new_recovery_codes_make_the_old_ones_worthless(alice_client: Client) -> None:
    _, old = set_up_app(alice_client)
    answer: Any = alice_client.post("/security/codes/new/", follow=True)
    assert set(answer.context["codes"]).isdisjoint(old)
    assert half_way().post(STEP, {"code": old[0]}).status_code == 422
    assert half_way().post(STEP, {"code": answer.context["codes"][0]}).status_code == 302


@pytest.mark.parametrize("credential", ["", "{}", "[]", "1", '{"id": 1}', '{"response": null}'])
@pytest.mark.parametrize("path", ["/login/passkey/", STEP])
def test_what_no_browser_signed_is_no_passkey(app: str, credential: str, path: str) -> None:
    client = half_way()
    client.get("/login/passkey/")
    assert client.post(path, {"credential": credential}).status_code in (302, 422)
    assert not is_in(client)


def test_nobody_reaches_the_second_step_without_the_first(app: str, client: Client) -> None:
    assert client.get(STEP).headers["Location"] == "/login/"
    assert client.post(STEP, {"code": code(app)}).headers["Location"] == "/login/"
    assert not is_in(client)


def test_a_new_password_does_not_go_round_it(alice: User, app: str, admin: User) -> None:
    new, client = "lantern sparrow nine", Client()
    link = reverse("new-password", args=[people.password_links.hand_over(alice, admin)])
    client.post(link, {"new_password1": new, "new_password2": new})
    answer = client.post("/login/", {"username": "alice", "password": new})
    assert (answer.headers["Location"], is_in(client)) == (STEP, False)
    assert client.post(STEP, {"code": code(app)}).status_code == 302
    assert is_in(client)


def test_whoever_has_one_proves_it_with_it_and_not_with_the_password(
    alice: User, alice_client: Client, app: str
) -> None:
    late = factories.signed_in(alice, minutes_ago=60)
    asked = late.post("/security/app/remove/")
    assert asked.headers["Location"].startswith("/confirm/code/")
    late.post("/confirm/", {"password": PASSWORD})
    assert second_factor.has_one(alice)
    late.post("/confirm/code/?next=/security/", {"code": code(app)})
    assert late.post("/security/app/remove/").headers["Location"] == "/security/"
    assert not Authenticator.objects.filter(user=alice).exists()
    assert is_in(signed_in_by_password())


def signed_in_by_password() -> Client:
    client = Client()
    client.post("/login/", SIGN_IN)
    return client


# ── Required by the team ─────────────────────────────────────────────────────
def require(of: str) -> None:
    Team.objects.update_or_create(pk=1, defaults={"second_factor_of": of})


@pytest.mark.parametrize(
    ("of", "as_member", "as_admin"),
    [("nobody", 200, 200), ("admins", 200, 302), ("everybody", 302, 302)],
)
def test_whoever_is_asked_and_has_none_sets_one_up_first(
    alice_client: Client, admin_client: Client, of: str, as_member: int, as_admin: int
) -> None:
    require(of)
    assert alice_client.get("/keys/").status_code == as_member
    assert admin_client.get("/keys/").status_code == as_admin


def test_until_then_nothing_else_is_open_by_whatever_way(alice: User, alice_client: Client) -> None:
    require("everybody")
    film = factories.film(alice)
    for path in ("/", "/usage/export.csv", f"/renditions/{film.pk}.mp4", f"/jobs/{film.job_id}/"):
        assert alice_client.get(path).headers["Location"] == "/security/"
    assert alice_client.post("/", {"prompt": "A fox"}).headers["Location"] == "/security/"
    poll = alice_client.get("/live/?since=0", headers=HTMX)
    assert (poll.headers["HX-Redirect"], poll.content) == ("/security/", b"")
    page = text(alice_client.get("/security/"))
    assert "Your team asks for a second step" in page
    assert alice_client.get("/healthz").status_code == 200
    assert alice_client.get("/s/nothing/").status_code == 404
    assert alice_client.post("/webhooks/kie/nothing/").status_code == 404
    set_up_app(alice_client)
    assert is_in(alice_client)


def test_somebody_made_an_admin_is_asked_with_the_next_click(
    alice: User, alice_client: Client, admin: User
) -> None:
    require("admins")
    assert is_in(alice_client)
    people.change_role(alice, "admin", admin, reason="x")
    assert not is_in(alice_client)


@pytest.mark.data
def test_recovery_codes_alone_are_no_second_factor(alice: User, alice_client: Client) -> None:
    set_up_app(alice_client)
    Authenticator.objects.exclude(type="recovery_codes").delete()
    require("everybody")
    assert not is_in(alice_client)


@pytest.mark.data
def test_an_admin_chooses_of_whom_it_is_asked_with_a_reason(admin_client: Client) -> None:
    form = {"name": "", "reset_day": "1", "currency": "USD", "second_factor_of": "admins"}
    assert admin_client.post("/team/settings/", {**form, "reason": ""}).status_code == 422
    admin_client.post("/team/settings/", {**form, "reason": "Audit"})
    assert Team.current().second_factor_of == "admins"
    event = AuditEvent.objects.get(subject="second step at sign-in")
    assert (event.before, event.after, event.reason) == ("nobody", "admins", "Audit")


# ── Lost ─────────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_an_admin_removes_what_somebody_has_lost(
    alice: User, app: str, admin: User, admin_client: Client
) -> None:
    page = f"/team/people/{alice.pk}/"
    assert "Remove second step" in text(admin_client.get(page))
    assert admin_client.post(f"{page}second-factor/remove/", {"reason": ""}).status_code == 422
    admin_client.post(f"{page}second-factor/remove/", {"reason": "Lost phone"})
    assert not Authenticator.objects.filter(user=alice).exists()
    assert not Session.objects.filter(user=alice).exists()
    event = AuditEvent.objects.filter(action="second factor removed").latest("pk")
    assert (event.actor, event.subject, event.reason) == (admin, "alice", "Lost phone")
    assert is_in(signed_in_by_password())


@pytest.mark.data
def test_the_person_is_told_by_mail(
    alice: User,
    app: str,
    admin: User,
    settings: Any,
    mailoutbox: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.HAS_MAIL = True
    User.objects.filter(pk=alice.pk).update(email="alice@studio.example")
    woken: list[str] = []
    monkeypatch.setattr(queue, "_wake", lambda _, row: woken.append(str(row)))
    second_factor.remove(alice, admin, reason="Lost phone")
    tasks.tell_of_lost_factor(*woken)
    (message,) = mailoutbox
    assert message.to == ["alice@studio.example"]
    assert "ada has removed your second sign-in step" in message.body


def test_nobody_removes_their_own_as_an_admin(admin: User, admin_client: Client) -> None:
    set_up_app(admin_client)
    with pytest.raises(people.PersonNotChanged):
        second_factor.remove(admin, admin, reason="x")


# ── Its secrets under other keys ─────────────────────────────────────────────
@pytest.mark.data
def test_its_secrets_move_to_the_newest_key(alice: User, app: str, settings: Any) -> None:
    older = settings.CREDENTIAL_KEYS
    settings.CREDENTIAL_KEYS = ["Zz" * 21 + "A=", *older]
    call_command("rotate_credential_keys")
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    assert half_way().post(STEP, {"code": code(app)}).status_code == 302


def test_without_its_key_nobody_gets_in_and_everybody_is_told_why(app: str, settings: Any) -> None:
    settings.CREDENTIAL_KEYS = ["Zz" * 21 + "A="]
    answer = half_way().post(STEP, {"code": code(app)})
    assert (answer.status_code, "Ask an admin to remove it" in text(answer)) == (422, True)
    with pytest.raises(CommandError):
        call_command("rotate_credential_keys")
