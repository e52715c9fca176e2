"""What we keep, played to who may see it, in the pieces a browser asks for."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models.functions import Now
from django.test import Client, RequestFactory
from django.urls import reverse

from jobs import shares
from jobs.models import Job, Project, Rendition, User
from jobs.views.jobs import media
from tests.support import factories
from veo_site.configuration import surroundings

pytestmark = pytest.mark.django_db

BODY = bytes(range(250)) * 4
SIZE = len(BODY)


@pytest.fixture
def rendition(alice: User) -> Rendition:
    """A stored file of Alice's: 1,000 bytes."""
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir()
    (folder / "film.mp4").write_bytes(BODY)
    (folder / "film.webp").write_bytes(b"RIFF")
    return Rendition.objects.create(
        job=factories.job(alice),
        resolution="720p",
        state=Rendition.State.STORED,
        file="film.mp4",
        poster="film.webp",
        bytes=SIZE,
        sha256="5" * 64,
        stored_at=Now(),
    )


def video(rendition: Rendition) -> str:
    return reverse("video", args=[rendition.pk])


def poster(rendition: Rendition) -> str:
    return reverse("poster", args=[rendition.pk])


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


# ── Ranges (75) ──────────────────────────────────────────────────────────────
def test_the_whole_file_is_sent_to_who_asks_for_no_range(
    alice_client: Client, rendition: Rendition
) -> None:
    response = alice_client.get(video(rendition))
    assert (response.status_code, body(response)) == (200, BODY)
    assert response["Content-Length"] == str(SIZE)
    assert response["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in response


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("0-", 0, SIZE - 1),
        ("0-1", 0, 1),
        ("0-0", 0, 0),
        ("100-199", 100, 199),
        ("999-", 999, 999),
        ("999-999", 999, 999),
        ("-1", 999, 999),
        ("-1000", 0, 999),
        ("-99999999999", 0, 999),
        ("0-99999999999", 0, 999),
        ("5-9999999999999999999", 5, 999),
    ],
)
def test_a_range_within_the_file_is_answered_with_just_that(
    alice_client: Client, rendition: Rendition, asked: str, first: int, last: int
) -> None:
    response = alice_client.get(video(rendition), headers={"Range": f"bytes={asked}"})
    assert (response.status_code, body(response)) == (206, BODY[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["1000-", "1000-1001", "99999999999-", "-0"])
def test_a_range_outside_the_file_is_refused_with_its_size(
    alice_client: Client, rendition: Rendition, asked: str
) -> None:
    response = alice_client.get(video(rendition), headers={"Range": f"bytes={asked}"})
    assert (response.status_code, response.content) == (416, b"")
    assert response["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "header",
    [
        "bytes=5-2",
        "bytes=0-1,3-4",
        "bytes=-",
        "bytes=",
        "bytes=a-b",
        "bytes=1-2-3",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=1.0-2",
        "bytes= 0-1",
        "bytes=0x0-0x1",
        "bytes=٠-١",
        "bytes=99999999999999999999-",
        "items=0-1",
        "0-1",
        "",
    ],
)
def test_a_header_that_is_not_one_good_range_is_ignored(
    alice_client: Client, rendition: Rendition, header: str
) -> None:
    response = alice_client.get(video(rendition), headers={"Range": header})
    assert (response.status_code, body(response)) == (200, BODY)


def test_a_range_of_the_version_the_browser_knows_is_sent(
    alice_client: Client, rendition: Rendition
) -> None:
    headers = {"Range": "bytes=0-1", "If-Range": f'"{rendition.sha256[:32]}"'}
    response = alice_client.get(video(rendition), headers=headers)
    assert (response.status_code, response["ETag"]) == (206, headers["If-Range"])
    assert body(response) == BODY[:2]


@pytest.mark.parametrize("known", ['"other"', 'W/"5555"', "Wed, 21 Oct 2015 07:28:00 GMT", "x"])
def test_a_browser_that_knows_another_version_gets_the_whole_file(
    alice_client: Client, rendition: Rendition, known: str
) -> None:
    headers = {"Range": "bytes=0-1", "If-Range": known}
    response = alice_client.get(video(rendition), headers=headers)
    assert (response.status_code, body(response)) == (200, BODY)


def test_a_poster_comes_in_the_size_that_is_asked_for(
    alice_client: Client, rendition: Rendition
) -> None:
    (Path(settings.MEDIA_ROOT) / "film-320.webp").write_bytes(b"RIFF small")
    small, large = (alice_client.get(f"{poster(rendition)}{end}") for end in ("?side=320", ""))
    assert (body(small), body(large)) == (b"RIFF small", b"RIFF")
    assert small["ETag"] != large["ETag"]


@pytest.mark.parametrize("side", ["640", "321", "-320", "٣٢٠", "../film", ""])
def test_a_size_that_there_is_not_is_the_large_poster(
    alice_client: Client, rendition: Rendition, side: str
) -> None:
    answer = alice_client.get(poster(rendition), {"side": side})
    assert (answer.status_code, body(answer)) == (200, b"RIFF")


@pytest.mark.parametrize("address", [video, poster])
def test_a_browser_that_has_this_version_is_told_so_and_sent_nothing(
    alice_client: Client, rendition: Rendition, address: Any
) -> None:
    first = alice_client.get(address(rendition))
    assert body(first)
    mark = first["ETag"]
    for known in (mark, f'"older", {mark}', f"W/{mark}", "*"):
        for headers in ({}, {"Range": "bytes=0-1"}):
            again = alice_client.get(
                address(rendition), headers={"If-None-Match": known, **headers}
            )
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", mark)
            assert again["Cache-Control"] == first["Cache-Control"]
    newer = alice_client.get(address(rendition), headers={"If-None-Match": '"older"'})
    assert (newer.status_code, bool(body(newer))) == (200, True)


def test_a_download_goes_on_with_the_version_it_began_and_no_other(
    alice_client: Client, rendition: Rendition
) -> None:
    mark = f'"{rendition.sha256[:32]}"'
    headers = {"Range": "bytes=500-", "If-Match": mark}
    rest = alice_client.get(video(rendition), headers=headers)
    assert (rest.status_code, body(rest)) == (206, BODY[500:])
    other = alice_client.get(video(rendition), headers={**headers, "If-Match": '"older"'})
    assert other.status_code == 412


def test_what_one_may_no_longer_see_is_no_longer_confirmed(bob: User, rendition: Rendition) -> None:
    headers = {"If-None-Match": "*"}
    response = factories.signed_in(bob).get(video(rendition), headers=headers)
    assert response.status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-1"}, {"Range": "bytes=5000-"}])
def test_head_tells_the_size_whatever_the_range(
    alice_client: Client, rendition: Rendition, headers: dict[str, str]
) -> None:
    response = alice_client.head(video(rendition), headers=headers)
    assert (response.status_code, response["Content-Length"]) == (200, str(SIZE))
    assert response["Accept-Ranges"] == "bytes"
    assert body(response) == b""


def test_a_file_that_is_never_read_is_closed_all_the_same(rendition: Rendition) -> None:
    request: Any = RequestFactory().get("/")
    request.user = rendition.job.owner
    response = media.video(request, rendition.pk)
    response.close()
    # What is left open is reported as a warning when it is collected, and so fails the test.
    del response
    gc.collect()


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_file_can_only_be_read(alice_client: Client, rendition: Rendition, method: str) -> None:
    assert getattr(alice_client, method)(video(rendition)).status_code == 405


# ── Who may see it ───────────────────────────────────────────────────────────
@pytest.mark.parametrize("address", [video, poster])
def test_a_file_of_somebody_else_does_not_exist(
    bob: User, rendition: Rendition, address: Any
) -> None:
    assert factories.signed_in(bob).get(address(rendition)).status_code == 404


@pytest.mark.parametrize("address", [video, poster])
def test_an_admin_sees_every_file(admin_client: Client, rendition: Rendition, address: Any) -> None:
    response = admin_client.get(address(rendition))
    assert body(response)
    assert response.status_code == 200


@pytest.mark.parametrize("address", [video, poster])
def test_the_team_sees_the_files_of_a_project(
    bob: User, rendition: Rendition, address: Any
) -> None:
    project = Project.objects.create(name="Spring campaign")
    Job.objects.filter(pk=rendition.job_id).update(project=project)
    response = factories.signed_in(bob).get(address(rendition))
    assert body(response)
    assert response.status_code == 200


@pytest.mark.parametrize("address", [video, poster])
def test_who_is_signed_out_is_asked_to_sign_in(
    client: Client, rendition: Rendition, address: Any
) -> None:
    response = client.get(address(rendition))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("state", ["waiting", "fetching", "expired", "rejected"])
def test_a_file_that_is_not_stored_does_not_exist(
    alice_client: Client, rendition: Rendition, state: str
) -> None:
    Rendition.objects.filter(pk=rendition.pk).update(state=state)
    assert alice_client.get(video(rendition)).status_code == 404


@pytest.mark.parametrize("address", [video, poster])
def test_a_file_that_vanished_from_the_disk_is_a_missing_page(
    alice_client: Client, rendition: Rendition, address: Any
) -> None:
    for name in (rendition.file, rendition.poster):
        (Path(settings.MEDIA_ROOT) / name).unlink()
    assert alice_client.get(address(rendition)).status_code == 404


def test_a_folder_in_the_place_of_a_file_is_a_missing_page(
    alice_client: Client, rendition: Rendition
) -> None:
    (Path(settings.MEDIA_ROOT) / "film").mkdir()
    Rendition.objects.filter(pk=rendition.pk).update(file="film", poster="")
    assert alice_client.get(video(rendition)).status_code == 404
    assert alice_client.get(poster(rendition)).status_code == 404


# ── What keeps it a video (68) ───────────────────────────────────────────────
@pytest.mark.parametrize(
    ("address", "kind"), [(video, "video/mp4"), (poster, "image/webp")], ids=["video", "poster"]
)
def test_a_file_is_never_sniffed_run_or_kept_by_others(
    alice_client: Client, rendition: Rendition, address: Any, kind: str
) -> None:
    response = alice_client.get(address(rendition))
    assert body(response)
    assert response["Content-Type"] == kind
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"].startswith("private")


def test_a_refused_range_carries_the_same_headers(
    alice_client: Client, rendition: Rendition
) -> None:
    response = alice_client.get(video(rendition), headers={"Range": "bytes=5000-"})
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


# ── Names for saving (74) ────────────────────────────────────────────────────
NAMES = {
    "plain": ("A lighthouse in the rain", 'filename="A lighthouse in the rain 720p.mp4"'),
    "line breaks": ("a\r\nSet-Cookie: x=1", 'filename="a Set-Cookie x=1 720p.mp4"'),
    "quotes": ('say "cheese"', 'filename="say cheese 720p.mp4"'),
    "semicolon": ("a; filename=b.exe", 'filename="a; filename=b exe 720p.mp4"'),
    "folders": ("../../etc/passwd", 'filename="etc passwd 720p.mp4"'),
    "backslashes": ("..\\..\\boot.ini", 'filename="boot ini 720p.mp4"'),
    "hidden": (".bashrc", 'filename="bashrc 720p.mp4"'),
    "nothing": (" \t ", 'filename="video 720p.mp4"'),
    "only signs": ('"/\\:*?', 'filename="video 720p.mp4"'),
    "right-to-left": ("gpj\u202e4pm.exe", 'filename="gpj 4pm exe 720p.mp4"'),
    "invisible": ("a\u200bb\ufeffc\x00d\x7fe", 'filename="a b c d e 720p.mp4"'),
    "lone surrogate": ("a\ud800b", 'filename="a b 720p.mp4"'),
    "long": (300 * "a", f'filename="{60 * "a"} 720p.mp4"'),
    "umlaut": (
        "Übung",
        "filename=\"Ubung 720p-f0.mp4\"; filename*=utf-8''%C3%9Cbung%20720p.mp4",
    ),
    "emoji": (
        "🎬 cut",
        "filename=\"cut 720p-f0.mp4\"; filename*=utf-8''%F0%9F%8E%AC%20cut%20720p.mp4",
    ),
    "Hebrew": (
        "נמל",
        "filename=\"720p-f0.mp4\"; filename*=utf-8''720p%20%D7%A0%D7%9E%D7%9C.mp4",
    ),
    "Japanese": (
        "灯台",
        "filename=\"720p-f0.mp4\"; filename*=utf-8''%E7%81%AF%E5%8F%B0%20720p.mp4",
    ),
}


@pytest.mark.parametrize(("prompt", "name"), NAMES.values(), ids=NAMES)
def test_a_download_is_named_after_the_prompt(
    alice_client: Client,
    rendition: Rendition,
    prompt: str,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rendition.job.prompt = prompt
    monkeypatch.setattr("jobs.views.jobs.media.rendition_to_see", lambda *_: rendition)
    response = alice_client.get(video(rendition) + "?download=1")
    # Of the plain name of a prompt in another script, a part is of its hash.
    header = re.sub(r"-[0-9a-f]{8}(?=\.mp4)", "-f0", response["Content-Disposition"])
    assert header == f"attachment; {name}"
    response.close()


def test_playing_names_nothing(alice_client: Client, rendition: Rendition) -> None:
    response = alice_client.get(video(rendition))
    assert body(response)
    assert "Content-Disposition" not in response


# ── Handed over to the proxy (202) ───────────────────────────────────────────
@pytest.mark.parametrize(
    ("proxy", "header", "place"),
    [
        ("nginx", "X-Accel-Redirect", "/kept/3f/film_1-2.mp4"),
        ("caddy", "X-Accel-Redirect", "/kept/3f/film_1-2.mp4"),
        ("apache", "X-Sendfile", "{root}/3f/film_1-2.mp4"),
    ],
)
def test_a_proxy_that_can_send_files_is_told_the_name_of_one(
    alice_client: Client,
    rendition: Rendition,
    settings: Any,
    proxy: str,
    header: str,
    place: str,
) -> None:
    name = "3f/film_1-2.mp4"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir()
    path.write_bytes(BODY)
    Rendition.objects.filter(pk=rendition.pk).update(file=name)
    settings.SENDFILE = proxy
    response = alice_client.get(f"{video(rendition)}?download", headers={"Range": "bytes=2-5"})
    assert (response.status_code, response.content) == (200, b"")
    assert response[header] == place.format(root=settings.MEDIA_ROOT)
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "name",
    [
        *("../secret", "/etc/hostname", "3f/../../secret", "3f/../film.mp4", "{root}/film.mp4"),
        *("./film.mp4", "film.mp4?", "film.mp4#", "a b%2F.mp4", "ä.mp4", "a\nb.mp4", ".film.mp4"),
    ],
)
def test_a_proxy_is_told_no_name_that_it_could_read_as_another(
    alice_client: Client, rendition: Rendition, settings: Any, name: str
) -> None:
    root = Path(settings.MEDIA_ROOT)
    (root / "3f").mkdir()
    (root.parent / "secret").write_bytes(b"secret")
    settings.SENDFILE = "nginx"
    name = name.format(root=root)
    if not (root / name).exists():
        (root / name).write_bytes(BODY)
    Rendition.objects.filter(pk=rendition.pk).update(file=name)
    response: Any = alice_client.get(video(rendition))
    assert "X-Accel-Redirect" not in response
    if response.status_code == 400:
        assert b"secret" not in response.content
    else:
        assert body(response) == BODY


def test_a_download_in_pieces_is_one_download_also_where_the_proxy_sends_them(
    client: Client, rendition: Rendition, settings: Any
) -> None:
    settings.SENDFILE = "nginx"
    link, token = shares.create([rendition], shares.Terms(download="720p"), rendition.job.owner)
    address = reverse("shared-download", args=[token, rendition.pk])
    for asked in ("bytes=0-499", "bytes=500-", "bytes=-10"):
        assert "X-Accel-Redirect" in client.get(address, headers={"Range": asked})
    link.refresh_from_db()
    assert link.download_count == 1


def test_a_proxy_that_we_do_not_know_is_named() -> None:
    with pytest.raises(ImproperlyConfigured, match="SENDFILE: “lighttpd” is none of nginx, caddy"):
        surroundings.one_of("SENDFILE", "lighttpd", "nginx", "caddy", "apache")
