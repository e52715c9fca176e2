"""Many videos as one ZIP: whole, named, within everybody's rights, and never held in memory."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client

from jobs import lifecycle
from jobs.archive.packed import Entry, Packed
from jobs.keeping.choosing import VIDEOS_MAX
from jobs.models import Job, Project, Rendition, Team, User
from jobs.views.files import wanted
from jobs.views.meant import as_seen
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db
ZIP = "/files/videos.zip"
LEFT_OUT = "Not in this ZIP.txt"


def kept(job: Job, content: bytes, size: str = "720p") -> Rendition:
    """The film of a finished job, lying where we keep films."""
    name = f"{job.pk}-{size}.mp4"
    path = Path(settings.MEDIA_ROOT, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    job.renditions.update(file=name, bytes=len(content), resolution=size)
    return job.renditions.get()


def zipped(client: Client, *videos: Job, **asked: str) -> dict[str, bytes]:
    """The ZIP as a client keeps it: names and contents."""
    response: Any = client.get(ZIP, {"video": [str(job.pk) for job in videos], **asked})
    assert response["Content-Type"] == "application/zip"
    content = b"".join(response.streaming_content)
    assert len(content) == int(response["Content-Length"])
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        assert {each.compress_type for each in found.infolist()} == {zipfile.ZIP_STORED}
        return {name: found.read(name) for name in found.namelist()}


@pytest.mark.data
def test_each_video_is_there_byte_for_byte_under_a_name_of_the_teams(
    alice: User, alice_client: Client
) -> None:
    first, second = (factories.succeeded(alice, prompt="A fox in the snow") for _ in range(2))
    kept(first, b"one" * 1000)
    kept(second, b"two" * 1000)
    found = zipped(alice_client, first, second)
    assert found == {
        "A fox in the snow - 720p.mp4": b"one" * 1000,
        "A fox in the snow - 720p (2).mp4": b"two" * 1000,
    }
    Team.objects.create(pk=1, file_names="{number} {title}")
    assert list(zipped(alice_client, second)) == ["01 A fox in the snow.mp4"]


def test_the_largest_size_comes_or_the_largest_within_what_is_asked(
    alice: User, alice_client: Client
) -> None:
    video = factories.succeeded(alice)
    kept(video, b"small")
    kept(factories.finish(factories.upgrade(video)), b"large", "4k")
    assert list(zipped(alice_client, video).values()) == [b"large"]
    assert list(zipped(alice_client, video, size="1080p").values()) == [b"small"]


@pytest.mark.data
def test_what_has_no_file_is_said_before_and_in_the_zip(alice: User, alice_client: Client) -> None:
    there = factories.succeeded(alice)
    kept(there, b"film")
    waits = factories.job(alice, prompt="A whale at night")
    lost = factories.succeeded(alice, prompt="A lost fox")
    lost.renditions.update(file="nowhere.mp4")
    page = alice_client.get("/files/", {"video": [str(j.pk) for j in (there, waits, lost)]})
    assert "2 videos have no file and are left out" in flat(page.content.decode())
    found = zipped(alice_client, there, waits, lost)
    told = found[LEFT_OUT].decode("utf-8-sig")
    assert "A whale at night: still being made" in told
    assert "A lost fox: its file is missing on our disk" in told
    assert len(found) == 2


@pytest.mark.data
def test_takes_of_one_order_that_have_no_file_are_told_apart(
    alice: User, alice_client: Client
) -> None:
    takes = lifecycle.submit_takes(alice, factories.submission(prompt="A fox"), uuid4(), 2)
    there = factories.succeeded(alice)
    kept(there, b"there")
    page = alice_client.get("/files/", {"video": [str(job.pk) for job in (there, *takes)]})
    assert "Take 2 · Left out: still being made" in text(page)
    assert "A lighthouse in the rain" in page.content.decode()
    told = zipped(alice_client, there, *takes)[LEFT_OUT].decode("utf-8-sig")
    assert "A fox, take 1: still being made\r\nA fox, take 2: still being made" in told


@pytest.mark.parametrize(("came_from", "name"), [("/library/?q=fox", "library"), ("/", "studio")])
def test_with_nothing_chosen_the_page_leads_back_to_where_videos_are_chosen(
    alice_client: Client, came_from: str, name: str
) -> None:
    headers = {"Referer": f"http://testserver{came_from}"}
    page = alice_client.get("/files/", headers=headers)
    assert f"Tick videos in the {name}, then press Download." in text(page)
    assert f'href="{came_from}">Choose videos in the {name}</a>' in flat(page.content.decode())


def test_nobody_takes_away_what_they_may_not_see(
    alice: User, bob: User, alice_client: Client
) -> None:
    own, foreign = factories.succeeded(alice), factories.succeeded(bob)
    kept(own, b"own")
    kept(foreign, b"foreign")
    assert list(zipped(alice_client, own, foreign).values()) == [b"own"]
    assert alice_client.get(ZIP, {"video": str(foreign.pk)}).status_code == 302
    assert alice_client.get("/files/").status_code == 200
    page = alice_client.get("/files/", {"video": str(foreign.pk)})
    assert page.status_code == 404
    assert "No videos to download" in page.content.decode()


@pytest.mark.data
def test_what_is_in_the_trash_stays_there(alice: User, alice_client: Client) -> None:
    there, thrown = factories.succeeded(alice), factories.succeeded(alice)
    kept(there, b"there")
    kept(thrown, b"thrown")
    Job.objects.filter(pk=thrown.pk).update(trashed_at=Now(), trashed_by=alice)
    assert list(zipped(alice_client, there, thrown).values()) == [b"there"]


@pytest.mark.data
def test_a_project_and_the_takes_of_an_order_go_as_a_whole(
    alice: User, alice_client: Client
) -> None:
    project = Project.objects.create(name="Autumn")
    filed = factories.succeeded(alice, project_id=project.pk)
    kept(filed, b"filed")
    kept(factories.succeeded(alice), b"other")
    response: Any = alice_client.get(ZIP, {"project": project.pk})
    assert 'filename="Autumn ' in response["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as found:
        assert [found.read(name) for name in found.namelist()] == [b"filed"]


@pytest.mark.data
def test_more_than_a_zip_may_hold_is_said_beforehand_with_its_size(
    alice: User, alice_client: Client
) -> None:
    video = factories.succeeded(alice)
    kept(video, b"film")
    video.renditions.update(bytes=72_000_000_000)
    asked = {"video": str(video.pk)}
    page = flat(alice_client.get("/files/", asked).content.decode()).replace("\xa0", " ")
    assert "That is 67.1 GB. A ZIP can hold up to 46.6 GB: choose fewer videos." in page
    assert "Download ZIP" not in page
    refused = alice_client.get(ZIP, asked, follow=True)
    assert "more than a ZIP can hold" in refused.content.decode()


def test_what_is_ticked_in_the_studio_leads_to_their_page(
    alice: User, alice_client: Client
) -> None:
    video = factories.succeeded(alice)
    kept(video, b"film")
    ticked = {"video": str(video.pk), "csrfmiddlewaretoken": "secret"}
    led = alice_client.post("/files/", ticked).headers["Location"]
    assert "secret" not in led
    assert "Download 1 video" in flat(alice_client.get(led).content.decode())
    found: Any = alice_client.get(led.replace("/files/", ZIP))
    assert b"film" in b"".join(found.streaming_content)


def test_a_selection_as_large_as_can_be_ticked_fits_into_an_address_that_proxies_take() -> None:
    ids = [uuid4() for _ in range(VIDEOS_MAX)]
    assert wanted._opened(wanted._closed(ids)) == ids
    assert len(wanted._closed(ids)) < 7000
    assert wanted._opened("none?") == []


@pytest.mark.data
def test_all_that_the_library_found_go_together(alice: User, alice_client: Client) -> None:
    foxes = [factories.succeeded(alice, prompt="A fox") for _ in range(2)]
    for fox, content in zip(foxes, (b"one", b"two"), strict=True):
        kept(fox, content)
    kept(factories.succeeded(alice, prompt="A whale"), b"whale")
    named = {"matching": "?q=fox", "seen": as_seen([fox.pk for fox in foxes])}
    led = alice_client.post("/files/", named).headers["Location"]
    found: Any = alice_client.get(led.replace("/files/", ZIP))
    with zipfile.ZipFile(io.BytesIO(b"".join(found.streaming_content))) as opened:
        assert {opened.read(name) for name in opened.namelist()} == {b"one", b"two"}
    grown = alice_client.get(ZIP, {**named, "seen": as_seen([foxes[0].pk])})
    assert "More than the 1 videos that you saw match" in grown.content.decode()


# ── How it is sent ───────────────────────────────────────────────────────────
def sparse(name: str, size: int) -> Entry:
    path = Path(settings.MEDIA_ROOT, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
    return Entry(name, size, f"{name} of the team")


def test_however_large_it_is_a_piece_of_it_alone_is_in_memory() -> None:
    packed = Packed([sparse(f"{n}.mp4", 40_000_000) for n in range(3)])
    tracemalloc.start()
    length = sum(map(len, packed))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length == packed.size > 120_000_000
    assert peak < 2_000_000


def test_it_is_read_as_a_socket_takes_it_in_a_little_and_again_from_there() -> None:
    entries = [sparse(f"{n}.mp4", 300_000) for n in range(3)]
    whole, again = b"".join(Packed(entries)), b""
    packed = Packed(entries)
    while piece := packed.read(100_000):
        taken = piece[:70_001]
        packed.seek(len(taken) - len(piece), 1)
        again += taken
    assert again[-5000:] == whole[-5000:]
    assert len(again) == len(whole)


@pytest.mark.parametrize("harm", ["gone", "shorter"])
def test_a_film_that_vanishes_on_the_way_ends_the_zip_and_does_not_mend_it(harm: str) -> None:
    entries = [sparse("first.mp4", 300_000), sparse("second.mp4", 300_000)]
    packed = Packed(entries)
    packed.read(1000)
    second = Path(settings.MEDIA_ROOT, "second.mp4")
    second.unlink() if harm == "gone" else second.write_bytes(b"short")
    with pytest.raises((OSError, RuntimeError)):
        packed.read()
