"""Pictures that come from anywhere: what is taken, what is left of it, and what is refused."""

from __future__ import annotations

import io
import os
import shutil
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageCms

from jobs.archive import NotAnImage, public_url
from jobs.archive.intake import decoders, images, public_addresses
from jobs.archive.kept.room import has_room
from jobs.decoding.pictures import encoding, reading
from jobs.models import Image, JobImage, Rendition, User
from jobs.times import clock
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.media.films import FTYP, HTML, SECONDS, film
from tests.support.media.pictures import chunk, from_a_phone, moving, png
from tests.support.media.pictures import picture as drawn
from tests.support.media.real_pictures import cut_out
from tests.support.racing import together

pytestmark = pytest.mark.django_db
UPLOAD = Image.Origin.UPLOAD


def kept(image: Image) -> bytes:
    return (Path(django_settings.MEDIA_ROOT) / image.file).read_bytes()


def shown(image: Image) -> Pillow.Image:
    return Pillow.open(io.BytesIO(kept(image)))


def files() -> list[str]:
    root = Path(django_settings.MEDIA_ROOT)
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]


def refusal(content: bytes) -> str:
    with pytest.raises(NotAnImage) as caught:
        reading.read(content)
    return caught.value.user_message


# ── What is taken ────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_of_three_formats_becomes_a_jpeg(alice: User, kind: str) -> None:
    image = images.add(alice, drawn(kind), UPLOAD)
    assert (image.content_type, image.suffix) == ("image/jpeg", "jpg")
    assert (image.width, image.height, shown(image).format) == (160, 90, "JPEG")
    assert (image.bytes, image.owner, image.origin) == (len(kept(image)), alice, "upload")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_something_shines_through_stays_a_png(alice: User, kind: str) -> None:
    image = images.add(alice, drawn(kind, colour=(0, 90, 0, 100)), UPLOAD)
    assert (image.content_type, image.suffix) == ("image/png", "png")
    colour: Any = shown(image).getpixel((5, 5))
    assert colour == pytest.approx((0, 90, 0, 100), abs=3)


def test_one_that_became_webp_is_kept_and_given_out_as_that(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "MADE_BYTES_MAX", 100_000)
    # Read here, where the limit holds that was set.
    monkeypatch.setattr(decoders, "picture", lambda _owner, source: reading.read(source))
    image = images.add(alice, cut_out(), UPLOAD)
    assert (image.content_type, image.suffix, shown(image).format) == ("image/webp", "webp", "WEBP")
    answer: Any = factories.signed_in(alice).get(f"/images/{image.pk}.webp")
    assert (answer.headers["Content-Type"], answer.getvalue()) == ("image/webp", kept(image))
    assert public_url(image).endswith(".webp")


def test_an_alpha_channel_without_a_hole_is_no_transparency(alice: User) -> None:
    image = images.add(alice, drawn("PNG", colour=(0, 90, 0, 255)), UPLOAD)
    assert image.content_type == "image/jpeg"


def test_a_name_or_a_told_type_says_nothing_only_the_content(alice: User) -> None:
    assert images.add(alice, drawn("WEBP"), UPLOAD).file.endswith(".jpg")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_every_kind_of_colour_becomes_a_picture(mode: str) -> None:
    file = io.BytesIO()
    Pillow.new(mode, (80, 80)).save(file, "JPEG" if mode == "CMYK" else "PNG")
    assert reading.read(file.getvalue()).width == 80


def test_sixteen_bits_are_not_all_white() -> None:
    file = io.BytesIO()
    Pillow.new("I;16", (80, 80), 0x8000).save(file, "PNG")
    made = Pillow.open(io.BytesIO(reading.read(file.getvalue()).content))
    assert made.getpixel((5, 5)) == (128, 128, 128)


@pytest.mark.data
def test_the_same_picture_of_the_same_person_is_kept_once(alice: User, bob: User) -> None:
    first, again = (images.add(alice, drawn(), UPLOAD) for _ in range(2))
    assert first == again
    assert images.add(bob, drawn(), UPLOAD) != first
    assert Image.objects.count() == len(files()) == 2


@pytest.mark.data
def test_one_whose_file_was_lost_is_written_again(alice: User) -> None:
    first = images.add(alice, drawn(), UPLOAD)
    (Path(django_settings.MEDIA_ROOT) / first.file).unlink()
    assert images.add(alice, drawn(), UPLOAD) == first
    assert kept(first)


@pytest.mark.django_db(transaction=True)
@pytest.mark.data
def test_a_double_click_with_a_file_keeps_one_picture(alice: User) -> None:
    # Of six at once, four would be told to try again before they came here (`turns`).
    picture = reading.read(drawn())
    outcomes = together(6, lambda _: images._keep(alice, picture, UPLOAD, None).pk)
    assert len(set(outcomes)) == 1
    assert files() == [Image.objects.get().file]


@pytest.mark.data
def test_a_twin_that_was_faster_by_a_moment_is_the_answer(alice: User) -> None:
    begun: list[bool] = []
    twins: list[Image] = []

    def be_faster(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SAVEPOINT") and not begun:
            # The other request, up to its end, between this one's look and its row.
            begun.append(True)
            twins.append(images.add(alice, drawn(), UPLOAD))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(be_faster):
        image = images.add(alice, drawn(), UPLOAD)
    assert [image] == twins
    assert files() == [image.file]


# ── What is left of it ───────────────────────────────────────────────────────
def test_nothing_of_a_photos_notes_is_kept(alice: User) -> None:
    content = from_a_phone()
    assert b"Canary" in content
    image = images.add(alice, content, UPLOAD)
    assert not shown(image).getexif()
    for trace in (b"Canary", b"canary", b"Exif", b"ICC_PROFILE"):
        assert trace not in kept(image)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_as_the_camera_was_held(orientation: int) -> None:
    made = reading.read(from_a_phone(orientation))
    assert (made.width, made.height) == ((160, 90) if orientation < 5 else (90, 160))
    # Where the sensor's upper edge, which is red, lies in what the person saw.
    middle = {1: (80, 3), 2: (80, 3), 3: (80, 86), 4: (80, 86)}.get(
        orientation, (3, 80) if orientation in (5, 8) else (86, 80)
    )
    colour: Any = Pillow.open(io.BytesIO(made.content)).getpixel(middle)
    assert colour[0] > 150 > colour[2]


@pytest.mark.filterwarnings("ignore::UserWarning")  # how Pillow mentions it
def test_damaged_notes_are_no_damaged_picture() -> None:
    assert reading.read(drawn(exif=b"Exif\0\0II*\0\xff\xff\xff\xff" * 3)).width == 160


def test_text_in_a_png_goes_too() -> None:
    content = drawn("PNG", colour=(1, 2, 3, 4))
    secret = content[:33] + chunk(b"tEXt", b"Comment\0canary") + content[33:]
    made = reading.read(secret).content
    assert b"canary" not in made
    assert [kind for kind in (b"tEXt", b"iTXt", b"eXIf", b"iCCP") if kind in made] == []


def test_colours_of_another_profile_are_converted() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    plain, odd = (reading.read(drawn(icc_profile=p)).width for p in (profile, b"no profile"))
    assert plain == odd == 160


@pytest.mark.parametrize("tail", [HTML, b"PK\x03\x04" + b"x" * 50, b"<?php system('id'); ?>"])
def test_a_file_that_is_two_things_is_only_its_picture(tail: bytes) -> None:
    assert tail not in reading.read(drawn() + tail).content
    assert tail not in reading.read(drawn(comment=tail)).content


def test_a_very_large_picture_is_made_smaller() -> None:
    made = reading.read(drawn(size=(6000, 3000)))
    assert (made.width, made.height) == (4096, 2048)


# ── What is refused, in words ────────────────────────────────────────────────
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def many_scans() -> bytes:
    """A JPEG of which the last pass comes over and over again."""
    content = drawn(progressive=True).removesuffix(b"\xff\xd9")
    return content + content[content.rindex(b"\xff\xda") :] * 101 + b"\xff\xd9"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "something else", id="nothing"),
        pytest.param(SVG, "an SVG", id="SVG"),
        pytest.param(b"\xef\xbb\xbf  <?xml version='1.0'?>" + SVG, "an SVG", id="SVG after a BOM"),
        pytest.param(moving("GIF"), "a GIF", id="GIF"),
        pytest.param(drawn("GIF"), "a GIF", id="GIF that stands still"),
        pytest.param(drawn("BMP"), "a BMP", id="BMP"),
        pytest.param(drawn("TIFF"), "a TIFF", id="TIFF"),
        pytest.param(b"%PDF-1.7", "a PDF", id="PDF"),
        pytest.param(
            b"\0\0\0\x18ftypheic\0\0\0\0", "This is a HEIC photo. Export it as JPEG", id="HEIC"
        ),
        pytest.param(FTYP, "a video", id="MP4"),
        pytest.param(HTML, "something else", id="HTML"),
        pytest.param(moving("PNG"), "This image is animated", id="moving PNG"),
        pytest.param(moving("WEBP"), "This image is animated", id="moving WebP"),
        pytest.param(drawn()[:-400], "damaged", id="JPEG cut short"),
        pytest.param(drawn("PNG", size=(900, 900))[:400], "damaged", id="PNG cut short"),
        pytest.param(drawn(size=(63, 200)), "too small (63 × 200 pixels)", id="small"),
        pytest.param(drawn(size=(20_000, 100)), "too narrow (20000 × 100 pixels)", id="a thread"),
        pytest.param(drawn() + b"\0" * 50 * 1024**2, "larger than 50 MB", id="many bytes"),
        pytest.param(png(8000, 8000), "more than 50 million pixels", id="many pixels"),
        pytest.param(png(12_000, 12_000), "more than 50 million pixels", id="bomb"),
        pytest.param(png(60_000, 60_000), "more than 50 million pixels", id="large bomb"),
        pytest.param(png(2**31 - 1, 2**31 - 1), "more than 50 million pixels", id="largest bomb"),
        pytest.param(
            png(100, 100, chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 5_000_000))),
            "damaged",
            id="bomb of words",
        ),
        pytest.param(many_scans(), "can’t be read safely", id="endless scans"),
        pytest.param(
            b"\xff\xd8" + b"\xff\x01" * 10_000_000, "can’t be read safely", id="endless markers"
        ),
        pytest.param(
            b"\xff\xd8" + b"\xff" * 20_000_000, "its end is missing", id="endless filling"
        ),
    ],
)
def test_what_is_no_picture_is_said_in_words(content: bytes, sentence: str) -> None:
    assert sentence in refusal(content)


@settings(max_examples=150)
@given(data=st.data(), kind=st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_any_damage_ends_in_a_picture_or_in_words(data: st.DataObject, kind: str) -> None:
    content = bytearray(drawn(kind))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(NotAnImage):
        assert reading.read(bytes(content)).content


@pytest.mark.data
def test_a_refused_one_leaves_nothing(alice: User) -> None:
    with pytest.raises(NotAnImage):
        images.add(alice, SVG, UPLOAD)
    assert (Image.objects.count(), files()) == (0, [])


def test_a_full_disk_is_said_and_leaves_nothing(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotAnImage, match="couldn’t be stored: the server’s disk is full"):
        images.add(alice, drawn(), UPLOAD)
    assert (Image.objects.count(), files()) == (0, [])


def test_pictures_leave_the_room_that_videos_need(alice: User, settings: Any) -> None:
    first = images.add(alice, drawn(), UPLOAD)
    settings.MEDIA_FREE_BYTES_MIN = 2**62
    with pytest.raises(NotAnImage, match="almost out of disk space"):
        images.add(alice, drawn(colour=(1, 2, 3)), UPLOAD)
    assert files() == [first.file]
    # What is kept already takes no more room.
    assert images.add(alice, drawn(), UPLOAD) == first


def test_nothing_is_fetched_that_there_is_no_room_for(
    provider: Wire, alice: User, settings: Any
) -> None:
    settings.MEDIA_FREE_BYTES_MIN = 2**62
    with pytest.raises(NotAnImage, match="almost out of disk space"):
        images.from_link(alice, f"{provider.url}/a.jpg")
    assert provider.connections == 0


@pytest.mark.parametrize(("short_of", "expected"), [(0, True), (1, False)])
def test_the_size_of_what_comes_counts_against_the_room(
    settings: Any, monkeypatch: pytest.MonkeyPatch, short_of: int, expected: bool
) -> None:
    settings.MEDIA_FREE_BYTES_MIN = 1000
    free = shutil.disk_usage("/")._replace(free=1500 - short_of)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    assert has_room(500) is expected


# ── A frame of a video ───────────────────────────────────────────────────────
@pytest.fixture
def clip(alice: User) -> Rendition:
    """A stored film that grows redder from frame to frame."""
    folder = Path(django_settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clip.mp4").write_bytes(film())
    return Rendition.objects.create(
        job=factories.job(alice),
        resolution="720p",
        source_url="https://provider.example/a.mp4",
        state="stored",
        file="clip.mp4",
        sha256="0" * 64,
        bytes=len(film()),
        stored_at=clock.after(0),
    )


def redness(image: Image) -> int:
    colour: Any = shown(image).getpixel((20, 20))
    return int(colour[0])


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(images.FIRST, 0), (0.25, 120), (images.LAST, 220), (SECONDS + 100, 220)],
    ids=["first", "in the middle", "last", "after the end"],
)
def test_a_frame_is_what_the_video_shows_then(
    alice: User, clip: Rendition, moment: float, expected: int
) -> None:
    image = images.from_frame(alice, clip, moment)
    assert abs(redness(image) - expected) < 12
    assert (image.origin, image.rendition, image.width) == ("frame", clip, 64)


def test_a_video_that_is_gone_or_broken_is_said(alice: User, clip: Rendition) -> None:
    path = Path(django_settings.MEDIA_ROOT) / clip.file
    path.write_bytes(HTML)
    with pytest.raises(NotAnImage, match="can’t be opened"):
        images.from_frame(alice, clip, images.FIRST)
    path.unlink()
    with pytest.raises(NotAnImage, match="can’t be opened"):
        images.from_frame(alice, clip, images.LAST)


# ── For a provider, without sign-in ──────────────────────────────────────────
def test_a_public_address_names_its_picture_for_a_day(provider: Wire, alice: User) -> None:
    image = images.add(alice, drawn(), UPLOAD)
    with time_machine.travel(time.time(), tick=False) as traveller:
        url = public_url(image)
        assert url.startswith("https://dailies.example/images/public/")
        assert url.endswith(".jpg")
        signed = url.rsplit("/", 1)[1].removesuffix(".jpg")
        traveller.shift(24 * 3600 - 5)
        assert public_addresses.named_by(signed) == image
        traveller.shift(10)
        assert public_addresses.named_by(signed) is None


@pytest.mark.parametrize("change", ["0", "~", "x~y~z", "", "\x00", "é"])
def test_a_changed_address_names_nothing(alice: User, settings: Any, change: str) -> None:
    image = images.add(alice, drawn(), UPLOAD)
    signed = public_url(image).rsplit("/", 1)[1].removesuffix(".jpg")
    other = ("1" if signed[0] == "0" else "0") + signed[1:]
    assert [public_addresses.named_by(each) for each in (other, signed + change + "x", change)] == [
        None
    ] * 3


def test_an_address_of_another_secret_names_nothing(alice: User, settings: Any) -> None:
    signed = public_url(images.add(alice, drawn(), UPLOAD)).rsplit("/", 1)[1][:-4]
    settings.SECRET_KEY = "another"
    assert public_addresses.named_by(signed) is None


# ── Thrown away ──────────────────────────────────────────────────────────────
@pytest.mark.data
def test_what_no_job_used_in_a_week_is_thrown_away(alice: User) -> None:
    used, unused, new = (
        images.add(alice, drawn(colour=(shade, 0, 0)), UPLOAD) for shade in (10, 90, 200)
    )
    JobImage.objects.create(job=factories.job(alice), image=used, position=0)
    Image.objects.exclude(pk=new.pk).update(created_at=clock.after(-8 * 86_400))
    assert images.remove_unused() == 1
    assert set(Image.objects.all()) == {used, new}
    assert sorted(files()) == sorted([used.file, new.file])
    assert unused.file not in files()


@pytest.mark.data
def test_what_is_chosen_again_in_the_middle_of_it_is_spared(alice: User) -> None:
    for shade in (10, 200):
        images.add(alice, drawn(colour=(shade, 0, 0)), UPLOAD)
    Image.objects.update(created_at=clock.after(-8 * 86_400))
    chosen: list[Image] = []

    def choose(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if sql.startswith('DELETE FROM "jobs_image"') and not chosen:
            left = Image.objects.get()
            chosen.append(left)
            shade = 200 if redness(left) > 100 else 10
            images.add(alice, drawn(colour=(shade, 0, 0)), UPLOAD)
        return done

    with connection.execute_wrapper(choose):
        assert images.remove_unused() == 1
    assert list(Image.objects.all()) == chosen
    assert files() == [chosen[0].file]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="there only one may write at a time")
@pytest.mark.data
def test_what_somebody_is_choosing_at_this_moment_is_spared(alice: User) -> None:
    image = images.add(alice, drawn(), UPLOAD)
    Image.objects.update(created_at=clock.after(-8 * 86_400))
    with transaction.atomic():
        images.add(alice, drawn(), UPLOAD)
        removed = together(1, lambda _: images.remove_unused())
    assert (removed, Image.objects.get(), files()) == ([0], image, [image.file])


@pytest.mark.data
def test_what_is_chosen_again_counts_as_new(alice: User) -> None:
    images.add(alice, drawn(), UPLOAD)
    Image.objects.update(created_at=clock.after(-8 * 86_400))
    images.add(alice, drawn(), UPLOAD)
    assert images.remove_unused() == 0


@pytest.mark.data
def test_a_file_without_a_row_goes_after_a_day(alice: User) -> None:
    image = images.add(alice, drawn(), UPLOAD)
    folder = (Path(django_settings.MEDIA_ROOT) / image.file).parent
    for name, age in (("old.jpg", 2 * 86_400), ("new.jpg", 60)):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (time.time() - age,) * 2)
    os.utime(folder / Path(image.file).name, (0, 0))
    images.remove_unused()
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["new.jpg", Path(image.file).name]
    )
