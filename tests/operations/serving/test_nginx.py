"""Behind a real nginx, set up by the example of docs/proxies: it sends what Dailies keeps."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest
import requests

from jobs.keeping.choosing import VIDEOS_MAX
from jobs.views.files import wanted
from tests.support.servers.film_site import Site, film_site
from tests.support.servers.nginx import NAME, Proxy, nginx
from tests.tools.servers import ServerMissing
from tests.views.jobs.test_media import BODY, SIZE

KEPT_AS = "3f/3f2c-1.mp4"
KEPT = (
    *("Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Length", "Content-Type"),
    *("Content-Security-Policy", "Cross-Origin-Opener-Policy", "ETag", "Last-Modified"),
    *("Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options"),
    "X-Robots-Tag",
)
"""What a browser is told of a file."""
SECRET = "x7Kq-Zr3yLw9_mTbV2nHd8sGfJc5pQa1"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Proxy]]:
    var = tmp_path_factory.mktemp("nginx") / "var"
    with ExitStack() as stack:
        site = stack.enter_context(
            film_site(var, BODY, KEPT_AS, SENDFILE="nginx", PUBLIC_URL=f"https://{NAME}")
        )
        try:
            proxy = stack.enter_context(nginx(site.port, var / "media"))
        except ServerMissing as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(str(error))
        yield site, proxy


@pytest.fixture
def site(both: tuple[Site, Proxy]) -> Site:
    return both[0]


@pytest.fixture
def proxy(both: tuple[Site, Proxy]) -> Proxy:
    return both[1]


@pytest.fixture
def ask(site: Site, proxy: Proxy) -> Iterator[Ask]:
    with requests.Session() as session:
        session.verify, session.trust_env = proxy.certificate, False
        yield Ask(session, site, proxy)


class Ask:
    """Asks by way of nginx, as a browser that is signed in."""

    def __init__(self, session: requests.Session, site: Site, proxy: Proxy) -> None:
        self.session, self.proxy = session, proxy
        self.cookie = f"__Host-sessionid={site.session}"

    def __call__(self, path: str, method: str = "GET", **headers: str) -> requests.Response:
        own = {"Host": NAME, "Cookie": self.cookie, "Accept-Encoding": "identity"}
        return self.session.request(
            method, self.proxy.url + path, headers=own | headers, timeout=10, allow_redirects=False
        )


def test_dailies_tells_nginx_the_name_and_sends_nothing_itself(site: Site) -> None:
    headers = {"Host": NAME, "X-Forwarded-Proto": "https"}
    headers["Cookie"] = f"__Host-sessionid={site.session}"
    answer = requests.get(site.product.url + site.film, headers=headers, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["X-Accel-Redirect"] == f"/kept/{KEPT_AS}"


@pytest.mark.parametrize("path", ["film", "film?download", "poster", "download"])
def test_a_file_that_nginx_sends_says_of_itself_what_it_says_when_we_do(
    ask: Ask, site: Site, path: str
) -> None:
    name, _, query = path.partition("?")
    address = f"{getattr(site, name)}?{query}"
    told, sent = ask(address, "HEAD"), ask(address)  # HEAD is ours to answer
    assert {each: sent.headers.get(each) for each in KEPT} == {
        each: told.headers.get(each) for each in KEPT
    }
    assert (told.status_code, sent.status_code) == (200, 200)
    assert sent.content == (b"RIFF" if name == "poster" else BODY)
    assert "X-Accel-Redirect" not in sent.headers


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=-1", 999, 999),
        ("bytes=-99999999999", 0, 999),
        ("bytes=0-99999999999", 0, 999),
        ("bytes=5-9999999999999999999", 5, 999),
    ],
)
def test_nginx_answers_a_range_as_we_would(
    ask: Ask, site: Site, asked: str, first: int, last: int
) -> None:
    answer = ask(site.film, Range=asked)
    assert (answer.status_code, answer.content) == (206, BODY[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-2", "bytes=0-1,3-4", "bytes=-", "bytes=a-b", "bytes= 0-1", "items=0-1", "0-1"],
)
def test_a_header_that_is_not_one_good_range_is_ignored_behind_nginx_too(
    ask: Ask, site: Site, asked: str
) -> None:
    answer = ask(site.film, Range=asked)
    assert (answer.status_code, answer.content) == (200, BODY)


def test_a_range_outside_the_file_is_refused_with_its_size(ask: Ask, site: Site) -> None:
    answer = ask(site.film, Range=f"bytes={SIZE}-")
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


def test_versions_are_compared_with_ours_and_with_no_other(ask: Ask, site: Site) -> None:
    mark = ask(site.film).headers["ETag"]
    assert len(mark) == 34
    part = {"Range": "bytes=5-6"}
    conditions = {
        304: [{"If-None-Match": mark}, {"If-None-Match": "*", **part}],
        412: [{"If-Match": '"older"'}, {"If-Unmodified-Since": "Wed, 21 Oct 2065 07:28:00 GMT"}],
        206: [{"If-Match": mark, **part}, {"If-Range": mark, **part}],
        200: [
            {"If-Range": '"older"', **part},
            {"If-Range": "Wed, 21 Oct 2065 07:28:00 GMT", **part},
            {"If-None-Match": '"older"'},
            {"If-Modified-Since": "Wed, 21 Oct 2065 07:28:00 GMT"},
        ],
    }
    for status, kinds in conditions.items():
        for headers in kinds:
            answer = ask(site.film, **headers)
            assert (answer.status_code, answer.headers.get("ETag")) == (status, mark), headers


def test_head_has_the_size_and_no_body(ask: Ask, site: Site) -> None:
    answer = ask(site.film, "HEAD", Range="bytes=0-1")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(SIZE)


@pytest.mark.parametrize(
    "path",
    [
        f"/kept/{KEPT_AS}",
        "/kept/",
        "/kept/../db.sqlite3",
        "/kept/%2e%2e/db.sqlite3",
        "/kept/..%2fdb.sqlite3",
        "/kept//etc/passwd",
        "/media/film.mp4",
    ],
)
def test_nobody_gets_at_a_file_but_by_the_page_that_asks_who_they_are(ask: Ask, path: str) -> None:
    request = requests.Request("GET", ask.proxy.url, headers={"Host": NAME, "Cookie": ask.cookie})
    prepared = ask.session.prepare_request(request)
    prepared.url = ask.proxy.url + path  # as it stands, without anything made right
    assert ask.session.send(prepared, verify=ask.proxy.certificate, timeout=10).status_code in (
        400,
        404,
    )


def test_who_may_not_see_a_film_is_not_sent_it_by_nginx_either(ask: Ask, site: Site) -> None:
    answer = ask(site.film, Cookie="none=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={site.film}")
    assert ask(f"/s/{SECRET}/{site.number}.mp4", Cookie="none=1").status_code == 404


def test_a_form_with_a_picture_behind_it_gets_through(ask: Ask) -> None:
    answer = ask.session.post(
        f"{ask.proxy.url}/images/",
        files={"files": b"a" * 5_000_000},
        headers={"Host": NAME, "Cookie": ask.cookie},
        timeout=10,
    )
    assert answer.status_code == 403  # it was read, and its token missed


def test_as_many_videos_as_can_be_ticked_are_taken_away_by_an_address(ask: Ask, site: Site) -> None:
    ids = [UUID(site.job), *(uuid4() for _ in range(VIDEOS_MAX - 1))]
    page = f"/files/?videos={wanted._closed(ids)}"
    assert ask(page).status_code == 200
    packed = ask(page.replace("/files/", "/files/videos.zip"), Referer=ask.proxy.url + page)
    assert packed.headers["Content-Type"] == "application/zip"


def test_addresses_that_open_something_do_not_stand_in_the_logs_of_nginx(
    ask: Ask, site: Site, proxy: Proxy
) -> None:
    for path in (
        f"/s/{SECRET}/",
        f"/s/{SECRET}/{site.number}.mp4",
        f"/s/oembed?url=https%3A%2F%2F{NAME}%2Fs%2F{SECRET}%2F",
        f"/join/{SECRET}/",
        f"/webhooks/kie/{SECRET}/",
        f"/images/public/{SECRET}.png",
        f"/login/?next=/join/{SECRET}/",
    ):
        assert ask(path, Referer=f"https://{NAME}/s/{SECRET}/").status_code < 500
    ask("/seen/")
    deadline = time.monotonic() + 5
    while '"GET /seen/" 404' not in proxy.log:  # it is written once the answer has gone
        assert time.monotonic() < deadline
    assert SECRET not in proxy.log
    assert site.session not in proxy.log
