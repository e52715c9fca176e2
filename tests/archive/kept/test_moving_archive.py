"""An archive on its way from the disk to a bucket, and back, while everything goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.test import Client

from jobs import keeping
from jobs.archive.kept import files, nameplate, places
from jobs.archive.kept.s3.bucket import Bucket
from jobs.models import Belongings, Rendition, User
from tests.support import factories
from tests.support.servers.bucket import Elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.data]
NUMBER = 3


def content_of(film: Rendition) -> bytes:
    with files.opened(film.file) as file:
        return file.read()


def on_disk() -> set[str]:
    """Of what is kept for good."""
    root = Path(django_settings.MEDIA_ROOT)
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return found - {"nameplate"}


def kept(owner: User, number: int) -> Rendition:
    content = b"film %d" % number
    film = factories.film(owner)
    name = f"{film.pk.hex[:2]}/{film.pk}.mp4"
    with files.put(name) as part:
        part.write_bytes(content)
    Rendition.objects.filter(pk=film.pk).update(
        file=name, poster="", bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
    )
    film.refresh_from_db()
    return film


@pytest.fixture
def archive(bucket: Elsewhere, alice: User) -> list[Rendition]:
    """Films on the disk, where new ones go to the bucket by now."""
    bucket.keep(new_on_disk=True)
    nameplate.put_up(adopt=False)
    made = [kept(alice, number) for number in range(NUMBER)]
    bucket.keep()
    nameplate.put_up(adopt=False)
    return made


def test_films_go_to_the_bucket_and_back_and_can_be_played_all_the_time(
    archive: list[Rendition],
    bucket: Elsewhere,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send, played = Bucket.send, []

    def watched(self: Bucket, *args: Any) -> None:
        send(self, *args)
        played.append([content_of(film) for film in archive])

    monkeypatch.setattr(Bucket, "send", watched)
    was = [b"film %d" % number for number in range(NUMBER)]
    call_command("move_archive", "--to", "bucket", "--dry-run")
    assert capsys.readouterr().out.startswith("3 files, 18\xa0bytes, are not in the bucket yet")
    call_command("move_archive", "--to", "bucket")
    assert "3 moved now, 0 were there.\nEvery video" in (told := capsys.readouterr().out)
    assert "3 originals are still there" in told
    assert len(on_disk()) == NUMBER
    call_command("move_archive", "--to", "bucket", "--remove")
    assert capsys.readouterr().out.endswith(
        "0 moved now, 3 were there.\nEvery video and image of the database is in the bucket.\n"
    )
    assert (played, on_disk()) == ([was] * NUMBER, set())
    assert [content_of(film) for film in archive] == was

    bucket.keep(new_on_disk=True)
    call_command("move_archive", "--to", "disk", "--remove")
    assert [content_of(film) for film in archive] == was
    assert (on_disk(), bucket.names()) == ({film.file for film in archive}, ["nameplate"])


@pytest.mark.parametrize("moment", range(2 * NUMBER))
def test_whenever_it_is_killed_it_goes_on_and_loses_nothing(
    archive: list[Rendition], bucket: Elsewhere, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [moment]

    def killed_before(act: Callable[..., None]) -> Callable[..., None]:
        def attempt(*args: Any) -> None:
            if not left[0]:
                raise SystemExit
            left[0] -= 1
            act(*args)

        return attempt

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "send", killed_before(Bucket.send))
        disk = type(places.disk())
        patch.setattr(disk, "delete", killed_before(disk.delete))
        with pytest.raises(SystemExit):
            call_command("move_archive", "--to", "bucket", "--remove")
    assert [content_of(film) for film in archive] == [b"film %d" % n for n in range(NUMBER)]
    call_command("move_archive", "--to", "bucket", "--remove")
    assert on_disk() == set()
    assert [content_of(film) for film in archive] == [b"film %d" % n for n in range(NUMBER)]


def test_what_is_damaged_stays_where_it_is_and_is_named(
    archive: list[Rendition], bucket: Elsewhere, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = Path(django_settings.MEDIA_ROOT, archive[1].file)
    damaged.write_bytes(b"another")
    with pytest.raises(CommandError, match="1 files are missing or damaged"):
        call_command("move_archive", "--to", "bucket", "--remove")
    assert f"{archive[1].file} stays where it is: it is damaged" in capsys.readouterr().err
    assert on_disk() == {archive[1].file}
    assert archive[1].file not in bucket.names()


def test_a_film_of_which_the_bucket_holds_another_is_sent_anew(
    archive: list[Rendition], bucket: Elsewhere
) -> None:
    key = f"dailies/{archive[0].file}"
    bucket.client.put_object(Bucket=bucket.name, Key=key, Body=b"file 0")
    call_command("move_archive", "--to", "bucket", "--remove")
    assert bucket.content_of(archive[0].file) == b"film 0"


def test_what_is_deleted_for_good_on_its_way_is_at_neither_place(
    archive: list[Rendition],
    bucket: Elsewhere,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone, send = archive[1], Bucket.send

    def purged_meanwhile(self: Bucket, name: str, *args: Any) -> None:
        if name == gone.file:
            keeping.throw_away([gone.job_id], alice)
            keeping.purge([gone.job_id], alice)
            assert gone.file not in on_disk()
            return
        send(self, name, *args)
        assert name in on_disk()

    monkeypatch.setattr(Bucket, "send", purged_meanwhile)
    call_command("move_archive", "--to", "bucket")
    assert gone.file not in on_disk()
    assert gone.file not in bucket.names()


def test_while_the_bucket_is_away_it_says_so_and_goes_on_later(
    archive: list[Rendition], bucket: Elsewhere, alice_client: Client
) -> None:
    with (
        bucket.away(),
        pytest.raises(CommandError, match=r"can’t be read|can’t be reached"),
    ):
        call_command("move_archive", "--to", "bucket", "--remove")
    assert len(on_disk()) == NUMBER
    call_command("move_archive", "--to", "bucket", "--remove")
    assert on_disk() == set()


def test_it_moves_nothing_against_the_settings_or_from_a_place_of_others(
    archive: list[Rendition], bucket: Elsewhere, settings: Any
) -> None:
    def refused(said: str, to: str = "bucket") -> None:
        with pytest.raises(CommandError, match=said):
            call_command("move_archive", "--to", to)

    refused("set STORAGE_NEW=disk", to="disk")
    Path(settings.MEDIA_ROOT, "nameplate").write_text("another")
    refused("is not this database’s")
    bucket.keep(new_on_disk=True)
    refused("take STORAGE_NEW away")
    Belongings.objects.update(nameplate="another")
    refused("is not this database’s", to="disk")
    settings.STORAGES = {
        name: place for name, place in settings.STORAGES.items() if name != "former"
    }
    refused("Set STORAGE_URL")
    assert len(on_disk()) == NUMBER
