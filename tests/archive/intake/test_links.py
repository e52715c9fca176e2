"""Pictures from links: which addresses are fetched from, and why the others are not."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from jobs.archive import NotAnImage
from jobs.archive.intake import images
from jobs.models import User
from tests.archive.conftest import Target
from tests.support.fakes import Wire
from tests.support.media.films import HTML
from tests.support.media.pictures import from_a_phone
from tests.support.media.pictures import picture as drawn

pytestmark = pytest.mark.django_db


def files() -> list[str]:
    root = Path(django_settings.MEDIA_ROOT)
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]


@pytest.fixture
def linked(provider: Wire, settings: Any) -> Wire:
    """The wire as the practice provider: the one private host that a link may lead to."""
    settings.PRACTICE = True
    return provider


def test_a_link_does_not_reach_a_private_host_that_the_operator_listed(
    provider: Wire, alice: User
) -> None:
    with pytest.raises(NotAnImage, match="only https is fetched, not http"):
        images.from_link(alice, f"{provider.url}/internal/admin.jpg")
    assert provider.connections == 0


def test_a_link_is_fetched_and_treated_like_an_upload(linked: Wire, alice: User) -> None:
    linked.answer(body=from_a_phone(), headers={"Content-Type": "text/html"})
    image = images.from_link(alice, f"{linked.url}/photo.php?id=1")
    assert (image.origin, image.width, image.content_type) == ("link", 90, "image/jpeg")
    assert files() == [image.file]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, "The host refused the download (403). Upload the file instead."),
        (404, "The host refused the download (404). Upload the file instead."),
        (451, "answered 451. Upload the file instead."),
        (500, "answered 500. Upload the file instead."),
    ],
)
def test_a_host_that_gives_nothing_is_told_with_the_way_out(
    linked: Wire, alice: User, status: int, sentence: str
) -> None:
    linked.answer(status, body=b"no")
    with pytest.raises(NotAnImage) as caught:
        images.from_link(alice, f"{linked.url}/a.jpg")
    assert caught.value.user_message.endswith(sentence)
    assert files() == []


def test_no_redirect_is_followed(linked: Wire, alice: User) -> None:
    linked.redirect("http://127.0.0.1:1/secret")
    with pytest.raises(NotAnImage, match="don’t follow redirects"):
        images.from_link(alice, f"{linked.url}/a.jpg")


def test_a_page_behind_a_link_is_no_picture(linked: Wire, alice: User) -> None:
    linked.answer(body=HTML)
    with pytest.raises(NotAnImage, match="Only JPEG, PNG and WebP"):
        images.from_link(alice, f"{linked.url}/a.jpg")


def test_a_file_that_is_too_large_is_not_even_fetched(linked: Wire, alice: User) -> None:
    linked.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx")
    with pytest.raises(NotAnImage, match="too large to store"):
        images.from_link(alice, f"{linked.url}/a.jpg")


NOT_PUBLIC = "its host is not a public one"
NO_NAME = "its host has no valid name"
NOT_WHOLE = "it does not begin with https://"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/a.jpg", "only https is fetched, not http"),
        ("https://127.0.0.1/a.jpg", NOT_PUBLIC),
        ("https://localhost/a.jpg", NOT_PUBLIC),
        ("https://0x7f.1/a.jpg", NOT_PUBLIC),
        ("https://2130706433/a.jpg", NOT_PUBLIC),
        ("https://[::1]/a.jpg", NOT_PUBLIC),
        ("https://[::ffff:169.254.169.254]/latest/meta-data", NOT_PUBLIC),
        ("https://169.254.169.254/latest/meta-data", NOT_PUBLIC),
        ("https://10.0.0.1/a.jpg", NOT_PUBLIC),
        ("https://①②⑦.⓪.⓪.①/a.jpg", NOT_PUBLIC),
        ("https://127。0。0。1/é.jpg", NOT_PUBLIC),
        ("https://１６９.254.169.254/a b.jpg", NOT_PUBLIC),
        ("https://user:pw@example.com/a.jpg", "it names a user or a password"),
        ("https://user@münchen.example/a.jpg", "it names a user or a password"),
        ("https://example.com\\@127.0.0.1/a.jpg", "it holds a backslash"),
        ("https://é.example\\@127.0.0.1/a.jpg", "it names a user or a password"),
        ("https://example.com:22/a.jpg", "only the usual port of https is fetched from, not 22"),
        ("https://münchen.example:8443/", "only the usual port of https is fetched from, not 8443"),
        ("https://example.com:70000/a.jpg", "its port is none that there can be"),
        ("http://example.com/a.jpg", "only https is fetched, not http"),
        ("file:///etc/passwd", "only https is fetched, not file"),
        ("gopher://example.com/", "only https is fetched, not gopher"),
        ("https://example.com%00.evil/a.jpg", NO_NAME),
        ("https://exam℀ple.com/a.jpg", NO_NAME),
        ("https://a\u202eb.example/a.jpg", NO_NAME),
        ("https:///a.jpg", NO_NAME),
        ("https://é..example/a.jpg", NO_NAME),
        ("https://example.com/é\x1b[0m.jpg", "it holds a character that no address has"),
        ("https://example.com/\n\u00e9.jpg", "it holds a character that no address has"),
        (f"https://example.com/{700 * 'é'}", "it is longer than 2,048 characters"),
        ("javascript:alert(1)", NOT_WHOLE),
        ("data:image/png;base64,iVBORw0KGgo=", NOT_WHOLE),
        ("example.com/größe.jpg", NOT_WHOLE),
        ("a.jpg", NOT_WHOLE),
    ],
)
def test_whatever_link_is_not_fetched_the_reason_is_its_own(
    alice: User, reached: list[Target], url: str, reason: str
) -> None:
    with pytest.raises(NotAnImage) as caught:
        images.from_link(alice, url)
    assert caught.value.user_message == f"This link can’t be used: {reason}."
    assert reached == []


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://bücher.example/größe 5.jpg", "xn--bcher-kva.example"),
        ("https://ＦＯＴＯＳ.example/фото.jpg", "fotos.example"),
        ("https://写真。example/a.jpg?ü=1", "xn--g7qs82g.example"),
        ("https://I♥.example/a.jpg", "xn--i-n3p.example"),
    ],
)
def test_a_link_in_any_script_leads_where_a_browser_goes(
    alice: User, reached: list[Target], names: dict[str, list[str]], url: str, name: str
) -> None:
    names[name] = ["93.184.216.34"]
    with pytest.raises(NotAnImage, match="could not be fetched"):
        images.from_link(alice, url)
    assert reached == [("93.184.216.34", 443)]
    names[name] = ["10.0.0.7"]
    with pytest.raises(NotAnImage, match=NOT_PUBLIC):
        images.from_link(alice, url)


def test_the_path_of_a_link_is_sent_as_browsers_send_it(linked: Wire, alice: User) -> None:
    linked.answer(body=drawn())
    images.from_link(alice, f"{linked.url}/Größe\u202f5/фото %2F.jpg?名=日本 1&x='#oben")
    assert linked.requests[0].path == (
        "/Gr%C3%B6%C3%9Fe%E2%80%AF5/%D1%84%D0%BE%D1%82%D0%BE%20%2F.jpg"
    )
    assert linked.requests[0].query == {"名": "日本 1", "x": "'"}


def test_a_host_that_nobody_knows_is_said(
    alice: User, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotAnImage, match="no host of this name was found"):
        images.from_link(alice, "https://größe.example/a.jpg")


def test_no_inner_address_is_given_away(
    alice: User, names: dict[str, list[str]], reached: list[Target]
) -> None:
    names["intranet.example"] = ["10.1.2.3"]
    with pytest.raises(NotAnImage) as caught:
        images.from_link(alice, "https://intranet.example/a.jpg")
    assert "10.1" not in caught.value.user_message
    assert reached == []


def test_nothing_is_fetched_while_a_transaction_is_open(linked: Wire, alice: User) -> None:
    before = connection.in_atomic_block
    linked.reply(lambda _: {"open": connection.in_atomic_block != before})
    with pytest.raises(NotAnImage):
        images.from_link(alice, f"{linked.url}/a.jpg")
