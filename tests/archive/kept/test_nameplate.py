"""The folder of kept files and the database know each other, or nothing is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from jobs import archive, keeping
from jobs.archive.kept import files, guard, nameplate, places
from jobs.archive.kept.nameplate import NotOurs
from jobs.lifecycle import NotSubmitted
from jobs.models import Belongings, Job, Rendition, User
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.racing import together
from tests.support.running import follow
from tests.support.states.passing import pass_time

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def root() -> Path:
    return Path(django_settings.MEDIA_ROOT)


def unmount() -> Path:
    """Leave the bare mount point; where the disk is from now on."""
    away = root().with_name("disk")
    root().rename(away)
    root().mkdir()
    return away


def mount(away: Path) -> None:
    root().rmdir()
    away.rename(root())


@pytest.fixture
def prepared() -> None:
    nameplate.put_up(adopt=False)
    nameplate.require()


def test_wherever_a_machine_sees_the_folder_it_is_the_same(prepared: None, settings: Any) -> None:
    settings.MEDIA_ROOT = root().rename(root().with_name("moved"))
    nameplate.put_up(adopt=False)
    nameplate.require()


def test_an_empty_mount_point_is_refused_and_left_empty(prepared: None) -> None:
    unmount()
    for refused in (nameplate.require, lambda: nameplate.put_up(adopt=False)):
        with pytest.raises(NotOurs, match="Mount its disk"):
            refused()
    assert list(root().iterdir()) == []


def test_the_videos_of_another_database_are_taken_on_by_word_alone(prepared: None) -> None:
    Belongings.objects.update(nameplate="another")
    with pytest.raises(NotOurs, match="of another database"):
        nameplate.require()
    Belongings.objects.all().delete()
    with pytest.raises(NotOurs, match="--adopt-media"):
        nameplate.put_up(adopt=False)
    nameplate.put_up(adopt=True)
    nameplate.require()


def test_a_folder_that_lost_its_nameplate_gets_it_back_by_word_alone(prepared: None) -> None:
    before = places.nameplate()
    (root() / places.NAMEPLATE).unlink()
    nameplate.put_up(adopt=True)
    assert places.nameplate() == before


def test_a_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(prepared: None) -> None:
    (root() / places.NAMEPLATE).unlink()
    (root() / places.NAMEPLATE).mkdir()
    with pytest.raises(NotOurs, match="can’t be read"):
        nameplate.put_up(adopt=True)


@pytest.mark.django_db(transaction=True)
def test_machines_that_are_prepared_at_once_agree() -> None:
    assert together(4, lambda _: nameplate.put_up(adopt=False)) == [None] * 4
    nameplate.require()


# ── The disk goes while we run ───────────────────────────────────────────────
def test_while_the_disk_is_away_nothing_is_stored_and_all_is_fetched_once_it_is_back(
    prepared: None,
    provider: Wire,
    waiting: Callable[..., Rendition],
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider.answer(body=films.film(), always=True)
    rows = [waiting()]
    Job.objects.update(external_id="task-0")
    rows.append(waiting())
    away = unmount()
    for row in rows:
        archive.store(row.pk)
        row.refresh_from_db()
        assert (row.state, row.problem) == ("waiting", str(guard.Elsewhere()))
    assert list(root().iterdir()) == []
    told = [each for each in caplog.records if each.levelno == logging.CRITICAL]
    assert len(told) == 1
    assert str(root()) in told[0].getMessage()

    mount(away)
    pass_time(73)
    for row in rows:
        archive.store(row.pk)
        row.refresh_from_db()
        assert row.is_stored, row.problem


def test_a_disk_that_goes_during_a_transfer_keeps_no_film_of_it(prepared: None) -> None:
    with files.incoming(".mp4") as part:
        unmount()
        part.parent.mkdir()
        part.write_bytes(films.film())
        with pytest.raises(guard.Elsewhere):
            files.keep({"film.mp4": part})
    assert not files.is_there("film.mp4")


def test_what_was_deleted_for_good_waits_for_its_disk(prepared: None, alice: User) -> None:
    film = factories.film(alice)
    with files.put(f"{film.pk}.mp4") as part:
        part.write_bytes(b"film")
    Rendition.objects.filter(pk=film.pk).update(file=f"{film.pk}.mp4", poster="")
    keeping.throw_away([film.job_id], alice)
    away = unmount()
    keeping.purge([film.job_id], alice)
    assert Rendition.objects.to_discard().get() == film
    mount(away)
    assert archive.discard() == 1
    assert not files.is_there(f"{film.pk}.mp4")


def test_nothing_is_ordered_for_a_disk_that_is_missing_and_what_is_queued_waits_for_it(
    prepared: None, provider: Wire, alice: User
) -> None:
    queued = factories.job(alice)
    away = unmount()
    with pytest.raises(NotSubmitted, match="disk for videos is missing right now"):
        factories.job(alice)
    follow()
    queued.refresh_from_db()
    assert (queued.status, provider.requests) == ("queued", [])
    assert "as soon as it is back" in queued.error
    mount(away)
    provider.answer(json=kie.accepted())
    follow()
    queued.refresh_from_db()
    assert (queued.status, queued.error) == ("running", "")
