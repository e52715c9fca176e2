"""Pages as they travel."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from jobs.models import User
from jobs.views.answers.packed import packed
from tests.support import factories

PAGE = "<p>One take after the other.</p>" * 200
UNPACK: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}


@packed
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.GET.get("says", PAGE))


def answer(accepted: str, **says: str) -> Any:
    return page(RequestFactory(headers={"accept-encoding": accepted}).get("/", says))


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip;q=0.1", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("identity", ""),
        ("", ""),
    ],
)
def test_a_page_is_packed_as_its_browser_reads_it(accepted: str, wanted: str) -> None:
    got = answer(accepted)
    assert got.get("Content-Encoding", "") == wanted
    assert UNPACK.get(wanted, bytes)(got.content) == PAGE.encode()
    assert got.headers["Vary"] == "Accept-Encoding"
    assert got.get("Content-Length", str(len(got.content))) == str(len(got.content))


@pytest.mark.parametrize("accepted", ["br", "gzip"])
def test_its_length_tells_nothing_of_what_stands_in_it(accepted: str) -> None:
    assert len({len(answer(accepted).content) for _ in range(40)}) > 5


def test_what_would_not_get_shorter_is_left_alone() -> None:
    assert "Content-Encoding" not in answer("br", says="No.").headers


def test_a_film_on_its_way_is_not_held_back_to_be_packed() -> None:
    film = packed(lambda _: StreamingHttpResponse([b"one", b"two"]))
    request = RequestFactory(headers={"accept-encoding": "br"}).get("/")
    assert b"".join(film(request)) == b"onetwo"


def test_the_studio_is_the_same_however_it_travels(alice_client: Client) -> None:
    got = {each: alice_client.get("/", headers={"accept-encoding": each}) for each in UNPACK}
    for coding, response in got.items():
        assert response.headers["Content-Encoding"] == coding
        assert b"</html>" in UNPACK[coding](response.content)
    assert len(got["br"].content) < len(got["gzip"].content)


def test_a_poll_brings_cards_packed_to_whoever_reads_brotli_and_nothing_as_nothing(
    alice: User, alice_client: Client
) -> None:
    def poll(url: str, accepted: str) -> Any:
        return alice_client.get(url, headers={"accept-encoding": accepted})

    made, seen = factories.job(alice), datetime.now(UTC) - timedelta(minutes=1)
    url = f"/live/?since={seen.timestamp():.6f}-0"
    plain, br = poll(url, "gzip"), poll(url, "br")
    assert "Content-Encoding" not in plain.headers
    assert br.headers["Content-Encoding"] == "br"
    for body in (plain.content, brotli.decompress(br.content)):
        assert f"job-{made.pk}".encode() in body
    assert len(br.content) < len(plain.content) / 2
    assert len({len(poll(url, "br").content) for _ in range(9)}) > 1

    found = re.search(rb'hx-get="([^"]+)"', plain.content)
    assert found
    nothing = poll(html.unescape(found[1].decode()), "br")
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert "Accept-Encoding" not in nothing.headers.get("Vary", "")
