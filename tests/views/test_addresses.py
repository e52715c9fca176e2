"""What stands on links that leave the house, whoever makes them and by whatever name they came."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import shares
from jobs.models import Rendition, User
from jobs.net import addresses
from tests import ROOT
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]

OFFICE = "dailies.lan:8000"
PUBLIC = "https://watch.studio.example"


@pytest.fixture(params=[PUBLIC, ""], ids=["public", "office"])
def base(request: pytest.FixtureRequest, settings: Any) -> str:
    """The base that a visitor must get, of a server with PUBLIC_URL and of one without."""
    settings.ALLOWED_HOSTS = ["dailies.lan", "watch.studio.example"]
    settings.PUBLIC_URL = request.param
    return request.param or f"http://{OFFICE}"


@pytest.fixture
def film(alice: User) -> Rendition:
    return factories.film(alice)


def at_the_office(client: Client) -> Client:
    client.defaults["HTTP_HOST"] = OFFICE
    return client


def whole_addresses(response: Any) -> set[str]:
    """The base of everything on a page that is more than a path."""
    said = unescape(response.content.decode()).replace("%3A", ":").replace("%2F", "/")
    return set(re.findall(r"https?://[^/\s\"'<]+", said)) - {"http://www.w3.org"}


def test_a_share_link_is_told_by_the_address_that_clients_can_open(
    base: str, film: Rendition, alice_client: Client
) -> None:
    office = at_the_office(alice_client)
    form = {"take": [str(film.pk)], "expires": "30", "download": "", "submission_key": uuid4()}
    made = office.post("/shares/new/", form)
    link = made.headers["Location"]
    assert f'id="address">{base}/s/' in office.get(link).content.decode()
    office.post(f"{link}regenerate/")
    assert f'id="address">{base}/s/' in office.get(link).content.decode()


def test_an_invitation_is_told_by_the_address_that_a_newcomer_can_open(
    base: str, admin_client: Client
) -> None:
    office = at_the_office(admin_client)
    office.post("/team/invitations/", {"role": "member", "note": "Noor"})
    assert f"{base}/join/" in office.get("/team/invitations/").content.decode()


def test_what_chats_and_other_sites_are_told_of_a_link_is_public(
    base: str, film: Rendition
) -> None:
    terms = shares.Terms(title="Harbour", embed_sites="https://blog.example")
    _link, token = shares.create([film], terms, film.job.owner)
    office = at_the_office(Client())
    assert whole_addresses(office.get(f"/s/{token}/")) == {base}
    assert whole_addresses(office.get(f"/s/{token}/embed")) == {base}
    for known_as in {base, f"http://{OFFICE}"}:
        told = office.get("/s/oembed", {"url": f"{known_as}/s/{token}/"})
        assert whole_addresses(told) == {base}
        assert told.json()["html"]
        assert told.json()["thumbnail_url"].startswith(f"{base}/s/{token}/")


@pytest.mark.parametrize("known_as", ["https://evil.example", "https://", "//", "http://[", ""])
def test_of_a_link_at_another_address_nothing_is_told(
    base: str, film: Rendition, known_as: str
) -> None:
    _link, token = shares.create([film], shares.Terms(), film.job.owner)
    told = at_the_office(Client()).get("/s/oembed", {"url": f"{known_as}/s/{token}/"})
    assert told.status_code == 404


def test_a_mail_has_addresses_only_where_there_is_a_public_one(base: str) -> None:
    expected = f"{base}/credits/" if base == PUBLIC else ""
    assert addresses.public("/credits/") == expected


# ── Nobody else makes one ────────────────────────────────────────────────────
MAKERS = {"build_absolute_uri", "PUBLIC_URL", "CALLBACK_BASE", "get_current_site"}


def names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


def test_one_module_makes_every_address_that_leaves_the_house() -> None:
    makers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "jobs").rglob("*.py")
        if MAKERS & set(names(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert makers == {"jobs/net/addresses.py"}


def test_no_template_makes_one() -> None:
    made = re.compile(r"get_host|absolute_uri|request\.scheme|public_url|://{{")
    assert [
        path.name
        for path in (ROOT / "templates").rglob("*.*")
        if made.search(path.read_text(encoding="utf-8"))
    ] == []
