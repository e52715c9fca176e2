"""Signing in by OpenID Connect, against an issuer that is really there."""

from __future__ import annotations

import re
import socket
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from jobs import people
from jobs.models import AuditEvent, Invitation, Session, User
from jobs.net.floods import Limit
from jobs.people.signing_in.single_sign_on import is_connected
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.limited import allow
from tests.support.servers.issuer import Issuer, issuer
from tests.support.typed_forms import text
from veo_site.configuration import sign_in

__all__ = ["issuer"]
pytestmark = pytest.mark.django_db


def set_out(client: Client, **form: str) -> str:
    """The address at the issuer that the browser is led to."""
    page = client.post("/sso/", form).content.decode()
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)
    assert found, page
    return unescape(found[1])


def come_back(client: Client, way: str) -> Any:
    """As the browser does: to the issuer, and from there back with what it says."""
    back = requests.get(way, allow_redirects=False, timeout=5).headers["Location"]
    at = urlsplit(back)
    assert f"{at.scheme}://{at.netloc}" == "http://testserver"
    return client.get(f"{at.path}?{at.query}")


def sign_in_with(client: Client, **form: str) -> Any:
    return come_back(client, set_out(client, **form))


def who_is_in(client: Client) -> str:
    return str(client.get("/security/", follow=True).context["request"].user.username)


def connected(person: User) -> None:
    browser = factories.signed_in(person)
    sign_in_with(browser, purpose="connect")
    assert is_connected(person)


# ── Floods ───────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_who_sets_out_again_and_again_is_told_to_wait_and_the_issuer_is_not_asked(
    issuer: Issuer, settings: Any, client: Client
) -> None:
    allow(settings, Limit.SSO_OF_ADDRESS, "3/1h")
    assert [client.post("/sso/").status_code for _ in range(4)] == [200, 200, 200, 429]
    sessions = Session.objects.count()
    assert Client().get("/sso/callback/?state=x&code=y").status_code == 429
    assert Session.objects.count() == sessions
    assert issuer.configured == 1


# ── Who comes in ─────────────────────────────────────────────────────────────
@pytest.mark.data
def test_whoever_connected_their_account_signs_in_with_it(
    issuer: Issuer, alice: User, client: Client
) -> None:
    assert "Sign in with Studio ID" in text(client.get("/login/"))
    connected(alice)
    answer = sign_in_with(client, next="/keys/")
    assert (answer.headers["Location"], who_is_in(client)) == ("/keys/", "alice")
    event = AuditEvent.objects.get(action="signed in")
    assert (event.actor, event.reason) == (alice, "by Studio ID")
    assert client.post("/profile/", {"email": ""}).headers["Location"] == "/profile/"


@pytest.mark.data
def test_an_invited_person_joins_with_it_and_has_no_password(
    issuer: Issuer, admin: User, client: Client
) -> None:
    issuer.who |= {"email": "grace@studio.example", "email_verified": True}
    token = people.invite("admin", admin, credits=70)
    assert "Join with Studio ID" in text(client.get(f"/join/{token}/"))
    sign_in_with(client, invitation=token)
    grace = User.objects.get(username="grace")
    assert (who_is_in(client), grace.role, grace.email) == (
        "grace",
        "admin",
        "grace@studio.example",
    )
    assert not grace.has_usable_password()
    assert not Invitation.objects.open().exists()
    assert token not in str(list(client.session.items()))


def test_a_stranger_is_told_how_to_get_in_and_leaves_no_person_behind(
    issuer: Issuer, alice: User, client: Client
) -> None:
    answer: Any = client.get(sign_in_with(client).headers["Location"])
    assert "Nobody here is known by your account at Studio ID." in text(answer)
    assert User.objects.count() == 1


def test_an_address_that_somebody_typed_makes_nobody_the_owner_of_it(
    issuer: Issuer, alice: User, client: Client
) -> None:
    User.objects.filter(pk=alice.pk).update(email="boss@studio.example")
    issuer.who |= {"email": "boss@studio.example", "email_verified": True}
    assert sign_in_with(client).headers["Location"] == "/login/"
    assert not is_connected(alice)


def test_where_the_team_is_open_a_stranger_becomes_a_member(
    issuer: Issuer, settings: Any, client: Client
) -> None:
    settings.OIDC_OPEN = True
    factories.person("grace", "member")
    issuer.who |= {"email": "grace@elsewhere.example", "email_verified": False}
    sign_in_with(client)
    new = User.objects.get(username="grace-2")
    assert (who_is_in(client), new.role, new.email) == ("grace-2", "member", "")


@pytest.mark.data
@pytest.mark.parametrize("name", ["", "а1ice mixed", "<b>", "x" * 300, "alice", "ALICE"])
def test_a_name_that_is_none_here_becomes_one(
    issuer: Issuer, settings: Any, alice: User, client: Client, name: str
) -> None:
    settings.OIDC_OPEN = True
    issuer.who["preferred_username"] = name
    sign_in_with(client)
    assert User.objects.count() == 2
    assert who_is_in(client) not in ("", "alice")


def test_a_deactivated_person_does_not_come_in_by_another_door(
    issuer: Issuer, alice: User, client: Client
) -> None:
    connected(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    answer: Any = client.get(sign_in_with(client).headers["Location"])
    assert "You can’t sign in here any more." in text(answer)
    assert client.get("/").status_code == 302


@pytest.mark.data
def test_the_same_number_from_another_issuer_is_somebody_else() -> None:
    assert sign_in.provider_id("https://one.example") != sign_in.provider_id("https://two.example")


# ── Groups ───────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_groups_are_followed_at_each_sign_in(
    issuer: Issuer, settings: Any, alice: User, admin: User
) -> None:
    connected(alice)
    settings.OIDC_ADMIN_GROUPS = ["producers"]
    roles = []
    for groups in (["producers", "x"], ["x"], None, ["producers"]):
        issuer.who["groups"] = groups
        sign_in_with(Client())
        roles.append(User.objects.get(pk=alice.pk).role)
    assert roles == ["admin", "member", "member", "admin"]
    events = AuditEvent.objects.filter(action="role changed", subject="alice")
    assert {event.reason for event in events} == {"By their groups at Studio ID"}


def test_the_last_admin_stays_one_whatever_their_groups_say(
    issuer: Issuer, settings: Any, admin: User, client: Client
) -> None:
    connected(admin)
    settings.OIDC_ADMIN_GROUPS = ["producers"]
    sign_in_with(client)
    assert (who_is_in(client), User.objects.get(pk=admin.pk).role) == ("ada", "admin")


def test_without_groups_that_make_admins_roles_are_left_alone(
    issuer: Issuer, admin: User, alice: User
) -> None:
    connected(admin)
    factories.admin("eve")
    sign_in_with(Client())
    assert User.objects.get(pk=admin.pk).is_admin


# ── What is not believed ─────────────────────────────────────────────────────
LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x" * 43},
    "for another client": {"aud": "somebody-else"},
    "of another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": int(time.time()) - 60},
    "of nobody": {"sub": ""},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_identity_that_is_not_meant_for_us_is_not_believed(
    issuer: Issuer, alice: User, client: Client, lie: str
) -> None:
    connected(alice)
    issuer.lies = LIES[lie]
    assert sign_in_with(client).headers["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_an_identity_that_somebody_else_signed_is_not_believed(
    issuer: Issuer, alice: User, client: Client
) -> None:
    connected(alice)
    issuer.signing_key = rsa.generate_private_key(65537, 2048)
    assert sign_in_with(client).headers["Location"] == "/login/"
    assert client.get("/").status_code == 302


@pytest.mark.data
def test_an_issuer_that_speaks_of_two_people_is_not_believed(
    issuer: Issuer, alice: User, client: Client
) -> None:
    connected(alice)
    issuer.userinfo_lies = {"sub": "1002"}
    assert sign_in_with(client).headers["Location"] == "/login/"


def test_an_issuer_under_another_name_is_not_asked(
    issuer: Issuer, alice: User, client: Client
) -> None:
    issuer.config_lies = {"issuer": "https://evil.example"}
    answer: Any = client.post("/sso/", follow=True)
    assert "Studio ID can’t be reached just now." in text(answer) or "didn’t work" in text(answer)
    assert not issuer.asked


def test_an_answer_that_another_browser_was_to_get_is_not_taken(
    issuer: Issuer, alice: User, client: Client
) -> None:
    connected(alice)
    way = set_out(Client())
    assert come_back(client, way).headers["Location"] == "/login/"
    assert client.get("/").status_code == 302


@pytest.mark.data
def test_an_answer_is_taken_once(issuer: Issuer, alice: User, client: Client) -> None:
    connected(alice)
    way = set_out(client)
    back = urlsplit(requests.get(way, allow_redirects=False, timeout=5).headers["Location"])
    client.get(f"{back.path}?{back.query}")
    client.post("/logout/")
    assert client.get(f"{back.path}?{back.query}").headers["Location"] == "/login/"


def test_each_attempt_is_bound_to_its_browser(issuer: Issuer, alice: User) -> None:
    asked = [parse_qs(urlsplit(set_out(Client())).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name], name
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["redirect_uri"] == ["http://testserver/sso/callback/"]


@pytest.mark.parametrize("error", ["access_denied", "server_error"])
def test_who_turns_back_at_the_issuer_may_try_again(
    issuer: Issuer, alice: User, client: Client, error: str
) -> None:
    issuer.refuses = error
    answer: Any = client.get(sign_in_with(client).headers["Location"])
    assert "Signing in with Studio ID didn’t work. Try again." in text(answer)


def test_an_issuer_that_is_not_there_is_said_so(
    issuer: Issuer, alice: User, client: Client
) -> None:
    issuer.close()
    with socket.create_server(("127.0.0.1", 0)):
        answer: Any = client.post("/sso/", follow=True)
    assert "Studio ID can’t be reached just now." in text(answer)


@pytest.mark.parametrize("path", ["/sso/", "/sso/callback/"])
def test_where_it_is_not_set_up_it_does_not_exist(client: Client, alice: User, path: str) -> None:
    assert client.get(path).status_code == 404
    assert b"/sso/" not in client.get("/login/").content


# ── One's own account ────────────────────────────────────────────────────────
def test_connecting_asks_for_the_password_first(issuer: Issuer, alice: User) -> None:
    late = factories.signed_in(alice, minutes_ago=60)
    assert late.post("/sso/", {"purpose": "connect"}).headers["Location"] == "/confirm/"


@pytest.mark.data
def test_one_identity_is_one_person(issuer: Issuer, alice: User, bob: User) -> None:
    connected(alice)
    browser = factories.signed_in(bob)
    answer: Any = browser.get(sign_in_with(browser, purpose="connect").headers["Location"])
    assert "connected already" in text(answer)
    assert not is_connected(bob)
    issuer.who["sub"] = "2002"
    sign_in_with(factories.signed_in(alice), purpose="connect")
    assert alice.socialaccount_set.count() == 1


@pytest.mark.data
def test_whoever_has_a_password_can_disconnect(issuer: Issuer, alice: User) -> None:
    connected(alice)
    browser = factories.signed_in(alice)
    for has_password in (False, True):
        fresh = User.objects.get(pk=alice.pk)
        if not has_password:
            fresh.set_unusable_password()
        else:
            fresh.set_password(PASSWORD)
        User.objects.filter(pk=alice.pk).update(password=fresh.password)
        browser = factories.signed_in(fresh)
        browser.post("/security/sso/disconnect/")
        assert is_connected(alice) is not has_password


def test_who_has_no_password_proves_it_there_and_loses_nothing(
    issuer: Issuer, admin: User, alice: User, client: Client
) -> None:
    token = people.invite("admin", admin)
    sign_in_with(client, invitation=token)
    grace = User.objects.get(username="grace")
    factories.proved(client, grace, minutes_ago=60)
    grant = {"user": alice.pk, "credits": "500", "reason": "October"}
    assert client.post("/team/", grant).headers["Location"] == "/sso/"
    assert "What you typed is kept" in text(client.get("/sso/"))
    assert "Is it you?" in text(client.get("/sso/"))
    answer = sign_in_with(client, purpose="again")
    assert answer.headers["Location"] == "/team/"
    assert "500 credits granted to alice." in text(client.get("/team/"))
    assert (issuer.asked[-1]["prompt"], issuer.asked[-1]["max_age"]) == ("login", "0")


@pytest.mark.parametrize("lie", [{"auth_time": 1}, {"auth_time": None}, {"sub": "2002"}])
def test_an_issuer_that_did_not_ask_again_proves_nothing(
    issuer: Issuer, admin: User, alice: User, client: Client, lie: dict[str, Any]
) -> None:
    connected(admin)
    User.objects.filter(pk=admin.pk).update(password="!")
    browser = factories.signed_in(User.objects.get(pk=admin.pk), minutes_ago=60)
    grant = {"user": alice.pk, "credits": "500", "reason": "October"}
    browser.post("/team/", grant)
    issuer.lies = lie
    issuer.who |= {"sub": lie.get("sub", "1001")}
    assert sign_in_with(browser, purpose="again").headers["Location"] == "/security/"
    assert browser.post("/team/", grant).headers["Location"] == "/sso/"


# ── Settings ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"issuer": "http://id.example"}, "https address"),
        ({"client_id": ""}, "OIDC_CLIENT_ID"),
        ({"secret": ""}, "OIDC_CLIENT_SECRET"),
    ],
)
def test_a_setting_that_cannot_work_is_said_at_the_start(change: dict[str, str], why: str) -> None:
    given = {"issuer": "https://id.example", "client_id": "a", "secret": "b", **change}
    with pytest.raises(ImproperlyConfigured, match=why):
        sign_in.providers(**given, scope=["openid"])
