"""Behind a proxy that speaks TLS: who is believed, and what a form that is refused says to whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from jobs.models import User
from jobs.views import callers
from jobs.views.callers import caller
from jobs.views.http.middleware import ProxyMiddleware
from tests.support import product as products
from tests.support.factories import PASSWORD
from tests.support.typed_forms import text
from veo_site import gunicorn
from veo_site.configuration import surroundings

NAME = "dailies.lan"
LAN = f"https://{NAME}"
PROXY = "172.18.0.3"
HTTPS = {"X-Forwarded-Proto": "https"}
INSIDE = ("TRUSTED", "PUBLIC_URL", "ALLOWED_HOSTS", "X-Forwarded", "Origin", PROXY, NAME)
"""What a stranger's page must not have."""


@pytest.fixture
def lan(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [NAME, "127.0.0.1"]


class Visitor:
    """A browser at https://dailies.lan, whose requests a proxy passes on to us."""

    def __init__(self, peer: str = PROXY, **headers: str) -> None:
        self.client = Client(
            enforce_csrf_checks=True, REMOTE_ADDR=peer, headers={"Host": NAME, **headers}
        )

    def signs_in(self, origin: str = LAN, **fields: str) -> Any:
        page: Any = self.client.get("/login/")
        fields = {
            "csrfmiddlewaretoken": str(page.context["csrf_token"]),
            "username": "alice",
            "password": PASSWORD,
            **fields,
        }
        return self.client.post("/login/", fields, headers={"Origin": origin})


# ── Who is believed ──────────────────────────────────────────────────────────
@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize(
    ("changes", "peer", "headers"),
    [
        ({}, "127.0.0.1", HTTPS),
        ({"TRUSTED_PROXIES": ["172.18.0.0/16"]}, PROXY, HTTPS),
        ({"TRUSTED_PROXIES": ["10.1.1.1", PROXY]}, f"::ffff:{PROXY}", HTTPS),
        ({"TRUSTED_PROXIES": ["*"]}, "2001:db8::7", {"X-Forwarded-Proto": "https, http"}),
        ({"CSRF_TRUSTED_ORIGINS": [LAN]}, PROXY, {}),
        ({"CSRF_TRUSTED_ORIGINS": ["https://*.lan"]}, PROXY, {"Host": "127.0.0.1"}),
        (
            {"TRUSTED_PROXIES": [PROXY], "USE_X_FORWARDED_HOST": True},
            PROXY,
            {**HTTPS, "Host": "127.0.0.1", "X-Forwarded-Host": NAME},
        ),
    ],
    ids=["same machine", "network", "mapped", "anybody", "origin", "origins", "other host"],
)
def test_behind_a_tls_proxy_people_sign_in_without_public_url(
    lan: None,
    alice: User,
    settings: Any,
    changes: dict[str, Any],
    peer: str,
    headers: dict[str, str],
) -> None:
    if "TRUSTED_PROXIES" in changes:
        changes |= {"TRUSTED_PROXIES": surroundings.networks("", changes["TRUSTED_PROXIES"])}
    for name, value in changes.items():
        setattr(settings, name, value)
    visitor = Visitor(peer, **headers)
    assert visitor.signs_in().status_code == 302
    assert visitor.client.get("/").status_code == 200


@pytest.mark.django_db
@pytest.mark.data
def test_what_a_stranger_says_of_its_way_is_not_believed(lan: None, alice: User) -> None:
    liar = Visitor("203.0.113.9", **HTTPS, **{"X-Forwarded-Host": "127.0.0.1"})
    assert liar.signs_in().status_code == 403
    honest = Visitor("203.0.113.9")
    assert honest.signs_in(f"http://{NAME}").status_code == 302


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize(("headers", "is_secure"), [(HTTPS, True), ({}, False)])
def test_what_came_by_https_takes_its_cookies_home_by_https_alone(
    lan: None, alice: User, headers: dict[str, str], is_secure: bool
) -> None:
    visitor = Visitor("127.0.0.1", **headers)
    visitor.signs_in(LAN if is_secure else f"http://{NAME}")
    cookies = visitor.client.cookies
    prefix = "__Host-" if is_secure else ""
    assert {f"{prefix}sessionid", f"{prefix}csrftoken"} <= set(cookies)
    assert {bool(cookie["secure"]) for cookie in cookies.values()} == {is_secure}


# ── Whose address counts ─────────────────────────────────────────────────────
NGINX, CDN, CLIENT = "10.0.0.2", "198.51.100.20", "203.0.113.9"
OURS = [NGINX, "198.51.100.0/24"]


def seen_as(settings: Any, trusted: list[str], peer: str, told: str | None) -> str:
    """What a client is counted by, of a request that has gone through the middleware."""
    settings.TRUSTED_PROXIES = surroundings.networks("", trusted)
    headers = {} if told is None else {"X-Forwarded-For": told}
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR=peer)
    ProxyMiddleware(lambda _: HttpResponse())(request)
    return caller(request)


@pytest.mark.parametrize(
    ("trusted", "peer", "told", "client"),
    [
        (OURS, NGINX, CLIENT, CLIENT),
        (OURS, NGINX, f"{CLIENT}, {CDN}", CLIENT),
        (OURS, NGINX, f"192.0.2.1, {CLIENT}, {CDN}", CLIENT),
        (OURS, CLIENT, "192.0.2.1", CLIENT),
        (OURS, NGINX, None, NGINX),
        (OURS, NGINX, f"{CLIENT}:4711, {CDN}:443", CLIENT),
        (OURS, f"::ffff:{NGINX}", f"::ffff:{CLIENT}", CLIENT),
        (OURS, NGINX, "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        (OURS, NGINX, "[2001:db8:1:2:ffff::9]:443", "2001:db8:1:2::/64"),
        (OURS, NGINX, "fe80::1%eth0", "fe80::/64"),
        (["*"], NGINX, f"192.0.2.1, {CLIENT}", CLIENT),
        (["*", CDN], NGINX, f"192.0.2.1, {CLIENT}, {CDN}", CLIENT),
        (["*"], "", CLIENT, CLIENT),
        (["127.0.0.1"], "", CLIENT, ""),
        (["127.0.0.1", "::1"], "::1", CLIENT, CLIENT),
    ],
)
def test_a_client_is_who_our_own_proxies_heard(
    settings: Any, trusted: list[str], peer: str, told: str | None, client: str
) -> None:
    assert seen_as(settings, trusted, peer, told) == client


@given(
    made_up=st.text(st.characters(codec="latin-1", exclude_characters="\r\n")),
    trusted=st.sampled_from([OURS, ["*"], ["*", CDN]]),
)
def test_whatever_a_client_says_of_itself_it_stays_the_same(
    made_up: str, trusted: list[str]
) -> None:
    with override_settings(TRUSTED_PROXIES=surroundings.networks("", trusted)):
        assert callers.behind(NGINX, f"{made_up}, {CLIENT}") == CLIENT
        # What its proxy could not read is no address either, and never an error.
        assert callers.behind(NGINX, made_up)


# ── What a refusal says ──────────────────────────────────────────────────────
@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize(
    ("headers", "origin", "causes"),
    [
        ({}, LAN, [f"http://{NAME}", f"TRUSTED_PROXIES={PROXY}", f"TRUSTED_ORIGINS={LAN}"]),
        ({"Host": "127.0.0.1"}, LAN, [f"TRUSTED_ORIGINS={LAN}", "Host", "another site"]),
        ({}, "https://evil.example", ["https://evil.example", "another site"]),
        ({}, "null", ["did not say from which address"]),
        ({}, "https://x TRUSTED_ORIGINS=*", ["did not say from which address"]),
    ],
    ids=["tls proxy", "other host", "other site", "hidden", "made up"],
)
def test_whoever_runs_the_server_reads_the_cause_in_its_log_and_strangers_do_not(
    lan: None,
    alice: User,
    caplog: pytest.LogCaptureFixture,
    headers: dict[str, str],
    origin: str,
    causes: list[str],
) -> None:
    answer = Visitor(**headers).signs_in(origin)
    said = text(answer)
    assert answer.status_code == 403
    assert "doesn’t know the address that you opened it at" in said
    assert [word for word in INSIDE if word in said] == []
    (line,) = [r.getMessage() for r in caplog.records if r.name == "jobs.views.answers.refused"]
    assert [cause for cause in causes if cause not in line] == []


@pytest.mark.django_db
@pytest.mark.data
def test_an_admin_who_is_signed_in_reads_it_on_the_page(lan: None, admin: User) -> None:
    visitor = Visitor()
    visitor.client.force_login(admin)
    said = text(visitor.client.post("/theme/", headers={"Origin": LAN}))
    assert f"TRUSTED_ORIGINS={LAN}" in said


@pytest.mark.django_db
@pytest.mark.data
def test_a_browser_without_cookies_is_told_so(lan: None, caplog: pytest.LogCaptureFixture) -> None:
    visitor = Visitor()
    said = text(visitor.client.post("/login/", {"username": "alice"}))
    assert "Your browser sent no cookie" in said
    assert [word for word in INSIDE if word in said] == []
    assert "Set-Cookie" in caplog.text


@pytest.mark.django_db
@pytest.mark.data
def test_only_a_form_that_is_too_old_is_called_so(
    lan: None, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    answer = Visitor().signs_in(f"http://{NAME}", csrfmiddlewaretoken="x" * 64)
    assert (answer.status_code, "has expired" in text(answer)) == (403, True)
    assert not [r for r in caplog.records if r.name == "jobs.views.answers.refused"]


# ── The settings ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("typed", "origin", "host"),
    [
        ("https://dailies.lan", "https://dailies.lan", "dailies.lan"),
        (" HTTPS://Dailies.Lan:443/ ", "https://dailies.lan", "dailies.lan"),
        ("http://10.0.0.7:8080/x", "http://10.0.0.7:8080", "10.0.0.7"),
        ("https://[FD00::1]:8443", "https://[fd00::1]:8443", "[fd00::1]"),
        ("https://*.studio.example", "https://*.studio.example", ".studio.example"),
    ],
)
def test_an_origin_is_what_browsers_say(typed: str, origin: str, host: str) -> None:
    assert surroundings.origin("X", typed) == origin
    assert surroundings.allowed_host(origin) == host


@pytest.mark.parametrize(
    "typed", ["dailies.lan", "//dailies.lan", "https://", "ftp://x", "http://["]
)
def test_a_setting_that_is_no_address_is_named(typed: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"TRUSTED_ORIGINS: .* is not an address"):
        surroundings.origin("TRUSTED_ORIGINS", typed)


@pytest.mark.parametrize("typed", ["proxy", "10.0.0.0/33", "10.0.0", "", "https://10.0.0.1"])
def test_a_setting_that_is_no_network_is_named(typed: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"TRUSTED_PROXIES: .* is no address or network"):
        surroundings.networks("TRUSTED_PROXIES", [typed])


@pytest.mark.parametrize(
    ("environment", "status"),
    [
        ({"TRUSTED_ORIGINS": f"https://other.lan, {LAN}"}, 302),
        ({"ALLOWED_HOSTS": f"{NAME},127.0.0.1", "TRUSTED_PROXIES": "127.0.0.0/8"}, 302),
        ({"ALLOWED_HOSTS": f"{NAME},127.0.0.1", "TRUSTED_PROXIES": "10.9.9.9"}, 403),
    ],
    ids=["origin", "proxy", "another proxy"],
)
def test_a_server_is_set_up_behind_a_proxy_by_these_settings(
    tmp_path: Path, environment: dict[str, str], status: int
) -> None:
    with products.web_alone(products.prepared(), tmp_path / "var", **environment) as web:
        headers = {"Host": NAME, **HTTPS} if "TRUSTED_PROXIES" in environment else {"Host": NAME}
        page = requests.get(f"{web.url}/setup/", headers=headers, timeout=30)
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        code = products.setup_code(web.var, **environment)
        fields = {"csrfmiddlewaretoken": token, "username": "ada", "starting_credits": "0"}
        answer = requests.post(
            f"{web.url}/setup/",
            fields | {"password1": PASSWORD, "password2": PASSWORD, "code": code},
            headers={**headers, "Origin": LAN, "Cookie": page.headers["Set-Cookie"].split(";")[0]},
            timeout=30,
            allow_redirects=False,
        )
        log = (web.var / "browser-tests.log").read_text()
    assert answer.status_code == status
    assert ("TRUSTED_PROXIES=127.0.0.1" in log) == (status == 403)


@pytest.mark.parametrize(
    ("public_url", "host", "said"),
    [
        ("", "127.0.0.1", "http://127.0.0.1:8311"),
        ("", "dailies.lan", "http://dailies.lan:8311"),
        ("", "0.0.0.0", "http://localhost:8311 (and at every address of this machine)"),
        ("", "::", "http://localhost:8311 (and at every address of this machine)"),
        ("", "::1", "http://[::1]:8311"),
        (LAN, "0.0.0.0", LAN),
    ],
)
def test_the_server_says_an_address_that_can_be_opened(
    public_url: str,
    host: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (("PUBLIC_URL", public_url), ("HOST", host), ("PORT", 8311)):
        monkeypatch.setattr(gunicorn, name, value)
    monkeypatch.setattr(gunicorn, "PRACTICE", False)
    gunicorn.when_ready(None)
    assert capsys.readouterr().out == f"Dailies is ready: {said}\n"
