"""Films that come over TLS: whom their hosts have to be known by, and how seldom that is read."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from urllib3.util import connection

from jobs.archive.fetching.download import NotNow, Unacceptable, download
from jobs.archive.store import CAPS
from jobs.providers.http import Http
from tests.support.fakes import Wire
from tests.support.servers import certificates

PUBLIC, PRIVATE = "93.184.216.34", "10.0.0.7"
FILM, OTHER = "https://films.example.com/film.mp4", "https://other.example.com/film.mp4"
INSIDE = "https://inside.example.com/film.mp4"


@dataclass
class Host:
    """A server that listens at a port of this machine and, for whom we connect to, in public."""

    server: Wire
    trusted: Path
    target: Path

    def fetch(self, url: str, *, redirects: int = 0) -> bytes:
        listed = [f"{name}:{self.server.port}" for name in ("127.0.0.1", "localhost")]
        allowed = ["*.example.com", *listed]
        try:
            download(url, self.target, allowed, CAPS, redirects=redirects)
            return self.target.read_bytes()
        finally:
            self.target.unlink(missing_ok=True)


@pytest.fixture
def host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]
) -> Iterator[Host]:
    """Its certificate is the only one that is trusted, for `films.example.com` and its address."""
    trusted = tmp_path / "trusted.pem"
    certificates.write(trusted, "films.example.com", "127.0.0.1")
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(trusted))
    names["films.example.com"], names["other.example.com"] = [PUBLIC] * 9, [PUBLIC] * 9
    names["inside.example.com"] = [PRIVATE]
    made = Host(Wire(tls=certificates.shown(trusted)), trusted, tmp_path / "film.mp4")
    connect = connection.create_connection

    def connected(address: tuple[str, int], *args: Any, **options: Any) -> Any:
        assert address in [(PUBLIC, 443), *((name, made.server.port) for name in HERE)]
        return connect(("127.0.0.1", made.server.port), *args, **options)

    monkeypatch.setattr(connection, "create_connection", connected)
    yield made
    made.server.close()


HERE = ("127.0.0.1", "localhost")
By = Callable[[Host], str]
WAYS: dict[str, tuple[By, By]] = {
    "in public": (lambda _: FILM, lambda _: OTHER),
    "listed": (
        lambda host: f"{host.server.url}/film.mp4",
        lambda host: f"https://localhost:{host.server.port}/film.mp4",
    ),
}
either = pytest.mark.parametrize("way", WAYS)


@either
def test_whom_to_trust_is_read_once_and_not_for_each_film(
    host: Host, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    read, load = list[str](), ssl.SSLContext.load_verify_locations

    def watched(context: ssl.SSLContext, file: str, *more: Any) -> None:
        read.append(file)
        load(context, file, *more)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", watched)
    host.server.answer(body=b"film", always=True)
    url = WAYS[way][0](host)
    assert [host.fetch(url) for _ in range(3)] == [b"film"] * 3
    assert read == [str(host.trusted)]


@either
def test_a_host_of_another_name_is_asked_for_nothing_however_often_the_right_one_was(
    host: Host, way: str
) -> None:
    host.server.answer(body=b"film", always=True)
    right, wrong = (url(host) for url in WAYS[way])
    assert host.fetch(right) == b"film"
    with pytest.raises(NotNow, match="certificate"):
        host.fetch(wrong)
    assert host.fetch(right) == b"film"
    assert len(host.server.requests) == 2


@either
def test_a_host_that_nobody_vouches_for_is_asked_for_nothing_however_often_the_right_one_was(
    host: Host, tmp_path: Path, way: str
) -> None:
    host.server.answer(body=b"film")
    assert host.fetch(WAYS[way][0](host)) == b"film"
    host.server.close()
    forged = tmp_path / "forged.pem"
    certificates.write(forged, "films.example.com", "127.0.0.1")
    host.server = Wire(tls=certificates.shown(forged))
    with pytest.raises(NotNow, match="certificate"):
        host.fetch(WAYS[way][0](host))
    assert host.server.requests == []


def test_a_redirect_from_a_trusted_host_leads_to_no_private_address(host: Host) -> None:
    host.server.redirect(INSIDE)
    with pytest.raises(Unacceptable, match="not one we fetch from"):
        host.fetch(FILM, redirects=3)
    assert host.server.connections == 1


def test_each_address_of_a_redirect_has_to_be_known_by_its_own_name(host: Host) -> None:
    host.server.redirect(OTHER)
    with pytest.raises(NotNow, match="certificate"):
        host.fetch(FILM, redirects=3)
    assert len(host.server.requests) == 1


def test_for_providers_openssl_goes_on_comparing_names_after_a_film_was_fetched(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, wrap = list[tuple[Any, bool]](), ssl.SSLContext.wrap_socket

    def watched(context: ssl.SSLContext, *args: Any, **options: Any) -> ssl.SSLSocket:
        if "server_hostname" in options:
            held.append((options["server_hostname"], context.check_hostname))
        return wrap(context, *args, **options)

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", watched)
    host.server.answer(json={"code": 200}, always=True)
    host.fetch(FILM)
    assert Http().ask("GET", host.server.url, "a-key").status == 200
    assert held == [("films.example.com", False), ("127.0.0.1", True)]
