"""Letters about somebody's account, and to admins: the same words as text and as a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.http import HttpResponse

from jobs import mail as letters
from jobs.models import AuditEvent, Rendition, UnlistedHost, User
from tests.support import factories
from tests.support.pages.directions import astray
from tests.support.states.mails import page_of, with_addresses
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db

HOST, TOKEN = "cdn.example:9000", "aB3-_" * 8 + "xyz"
PARTED = r"\n{2,}|: (?=https:)"
"""Between paragraphs, and between an address and what it is for."""
LOADS = re.compile(r"\bsrc=|\burl\(|@import|<(?:link|script|img|iframe)\b")


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.HAS_MAIL, settings.PUBLIC_URL = True, "https://dailies.example"


def event_of(person: User, actor: User, *, before: str = "", after: str = "") -> int:
    return AuditEvent.objects.create(
        actor=actor, action="x", subject=person.username, before=before, after=after
    ).pk


def tell_of_host(person: User, _admin: User) -> None:
    waiting = factories.finish(factories.job(person), stored=False).renditions
    waiting.update(missing_host=HOST, state=Rendition.State.WAITING)
    letters.send_host(UnlistedHost.objects.create(entry=HOST).pk)


def change_address(person: User, _admin: User) -> None:
    letters.tell_old_address(
        event_of(person, person, before="old@a.example", after="new@a.example")
    )


def link_address(person: User, _admin: User) -> None:
    letters.send_address_link(person, "new@a.example", TOKEN, hours=24)


SENDERS: dict[str, Callable[[User, User], None]] = {
    "password link": lambda person, _: letters.send_password_link(person, TOKEN, hours=1),
    "address link": link_address,
    "address changed": change_address,
    "lost factor": lambda person, admin: letters.tell_of_lost_factor(event_of(person, admin)),
    "test": lambda person, _: letters.send_test(person),
    "host": tell_of_host,
}
WAYS = {
    "password link": f"/password/new/{TOKEN}/",
    "address link": f"/profile/address/{TOKEN}/",
    "lost factor": "/security/",
    "host": "/team/requests/",
}
"""Where the button of a letter leads."""
OF_PEOPLE = [each for each in SENDERS if each != "host"]
"""The letters in which a name stands."""


def letter(name: str, person: User, admin: User, *, of: str = "") -> Any:
    """The letter of this name; with `of`, whoever it names is called so."""
    with_addresses(person, admin)
    if of:
        called = admin if name == "lost factor" else person
        User.objects.filter(pk=called.pk).update(username=of, display_name=of)
    person.refresh_from_db()
    admin.refresh_from_db()
    SENDERS[name](person, admin)
    (sent,) = mail.outbox
    return sent


def read(page: str) -> str:
    return text(HttpResponse(page))


@pytest.mark.parametrize("name", SENDERS)
def test_its_page_says_once_what_its_text_says(name: str, alice: User, admin: User) -> None:
    sent = letter(name, alice, admin)
    said = [" ".join(each.split()) for each in re.split(PARTED, sent.body.strip())]
    page = read(page_of(sent))
    assert len(said) > 1
    assert {each: page.count(each) for each in said} == dict.fromkeys(said, 1)
    assert sent.message().get_content_type() == "multipart/alternative"
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("name", SENDERS)
def test_it_has_one_link_at_most_and_loads_nothing(name: str, alice: User, admin: User) -> None:
    sent = letter(name, alice, admin)
    page, way = page_of(sent), WAYS.get(name)
    leads = [f"https://dailies.example{way}"] if way else []
    assert re.findall(r'href="([^"]*)"', page) == leads
    assert re.findall(r"https?://[^\s<]+", read(page)) == leads
    assert re.findall(r"https?://\S+", sent.body) == leads
    assert LOADS.findall(page) == []


@pytest.mark.parametrize("name", ["lost factor", "host"])
def test_where_nobody_knows_our_address_it_leads_nowhere(
    name: str, alice: User, admin: User, settings: Any
) -> None:
    settings.PUBLIC_URL = ""
    assert "<a" not in page_of(letter(name, alice, admin))


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_a_name_with_markup_is_shown_and_not_obeyed(name: str, alice: User, admin: User) -> None:
    odd = "<b>Eva</b> & \"Co\" 'x'"
    sent = letter(name, alice, admin, of=odd)
    assert "<b>Eva" not in page_of(sent)
    assert odd in read(page_of(sent))
    assert odd in sent.body


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_a_name_from_right_to_left_stands_apart_from_the_sentence(
    name: str, alice: User, admin: User
) -> None:
    sent = letter(name, alice, admin, of="שרה 1")
    page = page_of(sent)
    assert "<bdi>שרה 1</bdi>" in page
    assert "\u2068" not in page
    assert astray(page) == []


@pytest.mark.parametrize("backend", ["Unreachable", "Silent"])
def test_a_link_that_could_not_be_sent_is_not_in_the_log_either(
    backend: str, alice: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = f"tests.support.states.mails.{backend}"
    letters.send_password_link(alice, TOKEN, hours=1)
    assert "could not be sent" in caplog.text
    assert TOKEN not in caplog.text
