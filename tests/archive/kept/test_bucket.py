"""Films in a bucket of a real S3 server: sent whole, given out at signed addresses, kept well."""

from __future__ import annotations

import errno
import io
import logging
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from jobs import archive, follower, keeping, lifecycle
from jobs.archive import strays, verify
from jobs.archive.intake import images, public_addresses
from jobs.archive.kept import files, nameplate, near, places, posters
from jobs.archive.kept.nameplate import NotOurs
from jobs.archive.kept.s3 import bucket as s3
from jobs.archive.kept.s3.sums import PIECE, Sums
from jobs.models import Belongings, Image, Job, Rendition, Stray, User
from jobs.views.answers import zips
from tests import ROOT
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.media.image_orders import order
from tests.support.media.pictures import picture as drawn
from tests.support.running import drain_queue, purge_queue
from tests.support.servers.bucket import Elsewhere
from tests.support.states.passing import pass_time
from veo_site.configuration import storage

pytestmark = [pytest.mark.django_db, pytest.mark.data]
Waiting = Callable[..., Rendition]
storing: Any = import_module("jobs.archive.store")


def stored(rendition: Rendition) -> Rendition:
    """The row after one attempt."""
    archive.store(rendition.pk)
    rendition.refresh_from_db()
    return rendition


@pytest.fixture
def film(bucket: Elsewhere, provider: Wire, waiting: Waiting) -> Rendition:
    """One that is stored."""
    provider.answer(body=films.film())
    return stored(waiting())


def on_disk() -> list[Path]:
    return [path for path in Path(django_settings.MEDIA_ROOT).rglob("*") if path.is_file()]


# ── Kept ─────────────────────────────────────────────────────────────────────
def test_a_film_is_sent_whole_with_its_pictures_and_nothing_stays_behind(
    film: Rendition, bucket: Elsewhere
) -> None:
    assert film.is_stored, film.problem
    assert bucket.content_of(film.file) == films.film()
    assert sorted(Path(name).suffix for name in bucket.names()) == [".mp4", *[".webp"] * 3]
    assert on_disk() == []
    assert list(verify.check()) == []


def test_an_upload_that_breaks_off_is_repeated_and_the_provider_is_not_asked_again(
    bucket: Elsewhere, provider: Wire, waiting: Waiting
) -> None:
    provider.answer(body=films.film())
    rendition = waiting()
    with bucket.away():
        for _ in range(3):
            row = stored(rendition)
            assert (row.state, row.attempts) == ("waiting", 0)
            assert row.problem == "the storage for videos can’t be reached"
            pass_time(60)
        assert {path.parent.name for path in on_disk()} == {str(rendition.pk)}
    assert stored(rendition).is_stored
    assert (len(provider.requests), on_disk()) == (1, [])


@pytest.mark.parametrize("moment", ["_send", "_noted"])
def test_a_worker_that_dies_on_the_way_loses_no_film(
    bucket: Elsewhere,
    provider: Wire,
    waiting: Waiting,
    moment: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider.answer(body=films.film())
    rendition = waiting()

    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(storing, moment, die)
        with pytest.raises(SystemExit):
            archive.store(rendition.pk)
    Rendition.objects.update(try_at=Now())
    purge_queue()
    follower.sweep()
    drain_queue()
    rendition.refresh_from_db()
    assert rendition.is_stored, rendition.problem
    assert (len(provider.requests), on_disk()) == (1, [])
    assert bucket.content_of(rendition.file) == films.film()


def test_a_film_that_was_given_up_elsewhere_is_taken_up_where_it_lies(
    bucket: Elsewhere, provider: Wire, waiting: Waiting
) -> None:
    provider.answer(body=films.film())
    rendition = waiting()
    with bucket.away():
        stored(rendition)
    Rendition.objects.update(state="expired", try_at=None)
    long_ago(rendition)
    follower.sweep()
    drain_queue()
    rendition.refresh_from_db()
    assert rendition.is_stored


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_is_damaged_there_or_was_closed_by_somebody_is_not_tried_again(
    bucket: Elsewhere, provider: Wire, waiting: Waiting, admin: User, is_closed: bool
) -> None:
    provider.answer(body=films.film())
    rendition = waiting()
    with bucket.away():
        stored(rendition)
    Rendition.objects.update(state="expired", try_at=None)
    if is_closed:
        Job.objects.update(closed_at=Now(), closed_by=admin)
    else:
        (outgoing_of(rendition) / "film.mp4").write_bytes(b"spoilt")
    asked = len(provider.requests)
    for _ in range(3):
        if outgoing_of(rendition).exists():
            long_ago(rendition)
        follower.sweep()
        drain_queue()
    rendition.refresh_from_db()
    assert (rendition.state, len(provider.requests)) == ("expired", asked)


@pytest.mark.parametrize("state", ["fetching", "expired", "purged"])
def test_a_worker_may_send_a_film_and_take_it_away_while_the_follower_looks_around(
    bucket: Elsewhere, provider: Wire, waiting: Waiting, state: str
) -> None:
    provider.answer(body=films.film())
    rendition = waiting()
    with bucket.away():
        stored(rendition)
    Rendition.objects.update(state=state, try_at=None)
    long_ago(rendition)

    def sent_meanwhile(execute: Any, *statement: Any) -> object:
        shutil.rmtree(outgoing_of(rendition), ignore_errors=True)
        return execute(*statement)

    with connection.execute_wrapper(sent_meanwhile):
        archive.take_up_outgoing()
    assert not outgoing_of(rendition).exists()


def outgoing_of(rendition: Rendition) -> Path:
    """Where it waits for its bucket."""
    return Path(django_settings.MEDIA_ROOT, "outgoing", str(rendition.pk))


def long_ago(rendition: Rendition) -> None:
    os.utime(outgoing_of(rendition), (0, 0))


def test_what_arrived_otherwise_than_it_was_sent_is_not_called_kept(
    bucket: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "sums_of", lambda path: Sums("another", "another"))
    with pytest.raises(s3.Damaged), files.put("ab/film.mp4") as part:
        part.write_bytes(b"a film")
    assert bucket.names() == []


def test_a_long_film_goes_in_pieces_and_is_compared_by_them(
    bucket: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = os.urandom(PIECE + 1000)
    monkeypatch.setattr(s3.Bucket, "sha256", lambda *_: pytest.fail("it is read once more"))
    with files.put("ab/film.mp4") as part:
        part.write_bytes(content)
    with files.opened("ab/film.mp4") as file:
        file.seek(PIECE - 5)
        assert file.read(10) == content[PIECE - 5 : PIECE + 5]
        file.seek(0)
        assert file.read() == content


def test_what_dead_workers_began_to_send_is_taken_back(bucket: Elsewhere) -> None:
    bucket.client.create_multipart_upload(Bucket=bucket.name, Key="dailies/ab/film.mp4")
    assert files.clear_incoming(3600) == 0
    assert files.clear_incoming(-60) == 1
    assert files.clear_incoming(-60) == 0


# ── Given out ────────────────────────────────────────────────────────────────
def test_a_film_is_played_from_its_bucket_at_an_address_of_a_few_minutes(
    film: Rendition, alice_client: Client, bucket: Elsewhere
) -> None:
    sent = alice_client.get(f"/renditions/{film.pk}.mp4", headers={"Range": "bytes=4-7"})
    assert (sent.status_code, sent["Cache-Control"]) == (302, "private, max-age=150")
    piece = requests.get(sent["Location"], headers={"Range": "bytes=4-7"}, timeout=10)
    assert (piece.status_code, piece.content) == (206, b"ftyp")
    assert piece.headers["Content-Type"] == "video/mp4"
    assert "Content-Disposition" not in piece.headers
    assert "X-Amz-Expires=300" in sent["Location"]
    asked = alice_client.head(f"/renditions/{film.pk}.mp4")
    told = requests.head(asked["Location"], timeout=10)
    assert (told.status_code, told.headers["Content-Length"]) == (200, str(film.bytes))
    other = sent["Location"].replace(film.file, film.poster)
    assert requests.get(other, timeout=10).status_code == 403


def test_a_download_has_its_name_in_any_script(film: Rendition, alice_client: Client) -> None:
    keeping.entitle(film.job_id, "Ein Küstenweg", film.job.owner)
    sent = alice_client.get(f"/renditions/{film.pk}.mp4?download")
    got = requests.get(sent["Location"], timeout=10)
    said = got.headers["Content-Disposition"]
    assert said.startswith('attachment; filename="Ein Kustenweg')
    assert "filename*=utf-8''Ein%20K%C3%BCstenweg" in said
    assert got.content == films.film()


def test_nobody_gets_an_address_of_what_they_may_not_see(film: Rendition, bob: User) -> None:
    answer = factories.signed_in(bob).get(f"/renditions/{film.pk}.mp4")
    assert (answer.status_code, answer.headers.get("Location")) == (404, None)


def test_where_the_bucket_is_not_for_browsers_we_send_what_lies_there(
    film: Rendition, alice_client: Client, settings: Any
) -> None:
    settings.STORAGE_SERVE, settings.SENDFILE = "proxy", "nginx"
    for _ in range(2):
        piece: Any = alice_client.get(f"/renditions/{film.pk}.mp4", headers={"Range": "bytes=4-7"})
        assert (piece.status_code, b"".join(piece)) == (206, b"ftyp")
    assert [path.name for path in on_disk()] == [Path(film.file).name]


def test_pictures_are_shown_from_copies_at_hand_also_while_the_bucket_is_away(
    film: Rendition,
    alice_client: Client,
    bucket: Elsewhere,
    caplog: pytest.LogCaptureFixture,
) -> None:
    poster = f"/renditions/{film.pk}.webp"
    first = [b"".join(alice_client.get(poster, {"side": side})) for side in ("", "320")]
    with bucket.away():
        again = [b"".join(alice_client.get(poster, {"side": side})) for side in ("", "320")]
        assert again == first
        assert all(each.startswith(b"RIFF") for each in first)
        # No page asks the bucket for anything: a card needs none of it.
        for page in (reverse("studio"), reverse("job", args=[film.job_id])):
            assert alice_client.get(page).status_code == 200
        # Orders need not wait for it: their films have their place on this disk.
        assert files.are_ours()
        for _ in range(2):
            assert alice_client.get(f"/renditions/{film.pk}.mp4?download").status_code == 503
        refused = alice_client.get(f"/renditions/{film.pk}.mp4?download")
        assert b"can\xe2\x80\x99t be reached right now" in refused.content
    # Once that it went and once that it is back, however many pictures and films people ask for.
    assert len([each for each in caplog.records if each.levelno >= logging.WARNING]) == 2


def test_an_order_waits_whose_images_its_provider_would_look_for_in_vain(
    bucket: Elsewhere, alice: User, provider: Wire, client: Client
) -> None:
    provider.answer(json={"task_id": "v1", "status": "queued"}, path="generate")
    picture = images.add(alice, drawn(), Image.Origin.UPLOAD)
    named = order(alice, picture, mode="references", provider="veo4")
    with bucket.away():
        job = factories.job(alice, **named)
        drain_queue()
        job.refresh_from_db()
        assert (job.status, provider.posts) == ("queued", [])
        assert job.error.startswith("Its images can’t be sent yet: the storage for videos")
    Job.objects.update(wake_at=Now())
    follower.sweep()
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.error) == ("running", "")
    # From then on this machine has what the provider fetches.
    with bucket.away():
        shown: Any = client.get(urlsplit(public_addresses.public_url(picture)).path)
        assert (shown.status_code, b"".join(shown)[:2]) == (200, b"\xff\xd8")


@pytest.mark.parametrize("cause", ["the floor", "no byte"])
def test_pictures_are_shown_where_this_disk_has_no_room_for_copies_of_them(
    film: Rendition,
    alice_client: Client,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    cause: str,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    settings.STORAGE_SERVE = "proxy"
    if cause == "the floor":
        settings.UNPAID_FREE_BYTES_MIN = 2**62
    else:
        monkeypatch.setattr(Path, "replace", refuse)
    for side in ("", "320"):
        shown: Any = alice_client.get(f"/renditions/{film.pk}.webp", {"side": side})
        assert (shown.status_code, b"".join(shown)[:4]) == (200, b"RIFF")
    assert on_disk() == []
    # A film is too large to be taken from there by who sends it to all readers in turns.
    monkeypatch.setattr(near, "IN_MEMORY_BYTES", 100)
    refused = alice_client.get(f"/renditions/{film.pk}.mp4")
    assert (refused.status_code, refused["Retry-After"]) == (503, "15")


def test_copies_make_room_for_newer_ones(
    film: Rendition, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [film.poster, film.file]
    for name in names:
        near.copy_of(name)
    assert near.tidy() == 0
    old = places.here(f"{places.NEAR}/{film.poster}")
    os.utime(old, (0, time.time() - 2 * near.SPARED_SECONDS))
    settings.STORAGE_CACHE_BYTES = film.bytes
    assert near.tidy() == 1
    assert [path.name for path in on_disk()] == [Path(film.file).name]


def test_a_zip_is_made_of_what_lies_in_the_bucket_one_at_a_time(
    film: Rendition, alice_client: Client
) -> None:
    address = "/files/videos.zip"
    with zips.FETCHING:
        assert alice_client.get(address, {"video": str(film.job_id)}).status_code == 429
    for _ in range(2):
        answer: Any = alice_client.get(address, {"video": str(film.job_id)})
        with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as packed:
            assert [packed.read(name) for name in packed.namelist()] == [films.film()]


def test_a_frame_is_taken_of_a_film_that_lies_there(film: Rendition, alice: User) -> None:
    assert images.from_frame(alice, film, images.LAST).width == films.WIDTH
    picture = Image.objects.get()
    assert files.is_there(picture.file)
    files.delete(picture.file)
    assert not files.is_there(picture.file)


# ── Whose it is ──────────────────────────────────────────────────────────────
def test_a_bucket_belongs_to_its_database_and_another_is_refused(bucket: Elsewhere) -> None:
    nameplate.put_up(adopt=False)
    nameplate.require()
    number = places.nameplate()
    Belongings.objects.update(nameplate="another")
    with pytest.raises(NotOurs, match=r"STORAGE_URL .* holds the videos of another database"):
        nameplate.require()
    Belongings.objects.update(nameplate=number)
    bucket.client.delete_object(Bucket=bucket.name, Key="dailies/nameplate")
    with pytest.raises(NotOurs, match="Set STORAGE_URL to the right bucket"):
        nameplate.require()


def test_a_bucket_that_does_not_answer_or_refuses_the_key_is_said_at_the_start(
    bucket: Elsewhere,
) -> None:
    nameplate.put_up(adopt=False)
    bucket.keep(secret="canary")
    with pytest.raises(NotOurs, match="refuses the server’s key") as refused:
        nameplate.require()
    assert "canary" not in str(refused.value)


def test_an_archive_on_disk_goes_on_in_a_new_bucket(bucket: Elsewhere, settings: Any) -> None:
    to_bucket = settings.STORAGES
    settings.STORAGES = to_bucket | {"default": to_bucket["former"]}
    nameplate.put_up(adopt=False)
    number = places.nameplate()
    with files.put("ab/film.mp4") as part:
        part.write_bytes(b"on disk")
    settings.STORAGES = to_bucket
    nameplate.put_up(adopt=False)
    assert bucket.content_of("nameplate").decode().startswith(number)
    nameplate.require()
    with files.put("ab/other.mp4") as part:
        part.write_bytes(b"in the bucket")
    for name, content in (("film", b"on disk"), ("other", b"in the bucket")):
        with files.opened(f"ab/{name}.mp4") as file:
            assert file.read() == content
    assert "ab/other.mp4" in bucket.names()


def test_while_the_bucket_is_away_no_file_is_said_to_be_lost(
    film: Rendition, bucket: Elsewhere
) -> None:
    with bucket.away(), pytest.raises(CommandError, match="No file was marked"):
        call_command("verify_archive")
    film.refresh_from_db()
    assert film.is_stored


def test_a_film_that_is_another_in_the_bucket_is_found(film: Rendition, bucket: Elsewhere) -> None:
    key = {"Bucket": bucket.name, "Key": f"dailies/{film.file}"}
    bucket.client.put_object(**key, Body=b"another", Metadata={"sha256": film.sha256})
    assert list(verify.check()) == []
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("verify_archive", "--deep", stderr=said)
    assert "is damaged" in said.getvalue()


# ── The setting ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://films.example", "names no bucket"),
        ("s3://films", "neither a region"),
        ("s3://films?regio=eu", "“regio” is none of region, endpoint, style"),
        ("s3://canary:canary@films?region=eu", "keys don’t belong in it"),
        ("s3://films?endpoint=https://canary:canary@host", "keys don’t belong in it"),
        ("s3://films?endpoint=ftp://host", "its endpoint is not an address"),
        ("s3://films?endpoint=https://host/folder", "nothing behind the host"),
        ("s3://films/a b?region=eu", "its folder may hold"),
        ("s3://films/../b?region=eu", "its folder may hold"),
        ("s3://films?region=eu&style=odd", "style is none of path, host"),
        ("s3://films?endpoint=http://host:99999", "can’t be read"),
        ("s3://films?endpoint=http://[fd00::7]:9000&style=host", "needs an endpoint with a name"),
    ],
)
def test_an_address_that_is_none_is_said_without_its_secrets(url: str, said: str) -> None:
    found, fault = storage.found(url)
    assert found is None
    assert said in fault
    assert "canary" not in fault


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("s3://films/a?region=eu-west-1", "https://films.s3.eu-west-1.amazonaws.com"),
        ("s3://my.films?region=eu-west-1", "https://s3.eu-west-1.amazonaws.com"),
        ("s3://films?endpoint=https://s3.example:9000/", "https://s3.example:9000"),
        ("s3://films?endpoint=https://s3.example&style=host", "https://films.s3.example"),
        ("s3://films?endpoint=http://[fd00::7]:9000", "http://[fd00::7]:9000"),
        ("s3://films?endpoint=https://[fd00::7]", "https://[fd00::7]"),
    ],
)
def test_pages_may_play_films_from_where_their_addresses_lead(
    url: str, origin: str, settings: Any
) -> None:
    found, _ = storage.found(url)
    assert found is not None
    assert found.origin == origin
    settings.STORAGES = settings.STORAGES | storage.places(found, "id", "key", new_on_disk=False)
    assert files.address("ab/film.mp4", "GET", {}).startswith(f"{origin}/")


def test_only_with_a_bucket_do_pages_name_another_host() -> None:
    def policy(**environment: str) -> str:
        program = "from veo_site import settings; print(settings.CONTENT_SECURITY_POLICY)"
        told = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"DEBUG": "false", "DATABASE_URL": ""} | environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return told.stdout

    url = "s3://films?endpoint=https://s3.example"
    assert "'media-src': [\"'self'\", 'https://s3.example']" in policy(STORAGE_URL=url)
    assert "s3.example" not in policy(STORAGE_URL=url, STORAGE_SERVE="proxy")
    assert "media-src" not in policy(STORAGE_URL="")


# ── What no row knows ────────────────────────────────────────────────────────
def test_a_film_of_the_bucket_that_no_row_knows_is_taken_in_under_its_number(
    film: Rendition, bucket: Elsewhere, alice: User, admin: User
) -> None:
    for name in (film.file, *posters.names(film.poster)):
        files.move(name, f"unowned/{Path(name).name}")
    Rendition.objects.filter(pk=film.pk).delete()
    assert strays.look() == 1
    terms = lifecycle.Adoption(alice, None, "Back", "kie", "veo3_fast")
    job = lifecycle.adopt(Stray.objects.get(), terms, admin)
    kept = job.renditions.get()
    assert (kept.pk, kept.is_stored) == (film.pk, True)
    assert bucket.content_of(kept.file) == films.film()
    assert all(files.is_there(name) for name in posters.names(kept.poster))
    assert not any(name.startswith("unowned") for name in bucket.names())


def test_what_a_dead_worker_had_sent_is_nobody_s_stray(
    bucket: Elsewhere, provider: Wire, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.answer(body=films.film())
    rendition = waiting()

    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(storing, "_noted", die)
        with pytest.raises(SystemExit):
            archive.store(rendition.pk)
    assert len(bucket.names()) == 4
    Rendition.objects.update(state="waiting")
    row = stored(rendition)
    assert set(bucket.names()) == {row.file, *posters.names(row.poster)}
