"""Disks that fail, workers that die beside them, and files that change afterwards (69, 70, 73)."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from jobs import archive
from jobs.archive import verify
from jobs.archive.intake import images
from jobs.models import Credential, Image, Job, Rendition, User
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.media.image_orders import image
from tests.support.pages.composer_form import composer
from tests.support.running import drain_queue, follow, purge_queue
from tests.support.servers.child_processes import spawn

pytestmark = [pytest.mark.django_db, pytest.mark.data]

Waiting = Callable[..., Rendition]
State = Rendition.State
A_DAY_AGO = 25 * 3600


@pytest.fixture
def stored(provider: Wire, waiting: Waiting) -> Rendition:
    """A film of Alice's that is kept, of a job that ended a moment ago."""
    rendition = waiting()
    purge_queue()
    provider.answer(body=films.film())
    archive.store(rendition.pk)
    rendition.refresh_from_db()
    assert rendition.is_stored
    return rendition


def path_of(rendition: Rendition) -> Path:
    return Path(settings.MEDIA_ROOT) / rendition.file


def damage(rendition: Rendition) -> None:
    """One flipped bit, as a tired disk has it: the size stays."""
    path = path_of(rendition)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def vanish(rendition: Rendition) -> None:
    path_of(rendition).unlink()
    image_that_is_kept(rendition.job.owner)


def image_that_is_kept(owner: User) -> Image:
    """With one more file in its place, the disk is evidently there."""
    kept = image(owner, b"a picture")
    kept.sha256 = hashlib.sha256(b"a picture").hexdigest()
    kept.save()
    return kept


def verified() -> list[str]:
    return list(verify.check())


# ── Disks (69) ───────────────────────────────────────────────────────────────
DISKS = {
    "full while writing": ("jobs.archive.fetching.download.os.fsync", errno.ENOSPC, "disk is full"),
    "over quota": ("jobs.archive.fetching.download.os.fsync", errno.EDQUOT, "disk is full"),
    "no inodes": ("pathlib.Path.mkdir", errno.ENOSPC, "disk is full"),
    "read-only": ("pathlib.Path.mkdir", errno.EROFS, "not allowed to write to its disk"),
    "another volume": (
        "pathlib.Path.replace",
        errno.EXDEV,
        "disk failed (invalid cross-device link)",
    ),
}


@pytest.mark.parametrize(("call", "number", "said"), DISKS.values(), ids=DISKS)
def test_a_disk_in_trouble_keeps_a_film_waiting_and_no_row_claims_it(
    provider: Wire,
    waiting: Waiting,
    call: str,
    number: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    troubled = waiting("/one.mp4")
    Job.objects.filter(pk=troubled.job_id).update(external_id="task-0")
    fine = waiting("/two.mp4")
    provider.answer(body=films.film(), path=".mp4", always=True)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(call, refuse)
        archive.store(troubled.pk)
    troubled.refresh_from_db()
    assert (troubled.state, troubled.file) == (State.WAITING, "")
    assert troubled.try_at is not None
    assert troubled.try_at > timezone.now()
    assert said in troubled.problem
    assert list(Path(settings.MEDIA_ROOT).rglob("*.mp4")) == []

    archive.store(fine.pk)
    fine.refresh_from_db()
    assert fine.is_stored


def test_below_the_free_disk_floor_nothing_paid_is_taken_and_what_runs_goes_on(
    provider: Wire, alice: User, settings: Any
) -> None:
    provider.answer(json=kie.accepted())
    job = factories.job(alice)
    drain_queue()
    settings.MEDIA_FREE_BYTES_MIN = 2**62
    page = factories.signed_in(alice).post("/", composer(prompt="One more"))
    assert (page.status_code, Job.objects.count()) == (422, 1)
    assert "almost out of disk space" in page.content.decode()
    provider.answer(json=kie.succeeded(f"{provider.url}/film.mp4"))
    provider.answer(body=films.film(), path="film.mp4")
    follow()
    job.refresh_from_db()
    assert (job.status, job.renditions.get().state) == ("succeeded", State.STORED)


# ── Killed between renaming and committing (70) ──────────────────────────────
@pytest.fixture
def orphan(provider: Wire, waiting: Waiting) -> Rendition:
    """A rendition whose worker was killed when its film lay in place, before the commit."""
    rendition = waiting()
    purge_queue()
    provider.answer(body=films.film(), path="film.mp4", always=True)
    worker = spawn(
        "import os; from importlib import import_module; from uuid import UUID; "
        "store = import_module('jobs.archive.store'); "
        "store.show = lambda *_, **__: os.kill(os.getpid(), 9); "
        f"store.store(UUID('{rendition.pk}'))",
        ARCHIVE_HOSTS=f"127.0.0.1:{provider.port}",
    )
    assert worker.wait() == -9
    rendition.refresh_from_db()
    return rendition


def lying_in_place(rendition: Rendition) -> Path:
    return Path(settings.MEDIA_ROOT) / f"{rendition.pk.hex[:2]}/{rendition.pk}.mp4"


@pytest.mark.django_db(transaction=True)
def test_a_film_of_a_killed_worker_is_adopted_by_the_next_attempt(orphan: Rendition) -> None:
    assert (orphan.state, orphan.file) == (State.FETCHING, "")
    assert lying_in_place(orphan).read_bytes() == films.film()
    Rendition.objects.filter(pk=orphan.pk).update(try_at=timezone.now() - timedelta(seconds=1))
    follow()
    orphan.refresh_from_db()
    assert (orphan.state, path_of(orphan)) == (State.STORED, lying_in_place(orphan))
    assert len(list(Path(settings.MEDIA_ROOT).rglob("*.mp4"))) == 1


@pytest.mark.django_db(transaction=True)
def test_a_film_that_nobody_came_back_for_is_put_aside_after_a_day(orphan: Rendition) -> None:
    path = lying_in_place(orphan)
    assert verify.remove_orphans() == 0
    for each in path.parent.iterdir():
        os.utime(each, (0, time.time() - A_DAY_AGO))
    # The film, its poster and that in smaller sizes.
    assert verify.remove_orphans() == 4
    assert not path.exists()
    aside = Path(settings.MEDIA_ROOT) / "unowned" / path.name
    assert aside.read_bytes() == films.film()
    # A month counts from the day it was put aside, whatever the film's own date.
    assert verify.remove_orphans() == 0
    assert aside.exists()


def test_half_a_transfer_of_a_killed_worker_is_thrown_away_after_a_day(stored: Rendition) -> None:
    incoming = Path(settings.MEDIA_ROOT) / "incoming"
    old, new = incoming / "old.mp4", incoming / "new.mp4"
    for path in (old, new):
        path.write_bytes(b"half a film")
    os.utime(old, (0, time.time() - A_DAY_AGO))
    assert verify.remove_orphans() == 1
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("state", ["stored", "expired", "waiting"])
def test_what_a_row_names_is_never_thrown_away(stored: Rendition, state: str) -> None:
    """Whatever its state: what is damaged may still be all that there is."""
    Rendition.objects.filter(pk=stored.pk).update(state=state)
    for path in Path(settings.MEDIA_ROOT).rglob("*.*"):
        os.utime(path, (0, 0))
    assert verify.remove_orphans() == 0
    assert path_of(stored).exists()
    assert len(list(path_of(stored).parent.glob("*.webp"))) == 3


# ── Damaged or gone afterwards (73) ──────────────────────────────────────────
def test_a_good_archive_passes(stored: Rendition, alice: User) -> None:
    image_that_is_kept(alice)
    out = StringIO()
    call_command("verify_archive", stdout=out)
    assert "as it was stored" in out.getvalue()


@pytest.mark.parametrize(
    ("happens", "word"), [(damage, "is damaged"), (vanish, "is missing")], ids=["bit", "gone"]
)
def test_a_film_that_changed_on_disk_is_named_by_its_hash(
    stored: Rendition, happens: Callable[[Rendition], None], word: str
) -> None:
    happens(stored)
    said = StringIO()
    with pytest.raises(CommandError, match="1 files are missing or damaged"):
        call_command("verify_archive", stderr=said)
    assert f"{stored.file} of job {stored.job_id} {word}" in said.getvalue()


@pytest.mark.parametrize("happens", [damage, vanish], ids=["bit", "gone"])
def test_it_is_fetched_once_more_while_the_provider_has_it(
    provider: Wire, stored: Rendition, happens: Callable[[Rendition], None]
) -> None:
    happens(stored)
    assert len(verified()) == 1
    provider.answer(body=films.film(), path="film.mp4")
    follow()
    stored.refresh_from_db()
    assert (stored.state, stored.problem) == (State.STORED, "")
    assert path_of(stored).read_bytes() == films.film()
    assert verified() == []


@pytest.fixture
def old(stored: Rendition) -> Rendition:
    """The same, of a job that the provider has forgotten."""
    long_ago = timezone.now() - timedelta(days=20)
    Job.objects.filter(pk=stored.job_id).update(finished_at=long_ago, sent_at=long_ago)
    return stored


@pytest.mark.parametrize(
    ("happens", "word"), [(damage, "is damaged"), (vanish, "is missing")], ids=["bit", "gone"]
)
def test_after_that_the_page_says_what_is_missing_and_is_no_error(
    old: Rendition, alice: User, happens: Callable[[Rendition], None], word: str
) -> None:
    happens(old)
    version = Job.objects.get(pk=old.job_id).version
    verified()
    old.refresh_from_db()
    assert (old.state, old.try_at) == (State.EXPIRED, None)
    browser = factories.signed_in(alice)
    assert f"Our file {word}" in browser.get(f"/jobs/{old.job_id}/").content.decode()
    assert browser.get(f"/renditions/{old.pk}.mp4").status_code == 404
    assert browser.get("/").status_code == 200
    assert Job.objects.get(pk=old.job_id).version == version + 1


def test_before_anybody_looked_a_missing_film_is_a_missing_page(
    stored: Rendition, alice: User
) -> None:
    path_of(stored).unlink()
    browser = factories.signed_in(alice)
    assert browser.get(f"/renditions/{stored.pk}.mp4").status_code == 404
    assert browser.get(f"/jobs/{stored.job_id}/").status_code == 200


def test_a_film_that_is_put_back_from_a_backup_is_shown_again(old: Rendition) -> None:
    vanish(old)
    verified()
    path_of(old).write_bytes(films.film())
    assert verified() == []
    old.refresh_from_db()
    assert (old.state, old.problem) == (State.STORED, "")


def test_what_is_put_back_damaged_is_not(old: Rendition) -> None:
    vanish(old)
    verified()
    path_of(old).write_bytes(films.film()[:-1])
    verified()
    old.refresh_from_db()
    assert old.state == State.EXPIRED


def test_a_disk_that_is_not_mounted_condemns_no_film(stored: Rendition, settings: Any) -> None:
    settings.MEDIA_ROOT = settings.MEDIA_ROOT / "empty mount point"
    with pytest.raises(CommandError, match="Is its disk mounted"):
        call_command("verify_archive")
    stored.refresh_from_db()
    assert stored.is_stored


def beside(rendition: Rendition, number: int) -> list[Rendition]:
    """So many more films of Alice's that are kept."""
    made = []
    for nth in range(number):
        job = Job.objects.filter(pk=factories.job(rendition.job.owner).pk)
        job.update(status="succeeded", external_id=f"more-{nth}", charged=60)
        row = Rendition.objects.get(pk=rendition.pk)
        row.pk, row.job = uuid4(), job.get()
        row.file = f"{row.pk.hex[:2]}/{row.pk}.mp4"
        row.save(force_insert=True)
        path_of(row).parent.mkdir(exist_ok=True)
        path_of(row).write_bytes(films.film())
        made.append(row)
    return made


@pytest.mark.parametrize(
    "leftover", ["incoming/half-a-transfer.mp4", "00/a-film-of-nobody.mp4", "images/00/a.jpg"]
)
def test_new_files_on_a_bare_mount_point_are_no_evidence_against_the_old_ones(
    stored: Rendition, settings: Any, leftover: str
) -> None:
    settings.MEDIA_ROOT = settings.MEDIA_ROOT / "empty mount point"
    path = Path(settings.MEDIA_ROOT) / leftover
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    with pytest.raises(verify.FilesMissing, match="1 of 1 kept files"):
        verified()
    stored.refresh_from_db()
    assert stored.is_stored


@pytest.mark.parametrize("number", [3, 4])
def test_nor_is_a_new_film_that_was_stored_there(stored: Rendition, number: int) -> None:
    """Each night's share is judged by all of the archive: it may hold one or two files itself."""
    several = beside(stored, number)
    for film in several[:3]:
        path_of(film).unlink()
    for share in range(verify.SHARES):
        with suppress(verify.FilesMissing):
            assert list(verify.check(share)) == []
    assert not Rendition.objects.exclude(state=State.STORED).exists()


def test_a_few_that_are_missing_among_many_are_noted(stored: Rendition) -> None:
    several = beside(stored, 6)
    for film in several[:3]:
        path_of(film).unlink()
    assert len(verified()) == 3
    assert Rendition.objects.filter(state=State.STORED).count() == 4


def test_what_is_damaged_is_noted_even_where_the_rest_is_missing(stored: Rendition) -> None:
    for film in beside(stored, 3):
        path_of(film).unlink()
    damage(stored)
    said = StringIO()
    with pytest.raises(CommandError, match="3 of 4 kept files"):
        call_command("verify_archive", stderr=said)
    assert "is damaged" in said.getvalue()
    assert Rendition.objects.filter(state=State.STORED).count() == 3


def test_an_admin_can_say_that_they_are_really_lost(stored: Rendition) -> None:
    path_of(stored).unlink()
    with pytest.raises(CommandError, match="verify_archive --lost"):
        call_command("verify_archive")
    with pytest.raises(CommandError, match="1 files are missing or damaged"):
        call_command("verify_archive", "--lost", stderr=StringIO())
    stored.refresh_from_db()
    assert stored.state == State.WAITING


def test_a_disk_that_goes_in_the_middle_of_the_night_condemns_nothing(
    stored: Rendition, settings: Any
) -> None:
    several = beside(stored, 6)
    path_of(several[0]).unlink()
    mounted, looked = settings.MEDIA_ROOT, []

    def unmount_half_way() -> bool:
        looked.append(1)
        if len(looked) > 4:
            settings.MEDIA_ROOT = mounted / "empty mount point"
        return True

    with pytest.raises(verify.FilesMissing):
        list(verify.check(go_on=unmount_half_way))
    assert not Rendition.objects.exclude(state=State.STORED).exists()


def test_what_an_admin_put_aside_by_hand_is_left_alone(
    stored: Rendition, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(settings.MEDIA_ROOT)
    for folder in ("unowned/by-hand", "incoming/by-hand", "images/00/by-hand"):
        (root / folder).mkdir(parents=True)
        os.utime(root / folder, (0, 0))
    monkeypatch.setattr(verify, "KEPT_ASIDE_SECONDS", -10)
    assert verify.remove_orphans() == images.remove_unused() == 0
    assert (root / "unowned/by-hand").is_dir()


def test_a_picture_that_changed_is_named_too(alice: User) -> None:
    kept = image_that_is_kept(alice)
    assert verified() == []
    (Path(settings.MEDIA_ROOT) / kept.file).write_bytes(b"another")
    assert verified() == [f"The picture {kept.file} is damaged."]


def test_a_month_of_nights_goes_through_all_of_the_archive(stored: Rendition) -> None:
    damage(stored)
    found = [share for share in range(verify.SHARES) if list(verify.check(share))]
    assert len(found) == 1


@pytest.mark.django_db(transaction=True)
def test_the_nightly_round_does_its_share(
    stored: Rendition, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[int] = []

    def check(share: int, _: object) -> list[str]:
        seen.append(share)
        return ["amiss"]

    monkeypatch.setattr(verify, "check", check)
    leftover = Path(settings.MEDIA_ROOT) / "incoming" / "old.mp4"
    leftover.touch()
    os.utime(leftover, (0, 0))
    Credential.objects.update(checked_at=timezone.now())
    with caplog.at_level(logging.ERROR):
        call_command("follow", once=True)
    assert (seen, leftover.exists()) == ([verify.tonight()], False)
    assert "amiss" in caplog.text


def test_a_night_ends_early_when_the_follower_is_stopped(stored: Rendition) -> None:
    damage(stored)
    assert list(verify.check(go_on=lambda: False)) == []
    stored.refresh_from_db()
    assert stored.is_stored
