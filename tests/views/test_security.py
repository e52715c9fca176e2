"""Who gets which answer at every address, and what protects all of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from jobs import people, shares
from jobs.archive import images, public_url
from jobs.models import (
    BlockedVisitor,
    Image,
    Invitation,
    Job,
    JobImage,
    LimitUse,
    Project,
    Rendition,
    ReviewNote,
    ShareLink,
    User,
)
from tests.support import factories
from tests.support.films import film
from tests.support.pictures import picture
from tests.support.typed_forms import HTMX, composer, text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

LOGIN = "login"
"""Instead of a status: led to the sign-in page."""


@dataclass(frozen=True)
class Row:
    """What one address answers to whom. `owner` is a member whose job or film it is."""

    signed_out: int | str
    owner: int
    member: int
    admin: int
    method: str = "get"

    def expected(self, who: str) -> int | str:
        return self.signed_out if who in ("signed out", "deactivated") else vars(self)[who]


HIDDEN = {(200, 404), (302, 404)}
"""What the owner and another member get where one job or film is addressed."""
ROWS = {
    "studio": Row(LOGIN, 200, 200, 200),
    "live": Row(LOGIN, 200, 200, 200),
    "same": Row(LOGIN, 405, 405, 405),
    "setup": Row(404, 404, 404, 404),
    "login": Row(200, 302, 302, 302),
    "account_login": Row(200, 302, 302, 302),
    "logout": Row(LOGIN, 302, 302, 302, "post"),
    "password": Row(LOGIN, 200, 200, 200),
    "theme": Row(LOGIN, 302, 302, 302, "post"),
    "job": Row(LOGIN, 200, 404, 200),
    "cancel": Row(LOGIN, 302, 404, 302, "post"),
    "retry": Row(LOGIN, 302, 404, 302, "post"),
    "resolve": Row(LOGIN, 302, 404, 302, "post"),
    "resubmit": Row(LOGIN, 302, 404, 302, "post"),
    "write-off": Row(LOGIN, 404, 404, 302, "post"),
    "upgrade": Row(LOGIN, 302, 404, 302, "post"),
    "extend": Row(LOGIN, 200, 404, 200),
    "video": Row(LOGIN, 200, 404, 200),
    "poster": Row(LOGIN, 200, 404, 200),
    "store-again": Row(LOGIN, 302, 404, 302, "post"),
    "images": Row(LOGIN, 302, 302, 302, "post"),
    "frames": Row(LOGIN, 200, 200, 200),
    "image": Row(LOGIN, 200, 404, 200),
    "public-image": Row(200, 200, 200, 200),
    "projects": Row(LOGIN, 200, 200, 200),
    "keys": Row(LOGIN, 200, 200, 200),
    "check-key": Row(LOGIN, 302, 302, 404, "post"),
    "remove-key": Row(LOGIN, 302, 302, 404, "post"),
    "remove-signing-key": Row(LOGIN, 302, 302, 404, "post"),
    "team": Row(LOGIN, 404, 404, 200),
    "join": Row(404, 404, 404, 404),
    "person": Row(LOGIN, 404, 404, 200),
    "change-role": Row(LOGIN, 404, 404, 422, "post"),
    "deactivate": Row(LOGIN, 404, 404, 422, "post"),
    "reactivate": Row(LOGIN, 404, 404, 422, "post"),
    "leave": Row(LOGIN, 404, 404, 200),
    "invitations": Row(LOGIN, 404, 404, 200),
    "revoke-invitation": Row(LOGIN, 404, 404, 302, "post"),
    "audit": Row(LOGIN, 404, 404, 200),
    "audit-csv": Row(LOGIN, 404, 404, 200),
    "team-settings": Row(LOGIN, 404, 404, 200),
    "prices": Row(LOGIN, 404, 404, 200),
    "budgets": Row(LOGIN, 404, 404, 200),
    "requests": Row(LOGIN, 404, 404, 200),
    "credits": Row(LOGIN, 200, 200, 200),
    "admit": Row(LOGIN, 302, 404, 302, "post"),
    "outstanding": Row(LOGIN, 404, 404, 200),
    "usage": Row(LOGIN, 200, 200, 200),
    "usage-csv": Row(LOGIN, 200, 200, 200),
    "statements": Row(LOGIN, 200, 200, 200),
    "statement": Row(LOGIN, 404, 404, 200),
    "statement-csv": Row(LOGIN, 404, 404, 200),
    "statements-csv": Row(LOGIN, 404, 404, 200),
    "reconciliation": Row(LOGIN, 404, 404, 200),
    "reconciliation-evidence": Row(LOGIN, 404, 404, 200),
    "shares": Row(LOGIN, 200, 200, 200),
    "new-share": Row(LOGIN, 200, 200, 200),
    "share": Row(LOGIN, 200, 404, 200),
    "revoke-share": Row(LOGIN, 302, 404, 302, "post"),
    "regenerate-share": Row(LOGIN, 302, 404, 302, "post"),
    "shared": Row(200, 200, 200, 200),
    "shared-embed": Row(200, 200, 200, 200),
    "shared-video": Row(200, 200, 200, 200),
    "shared-poster": Row(200, 200, 200, 200),
    "shared-picture": Row(404, 404, 404, 404),
    "shared-download": Row(404, 404, 404, 404),
    "shared-review": Row(422, 422, 422, 422, "post"),
    "review-csv": Row(LOGIN, 200, 404, 200),
    "answer-note": Row(LOGIN, 302, 404, 302, "post"),
    "resolve-note": Row(LOGIN, 302, 404, 302, "post"),
    # The admin comes after the owner, when it is gone.
    "delete-note": Row(LOGIN, 302, 404, 404, "post"),
    "block-visitor": Row(LOGIN, 302, 404, 302, "post"),
    "unblock-visitor": Row(LOGIN, 302, 404, 404, "post"),
    "oembed": Row(404, 404, 404, 404),
    "webhook": Row(404, 404, 404, 404, "post"),
    "healthz": Row(200, 200, 200, 200),
    "readyz": Row(200, 200, 200, 200),
}
OF_JOBS = (
    "job",
    "admit",
    "cancel",
    "retry",
    "resolve",
    "resubmit",
    "write-off",
    "upgrade",
    "extend",
)
OF_ONE_FILE = ("video", "poster", "picture", "download", "review")
OF_PEOPLE = ("person", "change-role", "deactivate", "reactivate", "leave")
OF_NOTES = ("answer-note", "resolve-note", "delete-note", "block-visitor")
OF_ONE_JOB = {name for name, row in ROWS.items() if (row.owner, row.member) in HIDDEN}
OPEN = {name for name, row in ROWS.items() if row.signed_out != LOGIN}


def url_names() -> set[str]:
    names = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    assert "studio" in names
    return names


@pytest.fixture
def stored(alice: User) -> Rendition:
    """A film of Alice's that is kept by us."""
    job = factories.job(alice, prompt="A fox")
    Job.objects.filter(pk=job.pk).update(
        status="succeeded", external_id="task-1", charged=60, finished_at=timezone.now()
    )
    folder = Path(django_settings.MEDIA_ROOT)
    folder.mkdir(parents=True)
    for name in ("a.mp4", "a.webp"):
        (folder / name).write_bytes(film())
    facts = {"state": "stored", "sha256": "0" * 64, "bytes": len(film())}
    return Rendition.objects.create(
        job=job,
        resolution="720p",
        source_url="https://provider.example/a.mp4",
        file="a.mp4",
        poster="a.webp",
        stored_at=timezone.now(),
        **facts,
    )


@pytest.fixture
def image(stored: Rendition) -> Image:
    """A picture of Alice's that went into that job."""
    made = images.add(stored.job.owner, picture(), Image.Origin.UPLOAD)
    JobImage.objects.create(job=stored.job, image=made, position=0)
    return made


@pytest.fixture
def invitation(admin: User) -> Invitation:
    people.invite("member", admin)
    return Invitation.objects.get()


@pytest.fixture
def shared(stored: Rendition) -> tuple[ShareLink, str]:
    terms = shares.Terms(embed_sites="https://site.example")
    return shares.create([stored], terms, stored.job.owner)


@pytest.fixture
def note(shared: tuple[ShareLink, str]) -> ReviewNote:
    take = shared[0].takes.get()
    rude = shares.say(shared[0], take, "comment", name="Bo", visitor="bo", text="Bah")
    shares.block(rude, shared[0].owner, and_delete=True)
    return shares.say(shared[0], take, "comment", name="Ana", visitor="ana", text="Slower")


@pytest.fixture
def paths(
    stored: Rendition,
    project: Project,
    image: Image,
    invitation: Invitation,
    shared: tuple[ShareLink, str],
    note: ReviewNote,
) -> dict[str, str]:
    """Where each name leads, with ids of Alice's things."""
    month = f"{timezone.localdate():%Y-%m}"
    arguments: dict[str, list[object]] = {
        **{name: [stored.job_id] for name in OF_JOBS},
        **{name: [stored.pk] for name in ("video", "poster", "store-again")},
        **{name: ["veo4"] for name in ("check-key", "remove-key", "remove-signing-key")},
        **{name: [stored.job.owner_id] for name in OF_PEOPLE},
        "revoke-invitation": [invitation.pk],
        "join": ["x" * 43],
        "image": [image.pk, image.suffix],
        **{name: ["team", "team", month] for name in ("statement", "statement-csv")},
        "statements-csv": [month],
        "reconciliation-evidence": ["kie", month],
        "webhook": ["kie", "x" * 43],
        **{name: [shared[0].pk] for name in ("share", "revoke-share", "regenerate-share")},
        "review-csv": [shared[0].pk],
        **{name: [note.pk] for name in OF_NOTES},
        "unblock-visitor": [BlockedVisitor.objects.get().pk],
        **{name: [shared[1]] for name in ("shared", "shared-embed")},
        **{f"shared-{name}": [shared[1], stored.pk] for name in OF_ONE_FILE},
    }
    found = {
        name: reverse(name, args=arguments.get(name, [])) for name in ROWS if name != "public-image"
    }
    return {**found, "public-image": public_url(image)}


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(name="Autumn")


@pytest.fixture
def clients(alice: User, bob: User, admin: User) -> dict[str, Client]:
    gone = factories.member("gone")
    cast = {
        "signed out": Client(),
        "deactivated": factories.signed_in(gone),
        "owner": factories.signed_in(alice),
        "member": factories.signed_in(bob),
        "admin": factories.signed_in(admin),
    }
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return cast


def ask(client: Client, method: str, path: str, **headers: str) -> Any:
    """The answer, read to its end, which closes the file that a film is sent from."""
    answer = getattr(client, method)(path, headers=headers)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer


@contextmanager
def undone(*clients: Client) -> Iterator[None]:
    """What is asked in here has no consequences, for rows as little as for these clients."""
    cookies = [deepcopy(client.cookies) for client in clients]
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for client, kept in zip(clients, cookies, strict=True):
        client.cookies = kept


def everything() -> str:
    """All rows there are, so that any change shows; but for the count of what people asked for."""
    counted = {*apps.get_models()} - {LimitUse}
    models = sorted(counted, key=lambda model: model._meta.label)
    rows = {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models
    }
    return json.dumps(rows, default=str)


# ── Who ──────────────────────────────────────────────────────────────────────
def test_every_address_has_its_row() -> None:
    assert url_names() == set(ROWS)


def test_everybody_gets_the_answer_that_is_theirs(
    clients: dict[str, Client], paths: dict[str, str]
) -> None:
    got: dict[str, dict[str, int | str]] = {}
    for name, row in ROWS.items():
        path = f"{paths[name]}?since=0" if name == "live" else paths[name]
        got[name] = {}
        with undone(*clients.values()):
            for who, client in clients.items():
                answer = ask(client, row.method, path)
                to_login = answer.headers.get("Location", "").startswith("/login/?next=")
                got[name][who] = LOGIN if to_login else answer.status_code
    assert got == {name: {who: row.expected(who) for who in clients} for name, row in ROWS.items()}


def test_what_is_not_yours_looks_like_what_is_not_there(
    clients: dict[str, Client],
    paths: dict[str, str],
    stored: Rendition,
    image: Image,
    shared: tuple[ShareLink, str],
    note: ReviewNote,
) -> None:
    ids = (stored.pk, stored.job_id, image.pk, shared[0].pk, note.pk)
    bob, got, due = clients["member"], {}, {}
    for name in sorted(OF_ONE_JOB):
        method = ROWS[name].method
        number = next(n for n in ids if str(n) in paths[name])
        with undone(bob):
            foreign = ask(bob, method, paths[name])
            missing = ask(bob, method, paths[name].replace(str(number), str(uuid4())))
        got[name], due[name] = (foreign.status_code, foreign.content), (404, missing.content)
    assert got == due


def test_a_signed_out_tab_gets_no_page_into_its_grid(client: Client, paths: dict[str, str]) -> None:
    closed, got = set(ROWS) - OPEN, {}
    for name in closed:
        with undone(client):
            answer = ask(client, ROWS[name].method, paths[name], **HTMX)
        got[name] = answer.headers.get("HX-Redirect"), answer.content
    assert got == dict.fromkeys(closed, ("/login/", b""))


def test_a_colleague_plays_what_is_filed_in_a_project(
    clients: dict[str, Client], paths: dict[str, str], project: Project
) -> None:
    Job.objects.update(project=project)
    assert ask(clients["member"], "get", paths["video"]).status_code == 200


@pytest.mark.parametrize("field", ["project", "from", "q", "scope", "tab"])
def test_no_filter_widens_what_one_sees(
    field: str, clients: dict[str, Client], stored: Rendition
) -> None:
    for value in (stored.job_id, "everyone", "all", stored.job.owner_id, "fox"):
        answer = clients["member"].get("/", {field: str(value)})
        assert f"job-{stored.job_id}" not in answer.content.decode()


# ── Looking changes nothing ──────────────────────────────────────────────────
@pytest.mark.parametrize("who", ["owner", "admin"])
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_at_everything_changes_nothing(
    method: str, who: str, clients: dict[str, Client], paths: dict[str, str]
) -> None:
    Job.objects.update(status="queued", charged=None)
    before = everything()
    for path in paths.values():
        for query in ("", "?since=0&theme=dark&credits=5&key=x&status=failed"):
            ask(clients[who], method, path + query)
    assert everything() == before


def test_what_changes_something_is_not_a_link(
    clients: dict[str, Client], paths: dict[str, str]
) -> None:
    changing, got = {name for name, row in ROWS.items() if row.method == "post"}, {}
    for name in changing:
        with undone(clients["admin"]):
            got[name] = clients["admin"].get(paths[name]).status_code
    assert got == dict.fromkeys(changing, 405)


def test_odd_methods_do_nothing(clients: dict[str, Client], paths: dict[str, str]) -> None:
    before, shows_a_page = everything(), set()
    for name in ROWS:
        odd = ("put", "patch", "delete", "trace")
        statuses = {ask(clients["owner"], method, paths[name]).status_code for method in odd}
        assert everything() == before, name
        if not statuses <= {404, 405}:
            shows_a_page.add(name)
    assert shows_a_page == set()


# ── Forms only from our own pages ────────────────────────────────────────────
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    "path", ["/", "/theme/", "/logout/", "/keys/", "/projects/", "/password/", "/login/"]
)
def test_a_form_without_its_token_is_refused(
    alice: User, path: str, headers: dict[str, str]
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    answer = strict.post(path, composer(), headers=headers)
    assert answer.status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize("path", ["/setup/", "/login/"])
def test_so_is_one_of_a_stranger(path: str) -> None:
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


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/keys/", "/team/", "/team/prices/", "/team/outstanding/", "/projects/", "job"),
        *("/team/invitations/", "/team/people/1/", "/team/people/1/leave/"),
        *("/team/audit/", "/team/settings/", "/shares/", "/shares/new/"),
    ],
)
def test_no_page_needs_inline_script_or_style(
    admin_client: Client, stored: Rendition, path: str
) -> None:
    page = admin_client.get(f"/jobs/{stored.job_id}/" if path == "job" else path).content.decode()
    for trace in (" style=", "<style", " onclick=", " onload=", "javascript:", "hx-on", "js:"):
        assert trace not in page


def test_a_film_is_never_anything_else(clients: dict[str, Client], paths: dict[str, str]) -> None:
    headers = ask(clients["owner"], "get", paths["video"]).headers
    assert headers["Content-Type"] == "video/mp4"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


def test_cookies_stay_on_this_site(client: Client, alice: User) -> None:
    client.post("/login/", {"username": "alice", "password": factories.PASSWORD})
    assert {cookie["samesite"] for cookie in client.cookies.values()} == {"Lax"}


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
    clients: dict[str, Client], paths: dict[str, str]
) -> None:
    shutil.rmtree(django_settings.MEDIA_ROOT)
    assert clients["owner"].get(paths["video"]).status_code == 404


# ── Pages for when it goes wrong ─────────────────────────────────────────────
@pytest.mark.urls("tests.support.broken_addresses")
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


@pytest.mark.parametrize("name", ["400", "500"])
def test_the_page_of_last_resort_needs_nothing(name: str) -> None:
    page = (django_settings.BASE_DIR / "templates" / f"{name}.html").read_text()
    assert "{%" not in page
    assert "{{" not in page
