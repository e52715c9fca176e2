"""Addresses that somebody else chose: which are fetched from, and what is never connected to."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_hardened.ip_filter import InvalidIPAddress

from jobs.archive.fetching import outbound
from jobs.archive.fetching.download import NotNow, Unacceptable, download
from jobs.archive.fetching.outbound import Forbidden
from jobs.archive.store import CAPS
from jobs.providers.deadline import Deadline
from tests.archive.conftest import Target
from tests.support.fakes import Wire

ANYWHERE = ["*"]
PUBLIC = "93.184.216.34"
PRIVATE = {
    "loopback": "127.0.0.1",
    "far end of loopback": "127.255.255.254",
    "short": "127.1",
    "hexadecimal": "0x7f.1",
    "hexadecimal, whole": "0x7f000001",
    "decimal": "2130706433",
    "octal": "0177.0.0.1",
    "octal, whole": "017700000001",
    "zero": "0",
    "zeros": "0.0.0.0",
    "net zero": "0.1.2.3",
    "class A": "10.1.2.3",
    "class B": "172.16.0.1",
    "class C": "192.168.1.1",
    "carrier's": "100.64.0.1",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "metadata, decimal": "2852039166",
    "protocol": "192.0.0.8",
    "documentation": "192.0.2.1",
    "6to4 relay": "192.88.99.1",
    "benchmark": "198.18.0.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "v6 loopback": "[::1]",
    "v6 loopback, long": "[0:0:0:0:0:0:0:1]",
    "v6 any": "[::]",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped, hexadecimal": "[::ffff:7f00:1]",
    "mapped metadata": "[::ffff:169.254.169.254]",
    "compatible": "[::127.0.0.1]",
    "compatible metadata": "[::a9fe:a9fe]",
    "translated": "[::ffff:0:127.0.0.1]",
    "NAT64": "[64:ff9b::127.0.0.1]",
    "NAT64, local": "[64:ff9b:1::7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "6to4 metadata": "[2002:a9fe:a9fe::1]",
    "Teredo": "[2001:0:7f00:1::1]",
    "ORCHID": "[2001:20::1]",
    "v6 documentation": "[2001:db8::1]",
    "v6 documentation, new": "[3fff::1]",
    "v6 link-local": "[fe80::1]",
    "v6 site-local": "[fec0::1]",
    "unique local": "[fd00::1]",
    "metadata, AWS v6": "[fd00:ec2::254]",
    "discard": "[100::1]",
    "segment routing": "[5f00::1]",
    "v6 multicast": "[ff02::1]",
    "never handed out": "[4000::1]",
}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "film.mp4"


@pytest.mark.parametrize("host", PRIVATE.values(), ids=PRIVATE)
def test_an_address_that_is_not_public_is_never_connected_to(
    target: Path, reached: list[Target], host: str
) -> None:
    with pytest.raises((Unacceptable, NotNow)):
        download(f"https://{host}/film.mp4", target, ANYWHERE, CAPS)
    assert not reached


@pytest.mark.parametrize("host", PRIVATE.values(), ids=PRIVATE)
def test_a_name_of_an_address_that_is_not_public_is_never_connected_to(
    target: Path, reached: list[Target], names: dict[str, list[str]], host: str
) -> None:
    names["files.example.com"] = [host.strip("[]")]
    with pytest.raises((Unacceptable, NotNow)):
        download("https://files.example.com/film.mp4", target, ANYWHERE, CAPS)
    assert not reached


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "2130706433", "0", "localhost"])
def test_a_server_that_listens_on_this_machine_hears_nothing(wire: Wire, host: str) -> None:
    url = f"http://{host}:{wire.port}/film.mp4"
    parts = urlsplit(url)
    with (
        Deadline(5) as deadline,
        outbound.session(parts, ANYWHERE, deadline) as session,
        pytest.raises(InvalidIPAddress),
    ):
        session.get(url, timeout=1)
    assert wire.connections == 0


@pytest.mark.parametrize("host", ["metadata.google.internal", "db.internal", "printer.local"])
def test_an_internal_name_is_never_connected_to(
    target: Path, reached: list[Target], names: dict[str, list[str]], host: str
) -> None:
    names[host] = ["10.0.0.7"]
    with pytest.raises(Unacceptable):
        download(f"https://{host}/film.mp4", target, ANYWHERE, CAPS)
    assert not reached


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700:4700::1111"])
def test_a_public_address_is_connected_to(
    target: Path, reached: list[Target], names: dict[str, list[str]], address: str
) -> None:
    names["files.example.com"] = [address]
    with pytest.raises(NotNow):
        download("https://files.example.com/film.mp4", target, ANYWHERE, CAPS)
    assert [one[:2] for one in reached] == [(address, 443)]


def test_a_name_that_changes_its_mind_is_asked_once_and_pinned(
    target: Path, reached: list[Target], names: dict[str, list[str]]
) -> None:
    names["files.example.com"] = [PUBLIC, "127.0.0.1", "127.0.0.1"]
    with pytest.raises(NotNow):
        download("https://files.example.com/film.mp4", target, ANYWHERE, CAPS)
    assert reached == [(PUBLIC, 443)]
    assert len(names["files.example.com"]) == 2


def test_a_name_that_nobody_knows_is_tried_again_later(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotNow):
        download("https://files.example.com/film.mp4", target, ANYWHERE, CAPS)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(wire: Wire, target: Path, status: int) -> None:
    wire.redirect(f"{wire.url}/elsewhere.mp4", status)
    with pytest.raises(Unacceptable, match="redirect"):
        download(f"{wire.url}/film.mp4", target, [f"127.0.0.1:{wire.port}"], CAPS)
    assert len(wire.requests) == 1


MALFORMED = {
    "userinfo": "https://user:pw@cdn.kie.ai/a.mp4",
    "user": "https://user@cdn.kie.ai/a.mp4",
    "nobody": "https://@cdn.kie.ai/a.mp4",
    "host as user": "https://cdn.kie.ai@127.0.0.1/a.mp4",
    "backslash": "https://cdn.kie.ai\\@127.0.0.1/a.mp4",
    "two backslashes": "https:\\\\cdn.kie.ai\\a.mp4",
    "backslash in the path": "https://cdn.kie.ai/a\\b.mp4",
    "NUL": "https://cdn.kie.ai\0.evil.com/a.mp4",
    "NUL, escaped": "https://127.0.0.1%00.kie.ai/a.mp4",
    "dot, escaped": "https://evil%2ekie.ai/a.mp4",
    "slash, escaped": "https://evil.com%2f.kie.ai/a.mp4",
    "newline": "https://cdn.kie.ai/a.mp4\r\nHost: evil",
    "tab in the scheme": "ht\ttps://cdn.kie.ai/a.mp4",
    "blank": "https://cdn.kie.ai/a b.mp4",
    "leading blank": " https://cdn.kie.ai/a.mp4",
    "escape character": "https://cdn.kie.ai/\x1b[0m.mp4",
    "unicode digits": "https://①②⑦.⓪.⓪.①/a.mp4",
    "fullwidth digits": "https://\uff11\uff12\uff17.0.0.1/a.mp4",
    "ideographic full stop": "https://127。0。0。1/a.mp4",
    "fullwidth name": "https://cdn.\uff4b\uff49\uff45.ai/a.mp4",
    "right-to-left": "https://cdn.kie.ai/\u202e4pm.a",
    "no host": "https:///a.mp4",
    "no scheme": "//cdn.kie.ai/a.mp4",
    "a path": "/etc/passwd",
    "nothing": "",
    "a zone": "https://[fe80::1%25eth0]/a.mp4",
    "half a bracket": "https://[::1/a.mp4",
    "future address": "https://[v1.fe80::a]/a.mp4",
    "no number for a port": "https://cdn.kie.ai:https/a.mp4",
    "port too high": "https://cdn.kie.ai:65536/a.mp4",
    "negative port": "https://cdn.kie.ai:-1/a.mp4",
    "label too long": f"https://{64 * 'a'}.kie.ai/a.mp4",
    "empty label": "https://a..kie.ai/a.mp4",
    "too long": f"https://cdn.kie.ai/{2048 * 'a'}",
}
ELSEWHERE = {
    "http": "http://cdn.kie.ai/a.mp4",
    "ssh port": "https://cdn.kie.ai:22/a.mp4",
    "other port": "https://cdn.kie.ai:8443/a.mp4",
    "http port": "https://cdn.kie.ai:80/a.mp4",
    "port zero": "https://cdn.kie.ai:0/a.mp4",
    "file": "file:///etc/passwd",
    "file with a host": "file://cdn.kie.ai/etc/passwd",
    "gopher": "gopher://cdn.kie.ai/1",
    "ftp": "ftp://cdn.kie.ai/a.mp4",
    "dict": "dict://cdn.kie.ai:11211/stat",
    "data": "data:video/mp4;base64,AAAA",
    "javascript": "javascript:alert(1)",
    "similar name": "https://evilkie.ai/a.mp4",
    "name in front": "https://cdn.kie.ai.evil.com/a.mp4",
    "name in the path": "https://evil.com/cdn.kie.ai",
    "name in the query": "https://evil.com?cdn.kie.ai",
    "name in the fragment": "https://evil.com#.kie.ai",
    "bare name": "https://kie.ai/a.mp4",
    "trailing dot": "https://cdn.kie.ai./a.mp4",
    "an address": "https://93.184.216.34/a.mp4",
    "an address in brackets": "https://[2606:4700:4700::1111]/a.mp4",
}
KIE = ["*.kie.ai", "cdn.veo4api.net"]


@pytest.mark.parametrize("url", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_address_is_forbidden_even_where_everything_is_allowed(url: str) -> None:
    with pytest.raises(Forbidden):
        outbound.check(url, ANYWHERE)


@pytest.mark.parametrize("url", ELSEWHERE.values(), ids=ELSEWHERE)
def test_an_address_that_is_not_on_the_list_is_forbidden(url: str) -> None:
    with pytest.raises(Forbidden):
        outbound.check(url, KIE)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.kie.ai/a.mp4",
        "https://CDN.KIE.AI/a.mp4",
        "https://a.b.kie.ai:443/a.mp4?sig=1%2F2&x=%20#t",
        "https://cdn.veo4api.net/film_1-2.mp4",
    ],
)
def test_an_address_on_the_list_is_allowed(url: str) -> None:
    assert outbound.check(url, KIE).scheme == "https"


def test_only_the_listed_port_of_a_listed_host_may_be_private() -> None:
    listed = ["127.0.0.1:8765"]
    assert outbound.check("http://127.0.0.1:8765/a.mp4", listed)
    for url in (
        "http://127.0.0.1:8766/a.mp4",
        "http://127.0.0.1/a.mp4",
        "http://127.0.0.2:8765/a.mp4",
        "http://0x7f.1:8765/a.mp4",
        "http://localhost:8765/a.mp4",
        "ftp://127.0.0.1:8765/a.mp4",
    ):
        with pytest.raises(Forbidden):
            outbound.check(url, listed)


def test_a_listed_name_without_a_port_is_still_held_to_public_addresses(
    target: Path, reached: list[Target], names: dict[str, list[str]]
) -> None:
    names["cdn.veo4api.net"] = ["127.0.0.1"]
    with pytest.raises(Unacceptable):
        download("https://cdn.veo4api.net/a.mp4", target, KIE, CAPS)
    assert not reached


# ── Addresses in any script ──────────────────────────────────────────────────
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="?#%\\")))
def test_an_address_loses_nothing_when_it_is_written_in_ascii(path: str) -> None:
    address = f"https://files.example.com/{path}"
    uri = outbound.as_uri(address)
    assert uri.isascii()
    assert unquote(uri) == address
    assert outbound.as_uri(uri) == uri


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_whatever_a_host_is_called_it_is_one_name_or_forbidden(name: str) -> None:
    with suppress(Forbidden):
        parts = outbound.check(outbound.as_uri(f"https://{name}.example/a.jpg"), ANYWHERE)
        assert parts.hostname
        assert outbound.HOST.fullmatch(parts.hostname)
        assert "@" not in parts.netloc


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.kie.ai/a.mp4?sig=1%2F2&x=%20#t",
        "https://cdn.kie.ai/~a'b|c^d`e{f}.mp4",
        "",
    ],
)
def test_an_address_in_ascii_stays_as_it_was_signed(address: str) -> None:
    assert outbound.as_uri(address) == address


def test_a_result_whose_address_is_in_another_script_is_fetched(wire: Wire, target: Path) -> None:
    wire.answer(body=b"film")
    download(f"{wire.url}/фильм.mp4", target, [f"127.0.0.1:{wire.port}"], CAPS)
    assert (wire.requests[0].path, target.read_bytes()) == (quote("/фильм.mp4"), b"film")
