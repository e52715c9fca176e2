"""Who gets which answer at every address of the URL configuration, by every method."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs import keeping
from jobs.models import Job, Project, ShareLink
from tests.access.addresses import METHODS, ODD, OWNER, READ, ROWS, SIGNED_IN, every_address
from tests.access.conftest import World, ask, everything, undone
from tests.support.typed_forms import HTMX

pytestmark = pytest.mark.django_db

Outcomes = dict[tuple[str, str], str]
"""Of each address by each method."""
IN, LOGIN, NOTHING, NOT_SO = "let in", "led to sign in", "404", "405"


def outcome(answer: Any) -> str:
    """What an answer means to who asked."""
    if answer.headers.get("Location", "").startswith(f"{reverse('login')}?next="):
        return LOGIN
    if answer.status_code >= 500:
        return str(answer.status_code)
    return {404: NOTHING, 405: NOT_SO}.get(answer.status_code, IN)


def due(name: str, who: str, method: str) -> set[str]:
    """What this may mean. Whether a closed address knows a method is nobody's business."""
    row = ROWS[name]
    if who not in SIGNED_IN and not row.is_public:
        return {LOGIN}
    if who in row.who and method in row.methods:
        return {IN}
    return {NOT_SO} if who in row.who else {NOTHING, NOT_SO}


def test_every_address_has_its_row() -> None:
    names = [each.name for each in every_address()]
    assert "studio" in names
    assert set(names) == set(ROWS)
    assert len(names) == len(set(names))


OUTSIDE = ["signed out", "deactivated"]
"""Who has no rows of their own to be found by: the same wherever these lie."""
INSIDE = [pytest.param(who, marks=pytest.mark.data) for who in ("owner", "member", "admin")]


@pytest.mark.parametrize("who", [*OUTSIDE, *INSIDE])
def test_everybody_gets_the_answer_that_is_theirs_and_changes_nothing_but_by_post(
    who: str, clients: dict[str, Client], world: World
) -> None:
    client = clients[who]
    got = looked_at(client, READ, world)
    for name in ROWS:
        with undone(client):
            answer = ask(client, "post", world.path(name), world.bodies.get(name, {}))
            got[name, "post"] = outcome(answer)
    assert not_due(got, who) == {}


@pytest.mark.parametrize("who", [*OUTSIDE, "owner", "member", "admin"])
def test_nobody_gets_more_by_odd_methods_or_changes_anything(
    who: str, clients: dict[str, Client], world: World
) -> None:
    assert not_due(looked_at(clients[who], ODD, world), who) == {}


def looked_at(client: Client, methods: tuple[str, ...], world: World) -> Outcomes:
    """What asking everywhere by these methods means, which changes nothing."""
    before = everything()
    got = {
        (name, method): outcome(ask(client, method, world.path(name)))
        for name in ROWS
        for method in methods
    }
    ShareLink.objects.update(download_count=0)  # the one look that counts
    assert everything() == before
    return got


def not_due(got: Outcomes, who: str) -> Outcomes:
    return {each: got[each] for each in got if got[each] not in due(each[0], who, each[1])}


def test_what_is_not_yours_looks_like_what_is_not_there(
    clients: dict[str, Client], world: World
) -> None:
    bob, seen = clients["member"], 0
    for name, row in ROWS.items():
        for nowhere in world.paths_to_nothing(name) if "member" not in row.who else ():
            for method in METHODS:
                with undone(bob):
                    foreign = ask(bob, method, world.path(name))
                    missing = ask(bob, method, nowhere)
                assert foreign.status_code in (404, 405), name
                assert (foreign.status_code, foreign.content) == (
                    missing.status_code,
                    missing.content,
                ), (name, method)
                seen += 1
    assert seen > 100


def test_a_signed_out_tab_gets_no_page_into_its_grid(client: Client, world: World) -> None:
    closed, got = [name for name, row in ROWS.items() if not row.is_public], {}
    for name in closed:
        with undone(client):
            answer = ask(client, ROWS[name].methods[0], world.path(name), **HTMX)
        got[name] = answer.headers.get("HX-Redirect"), answer.content
    assert got == dict.fromkeys(closed, (reverse("login"), b""))


@pytest.mark.data
def test_what_is_filed_in_a_project_colleagues_look_at_and_talk_of_and_leave_alone(
    clients: dict[str, Client], world: World
) -> None:
    keeping.refile([world.film.job_id], world.project, world.owner)
    is_open = opened(clients["member"], world)
    looked_at = {(each, "get") for each in ("job", "rename", "markers", "video", "poster", "image")}
    talked_of = {(each, "post") for each in ("answer-note", "resolve-note", "rename")}
    # A draft is promoted at one's own cost: it stays as it is.
    ordered = {("promote", "get"), ("promote", "post")}
    assert is_open == looked_at | talked_of | ordered
    # Filed elsewhere it stays open, and filed nowhere it is closed again.
    keeping.refile([world.film.job_id], Project.objects.create(name="Winter"), world.owner)
    assert opened(clients["member"], world) == is_open
    keeping.refile([world.film.job_id], None, world.owner)
    assert opened(clients["member"], world) == set()


@pytest.mark.data
def test_what_is_in_the_trash_has_one_page_and_a_picture_for_its_owner_and_admins_alone(
    clients: dict[str, Client], world: World
) -> None:
    film, owner = world.film.job_id, world.owner
    keeping.refile([film], world.project, owner)
    before = {who: opened(clients[who], world, of=VIDEO) for who in clients}
    assert before["signed out"] >= {("shared-video", "get"), ("shared-poster", "get")}
    keeping.throw_away([film], owner)
    closed: set[tuple[str, str]] = set()
    thrown = {("job", "get"), ("poster", "get")}
    left = {who: opened(clients[who], world, of=VIDEO) for who in clients}
    assert left == dict.fromkeys(clients, closed) | {"owner": thrown, "admin": thrown}
    keeping.restore([film], owner)
    assert {who: opened(clients[who], world, of=VIDEO) for who in clients} == before
    keeping.throw_away([film], owner)
    keeping.purge([film], owner)
    left = {who: opened(clients[who], world, of=VIDEO) for who in clients}
    told = {("job", "get")}
    assert left == dict.fromkeys(clients, closed) | {"owner": told, "admin": told}


VIDEO = {each.name for each in every_address() if {"job_id", "rendition_id"} & set(each.parameters)}


def opened(client: Client, world: World, of: set[str] | None = None) -> set[tuple[str, str]]:
    """Where this browser is let in among those of the owner's, or among these, and how."""
    names = of or {name for name, row in ROWS.items() if row.who == OWNER}
    found = set()
    for name in names:
        for method in ("get", "post"):
            with undone(client):
                if outcome(ask(client, method, world.path(name))) == IN:
                    found.add((name, method))
    return found


@pytest.mark.data
@pytest.mark.parametrize("field", ["project", "from", "q", "scope", "tab"])
def test_no_filter_widens_what_one_sees(
    field: str, clients: dict[str, Client], world: World
) -> None:
    for value in (world.film.job_id, "everyone", "all", world.owner.pk, "fox"):
        answer = clients["member"].get("/", {field: str(value)})
        assert f"job-{world.film.job_id}" not in answer.content.decode()


# ── Looking changes nothing ──────────────────────────────────────────────────
LINK = re.compile(r'(?:href|src|hx-get|poster)="(/[^"]*)"')


@pytest.mark.data
def test_nothing_changes_wherever_an_admins_links_lead(
    clients: dict[str, Client], world: World
) -> None:
    Job.objects.update(status="queued", charged=None)
    before, ahead, seen = everything(), [world.path(name) for name in ROWS], set()
    while ahead:
        path = html.unescape(ahead.pop())
        # One of each kind: of the same filters on the same page the values do not matter here.
        kind = re.sub(r"=[^&]*|#.*", "", path)
        if kind not in seen and not path.startswith("/static/"):
            seen.add(kind)
            answer = ask(clients["admin"], "get", path)
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                ahead += LINK.findall(answer.content.decode())
    ShareLink.objects.update(download_count=0)
    assert len(seen) > len(ROWS)
    assert everything() == before
