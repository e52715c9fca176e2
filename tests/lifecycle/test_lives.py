"""A database that was restored knows it, and one that was not does not cry wolf."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from jobs import lifecycle, lives
from jobs.models import AuditEvent, Job, Life, Lifeline, User
from jobs.readiness import restored
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.racing import together
from tests.support.running import drain_queue, purge_queue

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def waiting(alice: User) -> Job:
    """A queued job in a database on which this machine has worked."""
    job = factories.job(alice)
    work_on()
    return job


def work_on(notches: int = 3) -> None:
    for _ in range(notches):
        assert restored.recognize() is None


def put_back(notches: int = 2) -> None:
    """As a copy of the database that was made so many notches ago."""
    lifeline = Lifeline.objects.get()
    Lifeline.objects.update(notches=lifeline.notches - notches)


def long_ago(**span: float) -> None:
    Lifeline.objects.update(alive_at=timezone.now() - timedelta(**span))


def machine(settings: Any, tmp_path: Path, name: str) -> None:
    """From here on this is another machine, with a memory of its own."""
    settings.LIFE_FILE = tmp_path / name / "life.json"


# ── No wolf ──────────────────────────────────────────────────────────────────
def test_a_first_start_is_no_restore_whatever_waits_already(alice: User) -> None:
    factories.job(alice)
    assert restored.recognize() is None
    assert Life.objects.get().left_off_at is None


@pytest.mark.django_db(transaction=True)
def test_the_first_claims_of_all_at_the_same_moment_are_no_restore(alice: User) -> None:
    factories.job(alice)

    def claim(_: int) -> int:
        with transaction.atomic():
            return lives.notch().notches

    for _ in range(10):
        Lifeline.objects.all().delete()
        Life.objects.all().delete()
        assert sorted(map(str, together(8, claim))) == list("12345678")


def test_a_restart_is_no_restore_however_long_nothing_ran(waiting: Job) -> None:
    long_ago(days=40)
    assert restored.recognize() is None
    waiting.refresh_from_db()
    assert waiting.status == "queued"


def test_a_worker_killed_before_it_could_remember_leaves_no_restore(waiting: Job) -> None:
    lives.notch()
    assert restored.recognize() is None


@pytest.mark.parametrize("span", [{"hours": 30}, {"hours": -30}])
def test_a_clock_that_was_changed_is_no_restore(waiting: Job, span: dict[str, float]) -> None:
    long_ago(**span)
    assert restored.recognize() is None


def test_a_machine_that_joins_others_at_work_is_no_restore(
    waiting: Job, settings: Any, tmp_path: Path
) -> None:
    machine(settings, tmp_path, "second")
    work_on()
    settings.LIFE_FILE = tmp_path / "life.json"
    assert restored.recognize() is None


def test_a_new_and_empty_database_is_no_restore_of_the_one_before(db: None, settings: Any) -> None:
    lives.remember(lives.Memory(str(UUID(int=7)), 900))
    assert restored.recognize() is None
    remembered = lives.remembered()
    assert remembered == lives.Memory(str(Life.objects.get().pk), 1)


def test_a_memory_that_cannot_be_written_stops_no_work(
    alice: User,
    settings: Any,
    provider: Wire,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").touch()
    settings.LIFE_FILE = tmp_path / "file" / "life.json"
    provider.answer(json=kie.accepted())
    factories.job(alice)
    drain_queue()
    assert Job.objects.get().status == "running"
    assert "how far the database has come: " in caplog.text
    assert "Traceback" not in caplog.text


# ── Restored ─────────────────────────────────────────────────────────────────
def test_a_copy_of_an_earlier_moment_is_known_by_what_this_machine_remembers(waiting: Job) -> None:
    put_back()
    life = restored.recognize()
    assert life is not None
    assert (life.doubted, life.reason) == (1, "This machine remembers a later state of it.")
    waiting.refresh_from_db()
    assert waiting.get_status_display() == "Needs a look"
    # Once: from now on it is a database like any other.
    work_on()


def test_one_more_claim_than_the_copy_knows_is_enough(alice: User, provider: Wire) -> None:
    restored.recognize()
    lifeline = Lifeline.objects.get()
    provider.answer(json=kie.accepted())
    factories.job(alice)
    drain_queue()
    Lifeline.objects.update(notches=lifeline.notches)
    assert restored.recognize() is not None


def test_what_a_backup_left_out_tells_that_it_is_one(
    waiting: Job, settings: Any, tmp_path: Path
) -> None:
    lives.note_backup()
    Lifeline.objects.all().delete()
    machine(settings, tmp_path, "new")
    life = restored.recognize()
    assert life is not None
    assert (life.doubted, life.reason) == (1, "It was loaded from a backup.")
    assert life.left_off_at == Life.objects.last().backed_up_at  # type: ignore[union-attr]


def test_a_machine_that_remembers_nothing_believes_no_database_that_nobody_worked_on(
    waiting: Job, settings: Any, tmp_path: Path
) -> None:
    machine(settings, tmp_path, "new")
    long_ago(minutes=3)
    life = restored.recognize()
    assert life is not None
    assert life.doubted == 1


def test_what_was_dumped_before_an_earlier_restore_is_known_too(waiting: Job) -> None:
    lives.remember(lives.Memory(str(UUID(int=7)), 1))
    life = restored.recognize()
    assert life is not None
    assert life.doubted == 1


def test_a_second_machine_goes_on_with_what_the_first_has_taken_up(
    waiting: Job, settings: Any, tmp_path: Path, alice: User
) -> None:
    machine(settings, tmp_path, "second")
    work_on()
    settings.LIFE_FILE = tmp_path / "life.json"
    put_back(notches=5)
    assert restored.recognize() is not None
    after = factories.job(alice, prompt="Ordered after the restore")
    machine(settings, tmp_path, "second")
    assert restored.recognize() is None
    after.refresh_from_db()
    assert after.status == "queued"


def test_a_worker_whose_database_is_put_back_under_it_sends_nothing(
    waiting: Job, provider: Wire
) -> None:
    put_back()
    with pytest.raises(lives.PutBack):
        lifecycle.start(waiting.pk)
    drain_queue()
    waiting.refresh_from_db()
    assert (provider.posts, waiting.status, waiting.claims) == ([], "uncertain", 0)
    assert AuditEvent.objects.get(action="database restored").after == "1 video needs a look"


def test_a_memory_that_cannot_be_read_is_none(waiting: Job, settings: Any) -> None:
    Path(settings.LIFE_FILE).write_text("{")
    assert restored.recognize() is None
    Path(settings.LIFE_FILE).write_text("{")
    purge_queue()
    long_ago(hours=1)
    assert restored.recognize() is not None
