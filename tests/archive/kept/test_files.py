"""The one door to kept files, on this machine's disk and in a storage that has no paths."""

from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import SuspiciousFileOperation

from jobs.archive.kept import files, places, ranges, walking

A_DAY_AGO = 25 * 3600
anywhere = pytest.mark.parametrize("place", ["disk", "elsewhere"], indirect=True)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> str:
    """The place of kept files, by the setting that names it."""
    if request.param == "elsewhere":
        request.getfixturevalue("bucket")
    return str(request.param)


def put(name: str, content: bytes) -> None:
    with files.put(name) as part:
        part.write_bytes(content)


def content_of(name: str) -> bytes:
    with files.opened(name) as file:
        return file.read()


def half_made() -> list[str]:
    return [path.name for path in (django_settings.MEDIA_ROOT / places.INCOMING).glob("*")]


# ── Keeping ──────────────────────────────────────────────────────────────────
@anywhere
def test_what_is_put_is_there_whole_or_not_at_all(place: str) -> None:
    def break_off() -> None:
        with files.put("ab/film.mp4") as part:
            part.write_bytes(b"half a fi")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()
    assert not files.is_there("ab/film.mp4")
    put("ab/film.mp4", b"a film")
    assert files.is_there("ab/film.mp4")
    assert (content_of("ab/film.mp4"), half_made()) == (b"a film", [])


@anywhere
def test_until_then_what_was_there_before_stays(place: str) -> None:
    put("ab/film.mp4", b"the one before")
    with files.put("ab/film.mp4") as part:
        part.write_bytes(b"another")
        assert content_of("ab/film.mp4") == b"the one before"
    assert content_of("ab/film.mp4") == b"another"


@anywhere
def test_what_is_made_and_not_kept_is_gone(place: str) -> None:
    with files.incoming(".mp4") as part:
        part.write_bytes(b"a film")
        assert half_made() == [part.name]
    assert half_made() == []


def test_a_file_gets_its_name_once_it_is_synced_and_the_name_is_synced_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        calls.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().name if is_folder else ''}")
        fsync(handle)

    def noted_replace(path: Path, target: Path) -> Path:
        calls.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    put("images/ab/a.jpg", b"a picture")
    assert calls == ["sync ", "rename", "sync ab", "sync images", "sync media"]


def test_a_disk_that_does_not_take_it_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put("ab/film.mp4", b"a film")
    assert (files.is_there("ab/film.mp4"), half_made()) == (False, [])


@anywhere
def test_what_is_deleted_is_gone_whether_it_was_there_or_not(place: str) -> None:
    put("ab/film.mp4", b"a film")
    for _ in range(2):
        files.delete("ab/film.mp4")
        assert not files.is_there("ab/film.mp4")


# ── Reading ──────────────────────────────────────────────────────────────────
def test_a_range_is_read_without_reading_the_rest() -> None:
    put("ab/film.mp4", b"")
    path = django_settings.MEDIA_ROOT / "ab/film.mp4"
    size = 2**40
    with path.open("r+b") as file:
        file.truncate(size)
        file.seek(size - 10)
        file.write(b"0123456789")
    with files.opened("ab/film.mp4") as file:
        assert files.size_of(file) == size
        assert b"".join(ranges.Range(file, size - 8, 5)) == b"23456"
        assert b"".join(ranges.Range(file, size - 2, 100)) == b"89"
        assert b"".join(ranges.Range(file, size // 2, 0)) == b""


@anywhere
def test_a_long_range_comes_in_pieces(place: str) -> None:
    content = os.urandom(2 * ranges.CHUNK + 10)
    put("ab/film.mp4", content)
    with files.opened("ab/film.mp4") as file:
        pieces = list(ranges.Range(file, 5, len(content)))
    assert b"".join(pieces) == content[5:]
    assert max(map(len, pieces)) == ranges.CHUNK


def test_what_was_opened_stays_the_same_file_when_another_takes_its_name() -> None:
    put("ab/film.mp4", b"the one before")
    with files.opened("ab/film.mp4") as file:
        put("ab/film.mp4", b"another")
        assert (files.size_of(file), b"".join(ranges.Range(file, 0, 7))) == (14, b"the one")


@anywhere
def test_what_is_not_there_cannot_be_opened(place: str) -> None:
    with pytest.raises(OSError, match=r"film\.mp4"):
        files.opened("ab/film.mp4")


@pytest.mark.parametrize("name", ["../settings.py", "ab/../../x", "/etc/passwd"])
def test_no_name_leads_out_of_the_archive(name: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        files.opened(name)
    with pytest.raises(SuspiciousFileOperation):
        put(name, b"x")


@anywhere
def test_who_needs_a_path_gets_the_file_itself_or_a_passing_copy(place: str) -> None:
    put("ab/film.mp4", b"a film")
    with files.local("ab/film.mp4") as path:
        assert (path.read_bytes(), path.suffix) == (b"a film", ".mp4")
        assert half_made() == ([] if place == "disk" else [path.name])
    assert (path.exists(), half_made()) == (place == "disk", [])


# ── Walking ──────────────────────────────────────────────────────────────────
@anywhere
def test_a_folder_tells_its_files_and_its_folders(place: str) -> None:
    for name in ("images/ab/a.jpg", "images/b.jpg", "cd/c.mp4"):
        put(name, b"x")
    assert set(walking.folders()) - {places.INCOMING} == {"images", "cd"}
    assert (walking.folders("images"), walking.names("images")) == (["images/ab"], ["images/b.jpg"])
    assert (walking.folders("nowhere"), walking.names("nowhere")) == ([], [])


@anywhere
def test_a_file_is_as_old_as_its_content_and_in_place_since_it_was_moved(place: str) -> None:
    put("ab/film.mp4", b"a film")
    if place == "disk":
        os.utime(django_settings.MEDIA_ROOT / "ab/film.mp4", (0, time.time() - A_DAY_AGO))
        assert walking.age("ab/film.mp4") > A_DAY_AGO - 60
    files.move("ab/film.mp4", "unowned/film.mp4")
    assert not files.is_there("ab/film.mp4")
    assert content_of("unowned/film.mp4") == b"a film"
    assert walking.time_in_place("unowned/film.mp4") < 60


@anywhere
def test_one_that_was_taken_away_meanwhile_has_no_age(place: str) -> None:
    assert walking.age("ab/film.mp4") == walking.time_in_place("ab/film.mp4") == 0


# ── Nobody else ──────────────────────────────────────────────────────────────
def test_no_other_module_knows_where_kept_files_lie() -> None:
    words = re.compile(r"MEDIA_ROOT|default_storage|storages\[")
    sources = [
        path
        for folder in ("jobs", "veo_site")
        for path in (django_settings.BASE_DIR / folder).rglob("*.py")
    ]
    knowing = {
        path.relative_to(django_settings.BASE_DIR).as_posix()
        for path in sources
        if words.search(path.read_text(encoding="utf-8"))
    }
    assert knowing == {
        "veo_site/settings.py",
        "jobs/archive/kept/files.py",
        "jobs/archive/kept/places.py",
        "jobs/archive/kept/walking.py",
    }
