"""One finished file on its way from the provider's link into our storage."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import archive, follower
from jobs.archive.fetching import lease
from jobs.archive.fetching.download import Caps, NotNow
from jobs.archive.intake import turns
from jobs.models import Credential, Job, Rendition, User
from jobs.times import clock
from jobs.views.jobs.cards.dealing import card_for
from tests.support import kie
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.racing import together
from tests.support.running import drain_queue, purge_queue
from tests.support.states.passing import pass_time

pytestmark = [pytest.mark.django_db, pytest.mark.data]

keeping: Any = import_module("jobs.archive.store")
Waiting = Callable[..., Rendition]
HURRY = Caps(seconds=0.3, connect=1, read=1)
State = Rendition.State


@pytest.fixture
def rendition(waiting: Waiting) -> Rendition:
    return waiting()


def stored(rendition: Rendition, caps: Caps = keeping.CAPS) -> Rendition:
    """The row after one attempt."""
    archive.store(rendition.pk, caps)
    rendition.refresh_from_db()
    return rendition


def files() -> list[str]:
    """What lies in our storage, temporary files included."""
    return sorted(path.suffix for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


# ── A good file ──────────────────────────────────────────────────────────────
def test_a_good_file_ends_stored_with_its_facts(provider: Wire, rendition: Rendition) -> None:
    provider.answer(body=films.film())
    row = stored(rendition)
    assert row.state == State.STORED, row.problem
    assert (row.width, row.height) == (films.WIDTH, films.HEIGHT)
    assert (row.seconds, row.codec, row.frame_rate) == (Decimal("0.500"), "h264", "24")
    assert (row.try_at, row.problem, row.attempts) == (None, "", 1)
    # By which its video is found and sorted in the library.
    video = Job.objects.get(pk=row.job_id)
    assert (video.film_seconds, video.film_lines) == (Decimal("0.500"), 720)


def test_of_its_video_all_is_written_at_once(provider: Wire, rendition: Rendition) -> None:
    provider.answer(body=films.film())
    with CaptureQueriesContext(connection) as asked:
        assert stored(rendition).state == State.STORED
    assert sum(each["sql"].startswith('UPDATE "jobs_job"') for each in asked) == 1


def test_a_smaller_copy_makes_no_video_smaller(provider: Wire, rendition: Rendition) -> None:
    Job.objects.filter(pk=rendition.job_id).update(film_lines=2160)
    provider.answer(body=films.film())
    stored(rendition)
    assert Job.objects.get(pk=rendition.job_id).film_lines == 2160


def test_the_kept_file_is_the_one_that_was_sent(provider: Wire, rendition: Rendition) -> None:
    provider.answer(body=films.film())
    row = stored(rendition)
    kept = (Path(settings.MEDIA_ROOT) / row.file).read_bytes()
    assert kept == films.film()
    assert (row.bytes, row.sha256) == (len(kept), hashlib.sha256(kept).hexdigest())


def test_a_kept_file_has_its_poster_and_leaves_nothing_temporary(
    provider: Wire, rendition: Rendition
) -> None:
    provider.answer(body=films.film())
    row = stored(rendition)
    assert (Path(settings.MEDIA_ROOT) / row.poster).is_file()
    assert files() == [".mp4", ".webp", ".webp", ".webp"]


def test_open_pages_hear_of_a_stored_file(provider: Wire, rendition: Rendition) -> None:
    before = Job.objects.get(pk=rendition.job_id).version
    provider.answer(body=films.film())
    stored(rendition)
    assert Job.objects.get(pk=rendition.job_id).version == before + 1


def test_a_stored_file_is_not_fetched_again(provider: Wire, rendition: Rendition) -> None:
    provider.answer(body=films.film())
    stored(rendition)
    stored(rendition)
    assert len(provider.requests) == 1


def test_everything_is_synced_to_disk_before_the_row_says_so(
    provider: Wire, rendition: Rendition, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace, show = os.fsync, Path.replace, keeping.show

    def noted_fsync(handle: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        calls.append("sync folder" if is_folder else "sync file")
        fsync(handle)

    def noted_replace(path: Path, target: Path) -> Path:
        calls.append(f"rename {path.suffix}")
        return replace(path, target)

    def noted_show(row: Rendition, **facts: Any) -> None:
        calls.append("commit")
        show(row, **facts)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    monkeypatch.setattr(keeping, "show", noted_show)
    provider.answer(body=films.film())
    stored(rendition)
    assert calls == [
        # The film, its poster and that in smaller sizes.
        *("sync file", *["sync file"] * 3, *["rename .webp"] * 3, "rename .mp4"),
        *("sync folder", "sync folder", "commit"),
    ]


# ── Links that expired (65) ──────────────────────────────────────────────────
@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_dead_link_is_replaced_by_what_the_record_says_now(
    provider: Wire, rendition: Rendition, status: int
) -> None:
    provider.answer(status, path="film.mp4")
    task = rendition.job.external_id
    provider.answer(json=kie.succeeded(f"{provider.url}/fresh", task), path="record-info")
    provider.answer(body=films.film(), path="fresh")
    row = stored(rendition)
    assert (row.state, row.source_url) == (State.STORED, f"{provider.url}/fresh")


def test_a_link_that_stays_dead_is_exchanged_for_a_fresh_one(
    provider: Wire, rendition: Rendition
) -> None:
    provider.answer(404, path="film.mp4", always=True)
    task = rendition.job.external_id
    provider.answer(json=kie.succeeded(rendition.source_url, task), path="record-info")
    provider.answer(json={"code": 200, "data": f"{provider.url}/fresh"}, path="download-url")
    provider.answer(body=films.film(), path="fresh")
    assert stored(rendition).state == State.STORED


@pytest.fixture
def expired(provider: Wire, rendition: Rendition) -> Rendition:
    """A file that no link leads to any more."""
    provider.answer(404, path="film.mp4", always=True)
    task = rendition.job.external_id
    provider.answer(json=kie.succeeded(rendition.source_url, task), path="record-info")
    provider.answer(json=kie.refused(422, "the link is not ours"), path="download-url")
    return stored(rendition)


def test_a_file_that_no_link_leads_to_is_expired_for_good(expired: Rendition) -> None:
    assert (expired.state, expired.try_at, expired.file) == (State.EXPIRED, None, "")


def test_an_expired_file_raises_an_alarm(
    expired: Rendition, caplog: pytest.LogCaptureFixture
) -> None:
    alarms = [one for one in caplog.get_records("setup") if one.levelname == "ERROR"]
    assert [str(expired.pk) in one.getMessage() for one in alarms] == [True]


def test_the_card_of_an_expired_file_offers_nothing_to_play(
    expired: Rendition, alice: User
) -> None:
    card = card_for(Job.objects.for_cards().get(pk=expired.job_id), alice)
    assert not card.is_playable


def test_an_answer_that_cannot_be_understood_ends_nothing(
    provider: Wire, rendition: Rendition
) -> None:
    provider.answer(404, path="film.mp4")
    provider.answer(json=kie.record(7, rendition.job.external_id), path="record-info")
    assert stored(rendition).state == State.WAITING


@pytest.mark.parametrize("path", ["record-info", "download-url"])
def test_a_refused_key_ends_nothing(provider: Wire, rendition: Rendition, path: str) -> None:
    provider.answer(404, path="film.mp4", always=True)
    provider.answer(json=kie.refused(401), path=path)
    task = rendition.job.external_id
    provider.answer(json=kie.succeeded(rendition.source_url, task), path="record-info")
    assert stored(rendition).state == State.WAITING


def test_a_dead_link_without_a_key_to_ask_with_is_put_off(
    provider: Wire, rendition: Rendition
) -> None:
    Credential.objects.all().delete()
    provider.answer(404, path="film.mp4")
    assert stored(rendition).state == State.WAITING


def test_a_file_is_given_up_once_the_provider_keeps_nothing_any_more(
    provider: Wire, rendition: Rendition
) -> None:
    long_ago = timezone.now() - timedelta(days=15)
    Job.objects.filter(pk=rendition.job_id).update(finished_at=long_ago)
    provider.answer(500, path="film.mp4")
    assert stored(rendition).state == State.EXPIRED


# ── Servers that lie or drag (66, 67) and files that are none (68) ───────────
TROUBLE: dict[str, Callable[[Wire], None]] = {
    "half of it": lambda wire: wire.truncated(films.film()),
    "reset": lambda wire: wire.rst(),
    "closed": lambda wire: wire.eof(),
    "trickling headers": lambda wire: wire.trickle_headers(),
    "trickling body": lambda wire: wire.trickle_body(),
    "server error": lambda wire: wire.answer(503, body=b""),
    "no length, half of it": lambda wire: wire.raw(
        b"HTTP/1.1 200 OK\r\n\r\n" + films.film(index_first=True)[:-500]
    ),
    "too short a length": lambda wire: wire.answer(
        body=films.film(index_first=True), headers={"Content-Length": "1500"}
    ),
}


@pytest.mark.parametrize("happens", TROUBLE.values(), ids=TROUBLE)
def test_a_transfer_that_fails_is_put_off_and_leaves_nothing(
    provider: Wire, rendition: Rendition, happens: Callable[[Wire], None]
) -> None:
    happens(provider)
    row = stored(rendition, HURRY)
    assert (row.state, row.file, files()) == (State.WAITING, "", [])
    assert row.problem


NO_FILMS: dict[str, dict[str, Any]] = {
    "html": {"body": films.HTML},
    "html after the beginning": {"body": films.FTYP + films.HTML},
    "zip": {"body": b"PK\x03\x04" + bytes(100)},
    "nothing": {"body": b""},
    "compressed": {"body": b"\x1f\x8b", "headers": {"Content-Encoding": "gzip"}},
    "elsewhere": {"status": 302, "body": b"", "headers": {"Location": "http://127.0.0.1/a.mp4"}},
}


@pytest.mark.parametrize("answer", NO_FILMS.values(), ids=NO_FILMS)
def test_what_is_no_film_is_rejected_and_leaves_nothing(
    provider: Wire, rendition: Rendition, answer: dict[str, Any]
) -> None:
    provider.answer(**{"headers": {"Content-Type": "video/mp4"}, **answer})
    row = stored(rendition)
    assert (row.state, row.try_at, row.file, files()) == (State.REJECTED, None, "", [])


def test_a_file_larger_than_the_cap_is_rejected(provider: Wire, rendition: Rendition) -> None:
    provider.answer(body=films.film())
    assert stored(rendition, Caps(bytes=100)).state == State.REJECTED


def test_a_practice_file_is_never_asked_for_at_the_real_provider(
    provider: Wire, rendition: Rendition
) -> None:
    Job.objects.filter(pk=rendition.job_id).update(practice=True)
    assert stored(rendition).state == State.WAITING
    assert provider.connections == 0


@pytest.mark.parametrize(
    "name",
    ["pathlib.Path.mkdir", "pathlib.Path.replace", "jobs.archive.fetching.download.os.fsync"],
)
def test_a_disk_that_was_full_all_night_has_its_films_within_minutes_of_having_room(
    provider: Wire, rendition: Rendition, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pause is no longer for all the attempts before, none of which counts for anything."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    Rendition.objects.filter(pk=rendition.pk).update(attempts=9)
    provider.answer(body=films.film(), always=True)
    with monkeypatch.context() as full:
        full.setattr(name, refuse)
        row = stored(rendition)
    assert (row.state, row.file, row.attempts) == (State.WAITING, "", 9)
    assert row.try_at is not None
    assert 60 < (row.try_at - timezone.now()).total_seconds() <= 300
    pass_time(300)
    assert stored(rendition).state == State.STORED


# ── Again ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 60), (2, 120), (5, 960), (10, 6 * 3600), (999, 6 * 3600)]
)
def test_the_pause_after_a_failure_grows_from_a_minute_to_six_hours(
    provider: Wire, rendition: Rendition, attempt: int, seconds: float
) -> None:
    Rendition.objects.filter(pk=rendition.pk).update(attempts=attempt - 1)
    provider.answer(500)
    row = stored(rendition)
    assert row.try_at is not None
    pause = (row.try_at - timezone.now()).total_seconds()
    assert seconds - 5 <= pause <= 1.2 * seconds


def test_a_file_that_was_put_off_is_found_again_when_its_time_has_come(
    provider: Wire, rendition: Rendition
) -> None:
    provider.answer(500)
    stored(rendition)
    pass_time(73)
    provider.answer(body=films.film())
    follower.sweep()
    drain_queue()
    rendition.refresh_from_db()
    assert (rendition.state, rendition.attempts) == (State.STORED, 2)


def test_a_file_that_was_put_off_is_left_alone_until_then(
    provider: Wire, rendition: Rendition
) -> None:
    provider.answer(500)
    stored(rendition)
    purge_queue()
    follower.sweep()
    assert drain_queue() == 0
    # Nor is it fetched for a wake-up that was sent before and is read only now.
    assert (stored(rendition).state, provider.connections) == (State.WAITING, 1)


def test_a_file_that_met_busy_workers_is_fetched_as_soon_as_one_is_free(
    provider: Wire, waiting: Waiting, settings: Any
) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 1}
    rows = []
    for number in range(3):
        rows.append(waiting())
        Job.objects.filter(pk=rows[-1].job_id).update(external_id=f"film-{number}")
    first, second, third = rows
    provider.answer(body=films.film(), always=True)
    with turns.film() as is_free:
        assert is_free
        assert [stored(row).state for row in (second, third)] == [State.WAITING] * 2
        purge_queue()
    stored(first)
    drain_queue()
    assert {row.state for row in Rendition.objects.all()} == {State.STORED}


def test_who_is_woken_for_the_next_file_finds_a_place_at_that_very_moment(
    provider: Wire, rendition: Rendition, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 1}
    provider.answer(body=films.film())
    found = []

    def look() -> None:
        with turns.film() as is_free:
            found.append(is_free)

    monkeypatch.setattr(lease, "wake_next", look)
    assert stored(rendition).state == State.STORED
    assert found == [True]


def test_a_machine_whose_workers_are_busy_leaves_those_of_another_free(
    provider: Wire, rendition: Rendition, settings: Any, tmp_path: Path
) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 1}
    provider.answer(body=films.film())
    with turns.film():
        assert stored(rendition).state == State.WAITING
        settings.TURNS_DIR = tmp_path / "of another machine"
        assert stored(rendition).state == State.STORED


def test_the_place_of_a_killed_worker_is_free_at_once(settings: Any) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 1}
    child = os.fork()
    if not child:
        turns.film().__enter__()
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with turns.film() as is_free:
        assert is_free


def test_the_work_of_a_dead_worker_is_taken_over_after_its_lease(
    provider: Wire, rendition: Rendition
) -> None:
    Rendition.objects.filter(pk=rendition.pk).update(
        state=State.FETCHING, attempts=1, try_at=clock.after(-1)
    )
    provider.answer(body=films.film())
    follower.sweep()
    drain_queue()
    rendition.refresh_from_db()
    assert rendition.state == State.STORED


def test_the_work_of_a_living_worker_is_not_taken_over(
    provider: Wire, rendition: Rendition
) -> None:
    Rendition.objects.filter(pk=rendition.pk).update(
        state=State.FETCHING, try_at=clock.after(lease.LEASE_SECONDS)
    )
    purge_queue()
    follower.sweep()
    drain_queue()
    assert stored(rendition).state == State.FETCHING


def test_a_living_worker_renews_the_short_lease_that_a_killed_one_leaves_behind(
    provider: Wire, rendition: Rendition
) -> None:
    Rendition.objects.filter(pk=rendition.pk).update(
        state=State.FETCHING, attempts=1, try_at=clock.after(1)
    )
    rendition.refresh_from_db()
    lease.Lease(rendition).beat()
    rows = Rendition.objects.filter(pk=rendition.pk)
    assert rows.filter(try_at__gt=clock.after(lease.LEASE_SECONDS - 5)).exists()


def test_a_worker_whose_file_was_taken_over_stops_its_transfer(
    provider: Wire, rendition: Rendition
) -> None:
    Rendition.objects.filter(pk=rendition.pk).update(state=State.FETCHING, attempts=2)
    rendition.attempts = 1
    provider.answer(body=films.film())
    with pytest.raises(NotNow):
        keeping._fetch(rendition, Path(settings.MEDIA_ROOT) / "a.mp4", keeping.CAPS)


LATE: dict[str, bytes] = {
    "another film": films.film(index_first=True),
    "no film": films.HTML,
    "half a film": films.film(index_first=True)[:-500],
}


@pytest.mark.parametrize("body", LATE.values(), ids=LATE)
def test_a_worker_whose_lease_ran_out_changes_nothing_any_more(
    provider: Wire, rendition: Rendition, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = keeping._fetch

    def overtaken(row: Rendition, target: Path, caps: Caps) -> object:
        monkeypatch.setattr(keeping, "_fetch", fetch)
        done = fetch(row, target, caps)
        Rendition.objects.filter(pk=row.pk).update(state=State.WAITING)
        archive.store(row.pk)
        return done

    monkeypatch.setattr(keeping, "_fetch", overtaken)
    provider.answer(body=body)
    provider.answer(body=films.film())
    row = stored(rendition)
    assert (row.state, row.attempts) == (State.STORED, 2)
    assert (Path(settings.MEDIA_ROOT) / row.file).read_bytes() == films.film()


def test_a_commit_that_fails_is_made_up_for_by_the_next_attempt(
    provider: Wire, rendition: Rendition, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Rendition, **_facts: Any) -> None:
        raise OperationalError("database is locked")

    provider.answer(body=films.film(), always=True)
    with monkeypatch.context() as broken:
        broken.setattr(keeping, "show", fail)
        with pytest.raises(OperationalError):
            archive.store(rendition.pk)
    rendition.refresh_from_db()
    assert (rendition.state, rendition.file) == (State.FETCHING, "")
    Rendition.objects.filter(pk=rendition.pk).update(try_at=clock.after(-1))
    follower.sweep()
    drain_queue()
    assert (Rendition.objects.get().state, files()) == (State.STORED, [".mp4", *[".webp"] * 3])


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_stores_the_file(provider: Wire, rendition: Rendition) -> None:
    provider.answer(body=films.film(), always=True)
    together(8, lambda _: archive.store(rendition.pk))
    rendition.refresh_from_db()
    assert (rendition.state, rendition.attempts) == (State.STORED, 1)
    assert (len(provider.requests), files()) == (1, [".mp4", *[".webp"] * 3])
