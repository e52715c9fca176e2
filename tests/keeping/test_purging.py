"""In the end the files go, and only they: nobody is told that they are lost, and the books stay."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from jobs import archive, keeping, lifecycle, shares
from jobs.archive import verify
from jobs.archive.intake import images, source_films
from jobs.archive.kept import files, posters
from jobs.models import AuditEvent, Image, Job, Rendition, SharedTake, User
from tests.keeping.test_moving import books
from tests.support import factories
from tests.support.answers import omni
from tests.support.media.films import film as small_film
from tests.support.media.image_orders import image
from tests.support.racing import together
from tests.support.typed_forms import text

# Its package has a function of the same name.
attempts: Any = sys.modules["jobs.archive.attempts"]
pytestmark = [pytest.mark.django_db, pytest.mark.data]


def kept(owner: User, number: int = 0) -> Rendition:
    """The film of a finished job, with files of its own."""
    film = factories.film(owner, prompt=f"Fox {number}")
    name = f"{film.pk.hex[:2]}/{film.pk}"
    for each in (f"{name}.mp4", *posters.names(f"{name}.webp")):
        with files.put(each) as part:
            part.write_bytes(each.encode())
    Rendition.objects.filter(pk=film.pk).update(file=f"{name}.mp4", poster=f"{name}.webp")
    film.refresh_from_db()
    return film


def there(film: Rendition) -> list[bool]:
    return [files.is_there(each) for each in (film.file, *posters.names(film.poster))]


def days_ago(number: float) -> None:
    then = timezone.now() - timedelta(days=number)
    Job.objects.exclude(trashed_at=None).update(trashed_at=then)


def test_after_its_time_its_files_go_and_the_books_stay(alice: User) -> None:
    film, other = kept(alice), kept(alice, 1)
    before = books()
    keeping.throw_away([film.job_id], alice)
    days_ago(29.9)
    assert keeping.purge_due() == 0
    days_ago(30.1)
    assert keeping.purge_due() == 1
    assert set(there(film)) == {False}
    assert set(there(other)) == {True}
    film.refresh_from_db()
    assert (film.state, film.file, film.bytes) == ("purged", "", 1000)
    assert books() == before
    assert keeping.restore([film.job_id], alice).changes == []
    event = AuditEvent.objects.get(job=film.job_id)
    assert (event.actor, event.subject) == (None, "Fox 0")


def test_what_somebody_brought_for_it_alone_goes_too_once_a_week_has_passed(alice: User) -> None:
    film, shared = source_films.add(alice, small_film(seconds=2)), image(alice, b"a picture")
    both = {"mode": "video", "model": omni.FLASH, "duration": 0, "span_start": 0, "span_end": 2}
    ids = (str(film.pk), str(shared.pk))
    job = factories.succeeded(alice, image_ids=ids, **both)
    factories.succeeded(alice, mode="frames", image_ids=ids[1:])
    keeping.throw_away([job.pk], alice)
    Image.objects.update(created_at="2020-01-01T00:00Z")
    assert images.remove_unused() == 0
    keeping.purge([job.pk], alice)
    assert images.remove_unused() == 1
    assert not files.is_there(film.file)
    assert files.is_there(shared.file)


def test_what_lost_its_images_is_not_ordered_without_them(alice: User) -> None:
    job = factories.job(alice, mode="frames", image_ids=(str(image(alice).pk),))
    lifecycle.cancel(job, alice)
    job.refresh_from_db()
    job.images.all().delete()
    with pytest.raises(lifecycle.NotSubmitted, match="no longer available"):
        lifecycle.retry(job, alice)


@pytest.mark.django_db(transaction=True)
def test_the_nights_work_does_it(alice: User) -> None:
    film = kept(alice)
    keeping.throw_away([film.job_id], alice)
    days_ago(31)
    call_command("follow", "--once")
    assert set(there(film)) == {False}


def test_nobody_takes_what_was_freed_for_lost(alice: User) -> None:
    film, other = kept(alice), kept(alice, 1)
    Rendition.objects.update(sha256="0" * 64)
    keeping.throw_away([film.job_id], alice)
    keeping.purge([film.job_id], alice)
    said = list(verify.check(believe=True))
    assert [film.file in each for each in said] == [False] * len(said)
    assert any(other.file in each for each in said)
    assert not Job.objects.filter(pk=film.job_id).needing_attention().exists()


def test_what_a_dying_process_left_is_removed_by_the_next(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = kept(alice)
    keeping.throw_away([film.job_id], alice)

    def die(name: str) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(files, "delete", die)
        with pytest.raises(SystemExit):
            keeping.purge([film.job_id], alice)
    assert Job.objects.get().purged_at
    assert set(there(film)) == {True}
    assert archive.discard() == 1
    assert set(there(film)) == {False}
    assert archive.discard() == 0


def test_a_file_that_is_just_being_stored_is_not_kept(alice: User) -> None:
    job = factories.finish(factories.job(alice), stored=False)
    film = job.renditions.get()
    keeping.throw_away([job.pk], alice)
    keeping.purge([job.pk], alice)
    archive.store(film.pk)
    film.refresh_from_db()
    assert (film.state, film.file) == ("purged", "")
    assert not Rendition.objects.due().exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_closed_while_it_is_deleted_for_good_locks_nobody_out(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = factories.finish(factories.job(alice), stored=False).renditions.get()
    Rendition.objects.filter(pk=film.pk).update(state="fetching", attempts=1)
    film.refresh_from_db()
    keeping.throw_away([film.job_id], alice)
    has_file, never = threading.Event(), threading.Event()
    show = attempts.show

    def halfway(rendition: Rendition, **facts: Any) -> None:
        has_file.set()
        never.wait(0.5)
        show(rendition, **facts)

    monkeypatch.setattr(attempts, "show", halfway)

    def act(number: int) -> object:
        if number == 0:
            return attempts.close(film, Rendition.State.EXPIRED, "Gone")
        has_file.wait(10)
        return len(keeping.purge([film.job_id], alice).changes)

    assert together(2, act) == [None, 1]
    film.refresh_from_db()
    assert film.state == "purged"


def test_its_watermarked_copies_are_neither_drawn_nor_kept(alice: User) -> None:
    film = kept(alice)
    link, _ = shares.create([film], shares.Terms(watermark="Draft"), alice)
    keeping.throw_away([film.job_id], alice)
    keeping.purge([film.job_id], alice)
    take = link.takes.get()
    assert (take.marking, take.try_at) == (SharedTake.Marking.NONE, None)
    shares.change(link, shares.Terms(watermark="Final"), alice)
    take.refresh_from_db()
    assert take.try_at is None


def test_for_good_is_asked_for_once_more_and_then_gone_for_everybody(
    alice: User, admin_client: Client
) -> None:
    film = kept(alice)
    keeping.throw_away([film.job_id], alice)
    body = {"video": str(film.job_id)}
    old = factories.signed_in(alice, minutes_ago=60)
    assert old.post("/trash/delete/", body).status_code == 302
    assert set(there(film)) == {True}
    client = factories.signed_in(alice)
    assert "1 video deleted for good." in text(client.post("/trash/delete/", body, follow=True))
    for path in (f"/renditions/{film.pk}.mp4", f"/renditions/{film.pk}.webp"):
        assert {each.get(path).status_code for each in (client, admin_client)} == {404}
    assert "The trash is empty" in text(client.get("/trash/"))
    assert "was deleted for good on" in text(client.get(f"/jobs/{film.job_id}/"))


def test_a_file_that_cannot_be_removed_keeps_no_other_from_going(
    alice: User, settings: Any
) -> None:
    stuck, film = kept(alice), kept(alice, 1)
    path = Path(settings.MEDIA_ROOT) / stuck.file
    path.unlink()
    (path / "x").mkdir(parents=True)
    keeping.throw_away([stuck.job_id, film.job_id], alice)
    keeping.purge([stuck.job_id, film.job_id], alice)
    assert set(there(film)) == {False}
    assert Rendition.objects.to_discard().get() == stuck
