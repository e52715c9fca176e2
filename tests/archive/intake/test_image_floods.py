"""Bytes of images: what one person may bring, and keep, and what is left for videos."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import limits, shares
from jobs.archive import NotAnImage
from jobs.archive.intake import images
from jobs.decoding.pictures import reading
from jobs.models import Credential, Image, JobImage, Rendition, SharedTake, User
from jobs.net.floods import Limit
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.limited import allow, later
from tests.support.media.films import film
from tests.support.media.pictures import picture
from tests.support.racing import together
from tests.support.typed_forms import HTMX, text

pytestmark = [pytest.mark.django_db, pytest.mark.data]
DAY = 86_400
UPLOAD = Image.Origin.UPLOAD


@pytest.fixture
def bob_client(bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the uploads that were written to disk while they came in."""
    names: list[str] = []
    new_file = TemporaryFileUploadHandler.new_file

    def watched(self: TemporaryFileUploadHandler, *args: Any, **kwargs: Any) -> None:
        new_file(self, *args, **kwargs)
        names.append(self.file.name or "")

    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", watched)
    return names


@pytest.fixture
def stored(alice: User) -> Rendition:
    """A finished film, with its file."""
    folder = Path(current.MEDIA_ROOT)
    folder.mkdir(parents=True)
    (folder / "a.mp4").write_bytes(film())
    (folder / "a.webp").write_bytes(picture("WEBP"))
    return factories.film(alice)


def hand_in(client: Client, size: int = 0, shade: int = 0) -> Any:
    """One picture, with so many bytes behind it."""
    content = picture(colour=(shade, 90, 30)) + bytes(size)
    file = SimpleUploadedFile("fox.jpg", content, "image/jpeg")
    return client.post("/images/", {"files": file}, headers=HTMX)


def free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    usage = shutil.disk_usage("/")._replace(free=size)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)


# ── What comes in ────────────────────────────────────────────────────────────
def test_who_has_brought_all_they_may_today_reads_so_and_their_colleague_goes_on(
    alice_client: Client, bob_client: Client, settings: Any, written: list[str]
) -> None:
    allow(settings, Limit.IMAGE_BYTES, "10MB/1d")
    assert hand_in(alice_client, 6_000_000).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        answer = hand_in(alice_client, 6_000_000)
    assert answer.status_code == 422
    assert "fox.jpg: You have added many large images in a short time. Try again" in text(answer)
    # Refused before it was written anywhere, the database included.
    assert [each for each in queries if not each["sql"].startswith("SELECT")] == []
    assert written == ["fox.jpg"]
    assert alice_client.get("/").status_code == 200
    assert hand_in(bob_client, 6_000_000).status_code == 200
    later(DAY)
    assert hand_in(alice_client, 6_000_000).status_code == 200


def test_a_link_and_a_frame_count_as_well(
    provider: Wire, alice: User, stored: Rendition, settings: Any
) -> None:
    allow(settings, Limit.IMAGE_BYTES, "1kB/1d")
    limits.take(Limit.IMAGE_BYTES, alice.pk, amount=1000)
    with pytest.raises(NotAnImage, match="many large images"):
        images.from_link(alice, f"{provider.url}/a.jpg")
    assert provider.connections == 0
    with pytest.raises(NotAnImage, match="many large images"):
        images.from_frame(alice, stored, images.FIRST)


def test_what_strangers_send_is_written_nowhere(written: list[str]) -> None:
    # Its token is looked for in the form, before anybody asks who sends it.
    stranger = Client(enforce_csrf_checks=True)
    stranger.cookies[current.CSRF_COOKIE_NAME] = 32 * "a"
    answer = hand_in(stranger, 3_000_000)
    assert (answer.status_code, written) == (403, [])


# ── What is kept ─────────────────────────────────────────────────────────────
def test_nobody_keeps_more_without_use_than_they_may(
    alice: User, bob: User, alice_client: Client, settings: Any
) -> None:
    first = images.add(alice, picture(colour=(1, 90, 30)), UPLOAD)
    settings.UNUSED_IMAGE_BYTES_MAX = first.bytes + 10
    answer = hand_in(alice_client, shade=200)
    assert answer.status_code == 422
    assert "of images here that no video uses" in text(answer)
    assert [path.suffix for path in Path(current.MEDIA_ROOT).rglob("*.*")] == [".jpg"]
    images.add(bob, picture(colour=(1, 90, 30)), UPLOAD)
    # What a video is made from counts no longer.
    JobImage.objects.create(job=factories.job(alice), image=first, position=1)
    assert hand_in(alice_client, shade=200).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_however_many_come_at_once_no_byte_too_many_is_kept(alice: User, settings: Any) -> None:
    made = [reading.read(picture(colour=(shade, 90, 30))) for shade in (0, 60, 120, 180, 240)]
    settings.UNUSED_IMAGE_BYTES_MAX = 2 * max(len(each.content) for each in made)

    def keep(number: int) -> bool:
        try:
            images._keep(alice, made[number], UPLOAD, None)
        except NotAnImage:
            return False
        return True

    assert together(5, keep).count(True) == 2
    assert Image.objects.count() == 2
    assert len(list(Path(current.MEDIA_ROOT).rglob("*.jpg"))) == 2


def test_an_admin_sees_how_much_somebody_keeps(alice: User, admin_client: Client) -> None:
    first, second = (images.add(alice, picture(size=(640, side)), UPLOAD) for side in (400, 500))
    JobImage.objects.create(job=factories.job(alice), image=first, position=1)
    weight, unused = (filesizeformat(each) for each in (first.bytes + second.bytes, second.bytes))
    page = text(admin_client.get(f"/team/people/{alice.pk}/"))
    assert f"Images {weight} · {unused} not used by any video".replace("\xa0", " ") in (
        page.replace("\xa0", " ")
    )


# ── What is left for videos ──────────────────────────────────────────────────
@pytest.fixture
def nearly_full(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_FREE_BYTES_MIN, settings.UNPAID_FREE_BYTES_MIN = 10**8, 10**9
    free(monkeypatch, 9 * 10**8)


def test_images_leave_the_disk_to_videos_that_are_paid_for(
    nearly_full: None, alice: User, alice_client: Client, key: Credential, written: list[str]
) -> None:
    answer = hand_in(alice_client, 3_000_000)
    assert "almost out of disk space" in text(answer)
    assert written == []
    assert factories.job(alice).status == "queued"


def test_so_do_watermarked_copies(
    stored: Rendition, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Rendition.objects.update(bytes=100)
    link = shares.create([stored], shares.Terms(watermark="Proof"), stored.job.owner)[0]
    settings.MEDIA_FREE_BYTES_MIN, settings.UNPAID_FREE_BYTES_MIN = 500, 1000
    # Room for the copy as the film weighs, and none for what it weighs in the end.
    for room, tried in ((-1, 0), (100, 1)):
        free(monkeypatch, 1000 + room)
        shares.draw(link.takes.get().pk)
        take = link.takes.get()
        assert (take.marking, take.attempts) == (SharedTake.Marking.WAITING, tried)
    assert list(Path(current.MEDIA_ROOT).rglob("*.part")) == []
