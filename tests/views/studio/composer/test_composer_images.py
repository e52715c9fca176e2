"""Pictures at the web's door: handing in, looking at, choosing a frame, and the form with them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from jobs.archive import public_url
from jobs.archive.intake import images
from jobs.decoding.answers import BYTES_MAX
from jobs.models import Credential, Image, Job, JobImage, Project, Rendition, User
from jobs.views.studio.composer.catalog import catalog_of
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.markup import flat
from tests.support.media.films import HTML, film
from tests.support.media.pictures import picture
from tests.support.media.real_pictures import motion_photo
from tests.support.typed_forms import HTMX, composer, errors, text

pytestmark = pytest.mark.django_db
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def file(name: str = "fox.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content, "image/jpeg")


def image(owner: User, shade: int = 100) -> Image:
    return images.add(owner, picture(colour=(shade, 0, 0)), Image.Origin.UPLOAD)


def ids(owner: User, count: int) -> list[str]:
    return [str(image(owner, 20 * number).pk) for number in range(count)]


def framed(owner: User, count: int = 1, **changes: Any) -> dict[str, Any]:
    """The form with so many frames in it."""
    return composer(mode="frames", images=ids(owner, count), **changes)


def status(client: Client, path: str) -> int:
    """The answer's, which is read to its end: that closes the file."""
    answer: Any = client.get(path)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


def in_form(answer: Any) -> list[str]:
    return [str(thumb.image.pk) for thumb in answer.context["form"].thumbs]


@pytest.fixture
def clip(alice: User) -> Rendition:
    """A stored film of Alice's."""
    job = factories.job(alice, prompt="A heron lands")
    Job.objects.filter(pk=job.pk).update(status="succeeded", external_id="task-1", charged=60)
    folder = Path(django_settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clip.mp4").write_bytes(film())
    return Rendition.objects.create(
        job=job,
        resolution="720p",
        source_url="https://provider.example/a.mp4",
        state="stored",
        file="clip.mp4",
        poster="clip.webp",
        sha256="0" * 64,
        bytes=len(film()),
        stored_at=timezone.now(),
    )


# ── Handing in ───────────────────────────────────────────────────────────────
def test_an_uploaded_picture_comes_back_as_its_thumbnail(alice_client: Client) -> None:
    answer = alice_client.post("/images/", {"files": file(), "mode": "frames"}, headers=HTMX)
    kept = Image.objects.get()
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'<input type="hidden" name="images" value="{kept.pk}">' in page
    assert f'src="/images/{kept.pk}.jpg"' in page
    assert 'alt="First frame"' in page


def test_a_photo_with_a_long_film_behind_it_is_taken(alice_client: Client) -> None:
    content = motion_photo(picture(), film_bytes=25 * 1024**2)
    answer: Any = alice_client.post("/images/", {"files": file("a.jpg", content)}, headers=HTMX)
    assert (answer.status_code, Image.objects.get().bytes < 10_000) == (200, True)
    studio: Any = alice_client.get("/")
    assert catalog_of(studio.context["offers"])["file_bytes"] == BYTES_MAX


def test_of_several_files_the_bad_one_spares_the_others(alice_client: Client) -> None:
    several = [file(), file("evil.svg", SVG), file("b.jpg", picture(colour=(1, 2, 3)))]
    answer = alice_client.post("/images/", {"files": several}, headers=HTMX)
    assert (answer.status_code, Image.objects.count()) == (200, 2)
    assert "evil.svg: Only JPEG, PNG and WebP images are supported; this is an SVG" in text(answer)
    assert b'role="alert"' in answer.content


def test_when_none_is_taken_the_answer_says_so(alice_client: Client) -> None:
    answer = alice_client.post("/images/", {"files": file("a.jpg", HTML)}, headers=HTMX)
    assert (answer.status_code, Image.objects.count()) == (422, 0)


def test_a_name_is_only_text(alice_client: Client) -> None:
    name = "<img src=x onerror=alert(1)>.jpg"
    answer = alice_client.post("/images/", {"files": file(name, HTML)}, headers=HTMX)
    assert b"<img src=x" not in answer.content


def test_without_javascript_the_studio_comes_back_with_the_picture(
    alice: User, alice_client: Client
) -> None:
    before = image(alice)
    typed = {"files": file(), "images": str(before.pk), "mode": "references"}
    answer = alice_client.post("/images/", typed, follow=True)
    new = Image.objects.exclude(pk=before.pk).get()
    assert in_form(answer) == [str(before.pk), str(new.pk)]
    assert answer.context["form"]["mode"].value() == "references"


def test_without_javascript_a_refusal_is_a_message(alice_client: Client) -> None:
    answer = alice_client.post("/images/", {"files": file("a.svg", SVG)}, follow=True)
    assert "a.svg: Only JPEG, PNG and WebP" in text(answer)
    assert "Choose an image first." in text(alice_client.post("/images/", {}, follow=True))


def test_more_files_at_once_than_any_model_takes_are_refused_in_words(alice_client: Client) -> None:
    answer = alice_client.post("/images/", {"files": [file()] * 15}, headers=HTMX)
    assert (answer.status_code, Image.objects.count()) == (422, 0)
    assert "15 files are too many" in text(answer)


def test_more_than_a_hundred_files_are_not_even_read(alice_client: Client) -> None:
    answer = alice_client.post("/images/", {"files": [file("a.jpg", b"x")] * 101})
    assert (answer.status_code, Image.objects.count()) == (400, 0)


def test_more_bytes_than_three_pictures_have_are_not_even_read(alice_client: Client) -> None:
    stranger = Client(enforce_csrf_checks=True)
    stranger.cookies["csrftoken"] = "x" * 32
    for anybody in (stranger, alice_client):
        answer = anybody.post("/images/", {"files": file()}, CONTENT_LENGTH=str(105 * 1024**2))
        assert answer.status_code == 400
    assert not Image.objects.exists()


def test_a_link_is_taken_in(
    alice: User, alice_client: Client, provider: Wire, settings: Any
) -> None:
    settings.PRACTICE = True
    provider.answer(body=picture())
    answer = alice_client.post("/images/", {"link": f"{provider.url}/a.jpg"}, headers=HTMX)
    assert (answer.status_code, Image.objects.get().origin) == (200, "link")


def test_without_room_for_videos_no_picture_is_taken(alice_client: Client, settings: Any) -> None:
    settings.MEDIA_FREE_BYTES_MIN = 2**62
    answer = alice_client.post("/images/", {"files": file()}, headers=HTMX)
    assert (answer.status_code, Image.objects.count()) == (422, 0)
    assert "almost out of disk space" in text(answer)


def test_a_link_into_the_house_is_refused_at_the_form(alice_client: Client) -> None:
    answer = alice_client.post("/images/", {"link": "https://user:pw@10.0.0.1/a"}, headers=HTMX)
    assert "The link: This link can’t be used: it names a user or a password." in text(answer)


# ── Looking ──────────────────────────────────────────────────────────────────
def test_a_picture_is_never_anything_else(alice: User, alice_client: Client) -> None:
    kept = image(alice)
    answer: Any = alice_client.get(f"/images/{kept.pk}.jpg")
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"].startswith("private")
    assert alice_client.get(f"/images/{kept.pk}.html").status_code == 404
    assert alice_client.get(f"/images/{kept.pk}.png").status_code == 404


def test_a_picture_that_a_browser_has_is_not_sent_again(alice: User, alice_client: Client) -> None:
    address = f"/images/{image(alice).pk}.jpg"
    first: Any = alice_client.get(address)
    assert b"".join(first.streaming_content)
    again = alice_client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == first["Cache-Control"]


def test_a_picture_is_its_owners_alone_until_it_went_into_a_shared_job(
    alice: User, bob: User, admin_client: Client
) -> None:
    kept, colleague = image(alice), factories.signed_in(bob)
    address = f"/images/{kept.pk}.jpg"
    assert [status(c, address) for c in (colleague, admin_client)] == [404, 404]
    project = Project.objects.create(name="Autumn")
    JobImage.objects.create(job=factories.job(alice, project_id=project.pk), image=kept, position=0)
    assert [status(c, address) for c in (colleague, admin_client)] == [200, 200]


def test_a_providers_address_needs_no_sign_in_and_is_kept_by_nobody(
    alice: User, client: Client, settings: Any
) -> None:
    settings.CALLBACK_BASE = "http://testserver"
    address = public_url(image(alice))
    answer: Any = client.get(address)
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == (
        "no-store",
        "noindex",
    )


def test_a_providers_address_ends_after_a_day_or_a_changed_letter(
    alice: User, client: Client
) -> None:
    address = public_url(image(alice))
    kept = Image.objects.get()
    wrong = [
        address.replace(".jpg", ".png"),
        address.replace(".jpg", ".html"),
        address[:-6] + ("A" if address[-6] != "A" else "B") + address[-5:],
        address.replace(kept.pk.hex, uuid4().hex),
        f"/images/public/{kept.pk.hex}.jpg",
    ]
    assert [client.get(each).status_code for each in wrong] == [404] * 5
    with time_machine.travel(time.time() + 86_460):
        assert client.get(address).status_code == 404
    kept.delete()
    assert client.get(address).status_code == 404


# ── A frame of a video ───────────────────────────────────────────────────────
def test_finished_videos_are_listed_with_two_buttons_each(
    alice_client: Client, clip: Rendition
) -> None:
    answer = alice_client.get("/images/frames/")
    page = flat(answer.content.decode())
    assert 'aria-label="First frame of A heron lands, ordered ' in page
    assert f'name="frame" value="{clip.pk}:last"' in page
    assert b"<html" not in alice_client.get("/images/frames/", headers=HTMX).content


@pytest.mark.parametrize(
    ("words", "count"), [("heron", 1), ("LANDS heron", 1), ("fox", 0), ("a\x00b", 0), ("", 1)]
)
def test_they_are_found_by_their_words(
    alice_client: Client, clip: Rendition, words: str, count: int
) -> None:
    answer: Any = alice_client.get("/images/frames/", {"words": words})
    assert len(answer.context["films"]) == count


def test_nobody_else_finds_them_or_takes_a_frame(bob: User, clip: Rendition) -> None:
    colleague = factories.signed_in(bob)
    assert "A heron lands" not in text(colleague.get("/images/frames/"))
    answer = colleague.post("/images/", {"frame": f"{clip.pk}:first"}, headers=HTMX)
    assert (answer.status_code, Image.objects.count()) == (422, 0)
    assert "This frame doesn’t exist." in text(answer)


@pytest.mark.parametrize("moment", ["first", "last", "0.2"])
def test_a_frame_becomes_a_picture(alice_client: Client, clip: Rendition, moment: str) -> None:
    answer = alice_client.post("/images/", {"frame": f"{clip.pk}:{moment}"}, headers=HTMX)
    assert (answer.status_code, Image.objects.get().rendition) == (200, clip)


@pytest.mark.parametrize("frame", ["x", "x:first", "{}:nan", "{}:-1", "{}:", "{}:second", ":first"])
def test_an_odd_frame_is_refused(alice_client: Client, clip: Rendition, frame: str) -> None:
    named = frame.format(clip.pk)
    answer = alice_client.post("/images/", {"frame": named}, headers=HTMX)
    assert (answer.status_code, Image.objects.count()) == (422, 0)


def test_a_film_that_is_not_stored_yet_has_no_frames(alice_client: Client, clip: Rendition) -> None:
    Rendition.objects.update(state="waiting")
    answer = alice_client.post("/images/", {"frame": f"{clip.pk}:first"}, headers=HTMX)
    assert answer.status_code == 422


# ── The form with images ─────────────────────────────────────────────────────
def test_a_video_is_made_from_its_frames_in_their_order(alice: User, alice_client: Client) -> None:
    typed = framed(alice, 2)
    assert alice_client.post("/", typed).status_code == 302
    job = Job.objects.get()
    assert (job.mode, job.quote) == ("frames", 60)
    assert [str(use.image_id) for use in job.images.all()] == typed["images"]


def test_one_picture_may_be_both_frames(alice: User, alice_client: Client) -> None:
    same = ids(alice, 1) * 2
    assert alice_client.post("/", composer(mode="frames", images=same)).status_code == 302
    assert Job.objects.get().images.count() == 2


def test_in_text_mode_images_are_left_aside(alice: User, alice_client: Client) -> None:
    alice_client.post("/", composer(mode="text", images=ids(alice, 2)))
    job = Job.objects.get()
    assert (job.mode, job.images.count()) == ("text", 0)


def test_a_form_without_a_mode_means_text(alice_client: Client) -> None:
    alice_client.post("/", composer())
    assert Job.objects.get().mode == "text"


@pytest.mark.parametrize(
    ("mode", "count", "change", "field", "sentence"),
    [
        ("frames", 0, {}, "images", "Add the first frame"),
        ("frames", 3, {}, "images", "Veo 3.1 Fast takes 2 frames at most. Remove 1."),
        ("references", 0, {}, "images", "Add one to 3 images"),
        ("references", 4, {}, "images", "Veo 3.1 Fast takes 3 references at most. Remove 1."),
        ("references", 13, {}, "images", "seven at most"),
        ("references", 1, {"model": "veo3"}, "mode", "offers these modes: Text, Frames."),
        ("frames", 1, {"model": "veo-4"}, "mode", "offers these modes: Text, References."),
        ("references", 1, {"duration": "4"}, "duration", "offers these lengths here: 8."),
        ("text", 0, {"aspect_ratio": "Auto"}, "aspect_ratio", "Auto follows the image"),
        (
            "frames",
            1,
            {"aspect_ratio": "Auto", "resolution": "1080p"},
            "aspect_ratio",
            "works at 720p only. Choose 16:9, 9:16.",
        ),
        ("frames", 1, {"resolution": "4k", "duration": "6"}, "duration", "here: 8."),
        ("sketch", 0, {}, "mode", "valid choice"),
        ("veo", 1, {}, "mode", "valid choice"),
    ],
)
def test_the_limits_of_a_model_are_said_at_the_field(
    alice: User,
    alice_client: Client,
    mode: str,
    count: int,
    change: dict[str, Any],
    field: str,
    sentence: str,
) -> None:
    chosen = [str(image(alice, 10 * number).pk) for number in range(count)]
    answer = alice_client.post("/", composer(mode=mode, images=chosen, **change))
    assert answer.status_code == 422
    assert sentence in errors(answer, field)
    assert sentence in text(answer)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("mode", "count", "change"),
    [
        ("frames", 1, {"aspect_ratio": "Auto"}),
        ("frames", 2, {"model": "veo3", "resolution": "4k"}),
        ("frames", 1, {"duration": "4"}),
        ("references", 3, {}),
        ("references", 1, {"model": "veo3_lite", "aspect_ratio": "9:16"}),
    ],
)
def test_what_a_model_can_do_is_taken(
    alice: User, alice_client: Client, mode: str, count: int, change: dict[str, Any]
) -> None:
    answer = alice_client.post("/", composer(mode=mode, images=ids(alice, count), **change))
    assert (answer.status_code, Job.objects.count()) == (302, 1)


@pytest.mark.parametrize("stranger", ["another's", "nobody's", "odd"])
def test_a_picture_that_is_not_yours_is_one_that_is_not_there(
    alice: User, bob: User, alice_client: Client, stranger: str
) -> None:
    theirs = {"another's": str(image(bob).pk), "nobody's": str(uuid4()), "odd": "an-odd-id"}[
        stranger
    ]
    mine = ids(alice, 1)
    answer = alice_client.post("/", composer(mode="frames", images=[theirs, *mine]))
    assert errors(answer, "images") == "An image is no longer available. Choose it again."
    assert (in_form(answer), Job.objects.count()) == (mine, 0)
    assert theirs not in answer.content.decode()


def test_veo4_needs_a_public_address_and_says_so_beforehand(
    alice: User, alice_client: Client, settings: Any
) -> None:
    settings.CALLBACK_BASE = ""
    Credential.objects.filter(provider="kie").delete()
    hint = "veo4api.net fetches images from a public address, and this server has none"
    assert hint in text(alice_client.get("/"))
    asked = composer(model="veo-4", mode="references", images=ids(alice, 1))
    sentence = "veo4api.net fetches images from a public address. Set PUBLIC_URL."
    assert sentence in errors(alice_client.post("/", asked), "images")
    settings.CALLBACK_BASE = "https://dailies.example"
    assert hint not in text(alice_client.get("/"))
    assert alice_client.post("/", asked).status_code == 302


# ── As a plain form ──────────────────────────────────────────────────────────
def test_chosen_files_are_taken_in_with_the_form(alice_client: Client) -> None:
    several = [file(), file("b.jpg", picture(colour=(0, 0, 9)))]
    answer = alice_client.post("/", composer(mode="frames", files=several))
    assert (answer.status_code, Job.objects.get().images.count()) == (302, 2)


def test_what_is_wrong_elsewhere_loses_no_file(alice_client: Client) -> None:
    answer = alice_client.post("/", composer(mode="frames", files=[file()], prompt=""))
    assert answer.status_code == 422
    assert in_form(answer) == [str(Image.objects.get().pk)]


def test_a_bad_file_stops_the_form_and_loses_nothing(alice_client: Client) -> None:
    several = [file(), file("b.svg", SVG)]
    answer = alice_client.post("/", composer(mode="frames", files=several, prompt="A fox"))
    assert (answer.status_code, Job.objects.count()) == (422, 0)
    assert "b.svg: Only JPEG" in errors(answer, "images")
    assert len(in_form(answer)) == 1
    assert answer.context["form"]["prompt"].value() == "A fox"


@pytest.mark.parametrize(
    ("button", "order"),
    [("left:2", "bac"), ("remove:1", "bc"), ("remove:3", "ab"), ("left:1", "abc"), ("x", "abc")],
)
def test_the_buttons_of_the_images_change_only_them(
    alice: User, alice_client: Client, button: str, order: str
) -> None:
    names = dict(zip("abc", ids(alice, 3), strict=True))
    typed = composer(
        mode="references", images=list(names.values()), arrange=button, prompt="", seed="x"
    )
    answer: Any = alice_client.post("/", typed)
    assert (answer.status_code, Job.objects.count()) == (200, 0)
    assert in_form(answer) == [names[letter] for letter in order]
    form = answer.context["form"]
    assert (form["seed"].value(), form["translate"].value(), form.errors) == ("x", True, {})


def test_a_link_can_be_added_before_the_rest_is_done(
    alice_client: Client, provider: Wire, settings: Any
) -> None:
    settings.PRACTICE = True
    provider.answer(body=picture())
    typed = composer(mode="frames", link=f"{provider.url}/a.jpg", arrange="add", prompt="")
    answer: Any = alice_client.post("/", typed)
    assert len(in_form(answer)) == 1
    assert Job.objects.count() == 0


def test_the_list_of_videos_opens_in_the_form(alice_client: Client, clip: Rendition) -> None:
    answer = alice_client.post("/", composer(mode="frames", pick="1", words="heron"))
    assert "A heron lands" in text(answer)
    chosen = alice_client.post("/", composer(mode="frames", frame=f"{clip.pk}:last"))
    assert (chosen.status_code, in_form(chosen)) == (200, [str(Image.objects.get().pk)])


def test_a_megabyte_of_prompt_beside_a_file_is_not_even_read(alice_client: Client) -> None:
    typed = composer(mode="frames", files=[file()], prompt="x" * 1_000_001)
    assert alice_client.post("/", typed).status_code == 400


# ── What the form begins with ────────────────────────────────────────────────
def test_an_address_can_bring_mode_and_images(alice: User, alice_client: Client) -> None:
    first, second = ids(alice, 2)
    answer: Any = alice_client.get(f"/?mode=frames&image={second}&image={first}")
    assert in_form(answer) == [second, first]
    assert answer.context["form"]["mode"].value() == "frames"


def test_an_address_brings_nothing_of_others(alice: User, bob: User, alice_client: Client) -> None:
    answer = alice_client.get(f"/?mode=nonsense&image={image(bob).pk}&image=x&image=")
    assert (answer.status_code, in_form(answer)) == (200, [])


def test_reuse_brings_mode_and_images_back(alice: User, alice_client: Client) -> None:
    typed = framed(alice, 2, aspect_ratio="Auto")
    alice_client.post("/", typed)
    answer: Any = alice_client.get(f"/?from={Job.objects.get().pk}")
    form = answer.context["form"]
    assert in_form(answer) == typed["images"]
    assert (form["mode"].value(), form["aspect_ratio"].value()) == ("frames", "Auto")


def test_the_next_take_starts_from_the_same_images(alice: User, alice_client: Client) -> None:
    typed = framed(alice, 1)
    answer: Any = alice_client.post("/", typed, headers=HTMX)
    assert in_form(answer) == typed["images"]


# ── What it says of money ────────────────────────────────────────────────────
def test_the_price_is_that_of_the_mode(alice: User, alice_client: Client) -> None:
    wrong = {"model": "veo3", "resolution": "4k", "prompt": ""}
    from_text: Any = alice_client.post("/", composer(**wrong))
    from_image: Any = alice_client.post("/", framed(alice, 1, **wrong))
    assert (from_text.context["cost"], from_image.context["cost"]) == (380, 370)
    alice_client.post("/", framed(alice, 1, **{**wrong, "prompt": "A fox"}))
    assert Job.objects.get().quote == 370


def test_two_ways_to_a_size_are_told_where_they_differ(alice_client: Client) -> None:
    dear = text(alice_client.post("/", composer(model="veo3", resolution="4k", prompt="")))
    assert "380 cr at 4K right away; 370 cr at 720p and upgraded later." in dear
    same = text(alice_client.post("/", composer(resolution="1080p", prompt="")))
    assert "Same price as 720p upgraded later, and until then it can be extended." in same


@pytest.mark.parametrize(("size", "is_told"), [("720p", False), ("1080p", True), ("4k", True)])
def test_a_large_video_that_cannot_be_extended_says_so_before(
    alice_client: Client, size: str, is_told: bool
) -> None:
    words = text(alice_client.post("/", composer(resolution=size, prompt="")))
    assert ("can’t be extended" in words) is is_told


def test_a_provider_account_that_holds_too_little_is_a_warning_only(
    alice: User, alice_client: Client
) -> None:
    Credential.objects.filter(provider="kie").update(balance=40, checked_at=timezone.now())
    warning = "Your kie.ai account has 40 credits. This video needs about 60."
    assert warning in text(alice_client.get("/"))
    assert alice_client.post("/", composer()).status_code == 302
    Credential.objects.filter(provider="kie").update(balance=60)
    assert "when last asked, just now; this" not in text(alice_client.get("/"))
