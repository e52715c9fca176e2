"""What guards every address: tokens of forms, headers, and pages for when it goes wrong."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from jobs.models import User
from tests.access.addresses import ROWS
from tests.access.conftest import World, ask
from tests.support import factories
from tests.support.typed_forms import HTMX, composer, text

pytestmark = pytest.mark.django_db


SECRET_ADDRESSES = {"webhook", "webhook-test", "shared", "shared-review", "stop-mail"}
"""What is asked for there, no signed-in person's right is needed for: knowing the address is."""


# ── Forms only from our own pages ────────────────────────────────────────────
@pytest.mark.parametrize("token", [None, "", "wapiti", "x" * 64])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_no_form_is_taken_without_the_token_of_a_page_of_ours(
    admin: User, world: World, headers: dict[str, str], token: str | None
) -> None:
    strict, got = Client(enforce_csrf_checks=True), {}
    strict.force_login(admin)
    strict.get("/credits/")  # which brings the cookie that goes with a token
    sent = composer(csrfmiddlewaretoken=token)
    for name, row in ROWS.items():
        if "post" in row.methods and name not in SECRET_ADDRESSES:
            got[name] = ask(strict, "post", world.path(name), sent, **headers).status_code
    assert got == dict.fromkeys(got, 403)


@pytest.mark.parametrize("path", ["/setup/", "/login/"])
def test_nor_is_one_of_a_stranger(path: str, db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path, {"username": "x"}).status_code == 403


def test_the_token_of_a_page_is_what_its_scripts_send(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    page: Any = strict.get("/")
    headers = {**HTMX, "X-CSRFToken": str(page.context["csrf_token"])}
    assert strict.post("/", composer(), headers=headers).status_code == 200


# ── Headers ──────────────────────────────────────────────────────────────────
PAGES = ["/", "/keys/", "/login/", "/nothing/here/", "/healthz"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_what_a_browser_may_do_with_it(alice_client: Client, path: str) -> None:
    headers = alice_client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_runs_our_own_files_and_nothing_else(alice_client: Client, path: str) -> None:
    policy = alice_client.get(path).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_the_policy_is_put_together_once_for_all_answers(
    alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = alice_client.get("/").headers["Content-Security-Policy"]
    monkeypatch.setattr("csp.middleware.build_policy", None)
    assert alice_client.get("/keys/").headers["Content-Security-Policy"] == first


def test_no_page_needs_inline_script_or_style(clients: dict[str, Client], world: World) -> None:
    traces = (" style=", "<style", " onclick=", " onload=", "javascript:", "hx-on", "js:")
    for name, row in ROWS.items():
        if "get" in row.methods:
            answer = ask(clients["admin"], "get", world.path(name))
            page = b"" if answer.streaming else answer.content
            assert not [each for each in traces if each.encode() in page], name


def test_a_film_is_never_anything_else(clients: dict[str, Client], world: World) -> None:
    headers = ask(clients["owner"], "get", world.path("video")).headers
    assert headers["Content-Type"] == "video/mp4"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


def test_cookies_stay_on_this_site(client: Client, alice: User) -> None:
    client.post("/login/", {"username": "alice", "password": factories.PASSWORD})
    assert {cookie["samesite"] for cookie in client.cookies.values()} == {"Lax"}


def test_no_other_site_reads_an_answer_of_ours(clients: dict[str, Client], world: World) -> None:
    for name in ROWS:
        answer = ask(clients["owner"], "get", world.path(name), Origin="https://evil.example")
        assert not [each for each in answer.headers if each.startswith("Access-Control")], name


def test_a_foreign_host_name_is_refused(client: Client) -> None:
    assert client.get("/login/", headers={"Host": "evil.example"}).status_code == 400


# ── What is not there ────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/admin/",
        "/static/",
        "/media/",
        "/var/db.sqlite3",
        "/static/../manage.py",
        "/static/%2e%2e/manage.py",
        "/renditions/",
        "/renditions/..%2f..%2fmanage.py.mp4",
        "/jobs/",
        "/jobs/1/",
        "/__debug__/",
        "/%00",
    ],
)
def test_there_is_nothing_to_find(admin_client: Client, path: str) -> None:
    assert admin_client.get(path).status_code == 404


def test_a_film_that_vanished_from_the_disk_is_not_found(
    clients: dict[str, Client], world: World
) -> None:
    shutil.rmtree(django_settings.MEDIA_ROOT)
    assert clients["owner"].get(world.path("video")).status_code == 404


# ── Pages for when it goes wrong ─────────────────────────────────────────────
@pytest.mark.urls("tests.support.pages.broken_addresses")
@pytest.mark.parametrize("status", [400, 403, 500])
@pytest.mark.parametrize("who", ["signed out", "owner"])
def test_an_error_has_a_page_that_gives_nothing_away(
    status: int, who: str, clients: dict[str, Client]
) -> None:
    client = clients[who]
    client.raise_request_exception = False
    answer = client.get(f"/{status}/", follow=False)
    if who == "signed out":
        assert answer.status_code == 302
        return
    assert answer.status_code == status
    assert f'<b class="code">{status}</b>' in answer.content.decode()
    assert b"canary-detail" not in answer.content


@pytest.mark.parametrize("who", ["signed out", "owner"])
def test_a_wrong_address_has_a_page(who: str, clients: dict[str, Client]) -> None:
    answer = clients[who].get("/nothing/here/")
    assert answer.status_code == 404
    assert "Nothing here" in text(answer)


def test_an_outdated_form_has_a_page(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    strict.get("/password/")
    old = {"theme": "dark", "csrfmiddlewaretoken": "x" * 64}
    assert "This form has expired" in text(strict.post("/theme/", old))
    # On a page that stays, a script says it.
    answer = strict.post("/theme/", old, headers={"HX-Request": "true"})
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "You have signed in again since this page was opened." in answer.content.decode()


@pytest.mark.parametrize("name", ["400", "500"])
def test_the_page_of_last_resort_needs_nothing(name: str) -> None:
    page = (django_settings.BASE_DIR / "templates" / f"{name}.html").read_text()
    assert "{%" not in page
    # The number of the request is known before anything is asked.
    assert "{{" not in page.replace("{{ number }}", "")
