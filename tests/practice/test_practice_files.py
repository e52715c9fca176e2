"""Result files: ranges, and everything a download can meet."""

import http.client

import pytest

from tests.support.servers.practice_client import Client, Reply, call


def film(client: Client, tags: str = "") -> str:
    record = client.ended(client.made(f"A lake [[seconds=0]] {tags}", duration=4))
    return str(record["response"]["resultUrls"][0])


def fresh(client: Client, url: str) -> Reply:
    return call(client.server, "POST", "/api/v1/common/download-url", {"url": url})


def test_a_file_comes_whole_with_its_length(client: Client) -> None:
    answer = client.fetch(film(client))
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.body[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-5", -5, None)],
)
def test_a_range_gives_its_part(client: Client, wanted: str, start: int, end: int | None) -> None:
    url = film(client)
    whole, part = client.fetch(url).body, client.fetch(url, Range=wanted)
    assert part.status == 206
    assert part.body == whole[start:end]
    assert part.headers["Content-Range"].endswith(f"/{len(whole)}")


@pytest.mark.parametrize("wanted", ["bytes=999999999-", "bytes=5-2", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(client: Client, wanted: str) -> None:
    assert client.fetch(film(client), Range=wanted).status == 416


@pytest.mark.parametrize("wanted", ["bytes=-", "bytes=a-b", "lines=1-2"])
def test_a_range_that_makes_no_sense_is_ignored(client: Client, wanted: str) -> None:
    assert client.fetch(film(client), Range=wanted).status == 200


def test_head_tells_the_length_alone(client: Client) -> None:
    url = film(client)
    answer = call(client.server, "HEAD", url.removeprefix(client.server.url))
    assert answer.body == b""
    assert int(answer.headers["Content-Length"]) == len(client.fetch(url).body)


@pytest.mark.parametrize("path", ["/files/none.mp4", "/files/../x.mp4", "/files/"])
def test_an_unknown_file_is_not_found(client: Client, path: str) -> None:
    assert call(client.server, "GET", path).status == 404


@pytest.mark.parametrize(
    ("tag", "status"), [("[[expired-file]]", 404), ("[[expired-file=410]]", 410)]
)
def test_an_expired_link_can_be_renewed(client: Client, tag: str, status: int) -> None:
    url = film(client, tag)
    assert client.fetch(url).status == status
    assert client.fetch(fresh(client, url).json["data"]).status == 200


def test_a_link_is_renewed_for_its_own_account_only(client: Client) -> None:
    url = film(client)
    other = call(client.server, "POST", "/api/v1/common/download-url", {"url": f"http://x{url}"})
    assert other.json["code"] == 422


def test_a_stale_link_is_renewed_by_asking_again(client: Client) -> None:
    task_id = client.made("A lake [[stale-link]]")
    client.wait(task_id)
    first, second = (
        client.record(task_id).json["data"]["response"]["resultUrls"][0] for _ in range(2)
    )
    assert [client.fetch(url).status for url in (first, second)] == [404, 200]


def test_a_gone_file_stays_gone(client: Client) -> None:
    url = film(client, "[[gone-file]]")
    assert client.fetch(url).status == 404
    assert client.fetch(fresh(client, url).json["data"]).status == 404


def test_a_short_file_breaks_off(client: Client) -> None:
    with pytest.raises(http.client.IncompleteRead):
        client.fetch(film(client, "[[short-file]]"))


def test_a_long_file_promises_half(client: Client) -> None:
    half, whole = client.fetch(film(client, "[[long-file]]")), client.fetch(film(client))
    assert len(half.body) == len(whole.body) // 2


def test_a_file_can_come_without_length_or_ranges(client: Client) -> None:
    assert "Content-Length" not in client.fetch(film(client, "[[no-length-file]]")).headers
    ranged = client.fetch(film(client, "[[no-range-file]]"), Range="bytes=0-9")
    assert ranged.status == 200


def test_a_file_can_be_a_page_or_a_redirect(client: Client) -> None:
    page = client.fetch(film(client, "[[html-file]]"))
    assert page.headers["Content-Type"] == "video/mp4"
    assert page.body.startswith(b"<html>")
    assert client.fetch(film(client, "[[redirect-file]]")).status == 302


@pytest.mark.parametrize(("tag", "expected"), [("[[slow-file=64]]", 64), ("[[endless-file]]", 64)])
def test_a_file_can_take_for_ever(client: Client, tag: str, expected: int) -> None:
    url = film(client, tag)
    connection = http.client.HTTPConnection("127.0.0.1", client.server.port, timeout=5)
    connection.request("GET", url.removeprefix(client.server.url))
    answer = connection.getresponse()
    assert len(answer.read(expected)) == expected
    connection.close()
