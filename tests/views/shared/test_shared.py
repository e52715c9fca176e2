"""What strangers get of a public link: its page, its files, or nothing (93)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from jobs import shares
from jobs.models import Rendition, ShareLink, User
from tests.support import factories
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

BODY = bytes(range(250)) * 4
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
FILES = ("shared-video", "shared-poster", "shared-picture", "shared-download")


@pytest.fixture
def film(alice: User) -> Rendition:
    """A stored video of Alice's, on disk."""
    return stored(alice)


def stored(owner: User, **changes: Any) -> Rendition:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(exist_ok=True)
    (folder / "a.mp4").write_bytes(BODY)
    Image.new("RGB", (96, 54), "teal").save(folder / "a.webp")
    return factories.film(owner, **changes)


def share(file: Rendition, **terms: Any) -> tuple[ShareLink, str]:
    return shares.create([file], shares.Terms(**terms), file.job.owner)


def page(token: str) -> str:
    return reverse("shared", args=[token])


def address(name: str, token: str, file: Rendition) -> str:
    return reverse(name, args=[token, file.pk])


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"User-Agent": BROWSER})


# ── Who gets nothing gets the same nothing ───────────────────────────────────
@pytest.mark.data
def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(
    visitor: Client, alice: User, admin: User, film: Rendition
) -> None:
    _, open_token = share(film)
    revoked, revoked_token = share(film)
    shares.revoke(revoked, alice)
    expired, expired_token = share(film)
    long_ago = timezone.now() - timedelta(days=1)
    ShareLink.objects.filter(pk=expired.pk).update(expires_at=long_ago)
    renewed, old_token = share(film)
    shares.regenerate(renewed, alice)
    lost = stored(alice)
    _, empty_token = share(lost)
    Rendition.objects.filter(pk=lost.pk).update(state="expired")
    foreign, locked = stored(alice), share(film, password="sesame")[1]
    dead = [
        page("x" * 43),
        page(revoked_token),
        page(expired_token),
        page(old_token),
        page(empty_token),
        reverse("shared-embed", args=[open_token]),
        *(address(name, revoked_token, film) for name in FILES),
        *(address(name, expired_token, film) for name in FILES),
        *(address(name, open_token, foreign) for name in FILES),
        *(address(name, locked, film) for name in FILES),
        address("shared-download", open_token, film),
        reverse("shared-video", args=[open_token, uuid4()]),
    ]
    answers = [visitor.get(path) for path in dead]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    # But for the number of the request, which is another one for each.
    told = [{**answer.headers, "X-Request-ID": ""} for answer in answers]
    assert len({tuple(sorted(each.items())) for each in told}) == 1


def test_revoking_takes_down_a_file_that_a_browser_is_playing(
    visitor: Client, alice: User, film: Rendition
) -> None:
    link, token = share(film)
    video = address("shared-video", token, film)
    first: Any = visitor.get(video, headers={"Range": "bytes=0-99"})
    assert (first.status_code, body(first)) == (206, BODY[:100])
    shares.revoke(link, alice)
    assert visitor.get(video, headers={"Range": "bytes=100-199"}).status_code == 404


# ── Who has it gets what it allows ───────────────────────────────────────────
@pytest.mark.data
def test_a_visitor_needs_no_account_to_see_and_play(visitor: Client, film: Rendition) -> None:
    _, token = share(film, title="Cut 3")
    assert "Cut 3" in visitor.get(page(token)).content.decode()
    answer: Any = visitor.get(address("shared-video", token, film))
    assert body(answer) == BODY
    assert body(visitor.get(address("shared-poster", token, film))).startswith(b"RIFF")
    picture = visitor.get(address("shared-picture", token, film))
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8")


@pytest.mark.parametrize("name", ["page", *FILES])
def test_nothing_of_a_link_is_indexed_kept_or_passed_on(
    visitor: Client, film: Rendition, name: str
) -> None:
    _, token = share(film, download="4k")
    path = page(token) if name == "page" else address(name, token, film)
    answer: Any = visitor.get(path)
    body(answer)
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"] or name != "page"


@pytest.mark.data
def test_a_download_is_named_and_counted_once(visitor: Client, film: Rendition) -> None:
    link, token = share(film, title="Cut 3", download="1080p")
    path = address("shared-download", token, film)
    answer: Any = visitor.get(path)
    assert body(answer) == BODY
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Cut 3 720p.mp4"'
    body(visitor.get(path, headers={"Range": "bytes=500-599"}))
    body(visitor.head(path))
    body(visitor.get(path, headers={"Sec-Purpose": "prefetch"}))
    known = visitor.get(path, headers={"If-None-Match": answer["ETag"]})
    assert (known.status_code, known["Cache-Control"]) == (304, "no-store")
    link.refresh_from_db()
    assert link.download_count == 1


def test_a_watermarked_take_is_not_shown_before_its_copy_is_drawn(
    visitor: Client, film: Rendition
) -> None:
    link, token = share(film, watermark="For review", download="720p")
    for name in FILES:
        assert visitor.get(address(name, token, film)).status_code == 404
    folder = Path(settings.MEDIA_ROOT) / "shares"
    folder.mkdir()
    (take,) = shares.takes_of(link)
    (folder / Path(take.video).name).write_bytes(b"marked")
    link.takes.update(marking="ready", try_at=None)
    for name in ("shared-video", "shared-download"):
        answer: Any = visitor.get(address(name, token, film))
        assert body(answer) == b"marked"


# ── The password ─────────────────────────────────────────────────────────────
def test_a_password_stands_before_the_page_and_its_files(visitor: Client, film: Rendition) -> None:
    _, token = share(film, title="Cut 3", password="sesame")
    door = visitor.get(page(token))
    assert "Cut 3" not in door.content.decode()
    wrong = visitor.post(page(token), {"password": "guess"})
    assert (wrong.status_code, "Wrong password." in wrong.content.decode()) == (422, True)
    assert visitor.get(address("shared-video", token, film)).status_code == 404
    assert visitor.post(page(token), {"password": "sesame"}).status_code == 302
    assert "Cut 3" in visitor.get(page(token)).content.decode()
    answer: Any = visitor.get(address("shared-video", token, film))
    assert body(answer) == BODY


@pytest.mark.data
def test_who_guesses_is_stopped_and_told_so_while_others_come_in(
    visitor: Client, film: Rendition
) -> None:
    _, token = share(film, password="sesame")
    # A stranger may send what it likes, and all addresses of its network count as one.
    lies = [f"198.51.100.{number}, 2001:db8:7::{number + 1:x}" for number in range(11)]
    for told in lies[:10]:
        guess = visitor.post(page(token), {"password": "guess"}, headers={"X-Forwarded-For": told})
        assert guess.status_code == 422
    closed = visitor.post(
        page(token), {"password": "sesame"}, headers={"X-Forwarded-For": lies[10]}
    )
    assert (closed.status_code, closed.headers["Retry-After"].isdigit()) == (429, True)
    assert "too many wrong passwords. Try again in 6 minutes." in closed.content.decode()
    assert not closed.cookies
    other = visitor.post(page(token), {"password": "sesame"}, REMOTE_ADDR="203.0.113.5")
    assert other.status_code == 302


def test_the_pass_of_a_browser_is_for_this_link_and_these_scripts_cannot_read_it(
    visitor: Client, film: Rendition
) -> None:
    _, token = share(film, password="sesame")
    answer = visitor.post(page(token), {"password": "sesame"})
    cookie = answer.cookies["pass"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (page(token), True, "Lax")
    assert "sesame" not in cookie.value
    _, other = share(film, password="sesame")
    stranger = Client(headers={"Cookie": f"pass={cookie.value}", "User-Agent": BROWSER})
    assert stranger.get(address("shared-video", other, film)).status_code == 404


def test_forms_of_a_link_need_no_token_of_ours(film: Rendition) -> None:
    _, token = share(film, password="sesame")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(page(token), {"password": "sesame"}).status_code == 302


# ── Who is counted ───────────────────────────────────────────────────────────
def views(link: ShareLink) -> int:
    return ShareLink.objects.get(pk=link.pk).view_count


@pytest.mark.data
def test_a_visit_is_counted_once_however_often_it_looks(visitor: Client, film: Rendition) -> None:
    link, token = share(film)
    for _ in range(3):
        visitor.get(page(token))
    assert views(link) == 1
    Client(headers={"User-Agent": BROWSER}).get(page(token))
    assert views(link) == 2
    assert ShareLink.objects.get(pk=link.pk).last_viewed_at


@pytest.mark.data
def test_what_is_no_persons_visit_is_not_counted_and_uses_nothing_up(
    visitor: Client, alice_client: Client, film: Rendition
) -> None:
    link, token = share(film)
    for agent in ("Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1", ""):
        assert visitor.get(page(token), headers={"User-Agent": agent}).status_code == 200
    visitor.head(page(token))
    for ahead in ("Sec-Purpose: prefetch;prerender", "X-Moz: prefetch", "X-Purpose: Preview"):
        name, _, value = ahead.partition(": ")
        visitor.get(page(token), headers={name: value})
    alice_client.get(page(token), headers={"User-Agent": BROWSER})
    assert views(link) == 0
    assert visitor.get(page(token)).status_code == 200
    assert views(link) == 1


@pytest.mark.data
def test_a_phone_that_opens_it_within_a_chat_is_counted(visitor: Client, film: Rendition) -> None:
    link, token = share(film)
    phone = f"{BROWSER} Telegram-Android/11.2.3 (Samsung SM-S921B; Android 15; SDK 35; HIGH)"
    visitor.get(page(token), headers={"User-Agent": phone})
    assert views(link) == 1


def test_who_stands_before_the_password_has_seen_nothing(visitor: Client, film: Rendition) -> None:
    link, token = share(film, password="sesame")
    visitor.get(page(token))
    assert views(link) == 0
    visitor.post(page(token), {"password": "sesame"})
    visitor.get(page(token))
    assert views(link) == 1


# ── On other sites ───────────────────────────────────────────────────────────
def test_only_sites_that_were_named_may_frame_it(visitor: Client, film: Rendition) -> None:
    _, token = share(film, embed_sites="https://a.example https://b.example")
    framed = visitor.get(reverse("shared-embed", args=[token]))
    policy = framed.headers["Content-Security-Policy"]
    assert "frame-ancestors https://a.example https://b.example" in policy
    assert "X-Frame-Options" not in framed.headers
    whole = visitor.get(page(token))
    assert "frame-ancestors 'none'" in whole.headers["Content-Security-Policy"]
    assert whole.headers["X-Frame-Options"] == "DENY"


def oembed(visitor: Client, token: str, **query: object) -> tuple[int, dict[str, Any]]:
    url = f"http://testserver{page(token)}"
    answer = visitor.get(f"{reverse('oembed')}?{urlencode({'url': url, **query})}")
    return answer.status_code, json.loads(answer.content)


def test_a_chat_is_told_title_and_picture(visitor: Client, film: Rendition) -> None:
    _, token = share(film, title="Cut 3")
    status, facts = oembed(visitor, token)
    assert status == 200
    assert (facts["version"], facts["type"], facts["title"]) == ("1.0", "link", "Cut 3")
    assert facts["thumbnail_url"].endswith(f"{film.pk}.jpg")
    assert "html" not in facts


def test_a_site_that_may_frame_it_is_given_the_frame(visitor: Client, film: Rendition) -> None:
    _, token = share(film, title='"><script>', embed_sites="https://a.example")
    _, facts = oembed(visitor, token, maxwidth=640)
    assert (facts["type"], facts["width"], facts["height"]) == ("video", 640, 360)
    assert f"/s/{token}/embed" in facts["html"]
    assert "<script>" not in facts["html"]


def test_nothing_is_told_of_a_link_with_a_password_or_of_no_link(
    visitor: Client, film: Rendition
) -> None:
    assert oembed(visitor, share(film, password="sesame")[1])[0] == 404
    assert oembed(visitor, "x" * 43)[0] == 404
    foreign = f"{reverse('oembed')}?url=https://elsewhere.example{page(share(film)[1])}"
    assert visitor.get(foreign).status_code == 404
    assert visitor.get(f"{reverse('oembed')}?url=//[").status_code == 404


@pytest.mark.data
def test_pieces_of_copies_with_other_texts_are_not_put_together(
    visitor: Client, alice: User
) -> None:
    link, token = share(stored(alice), watermark="First")
    marks = []
    for text in ("First", "Second"):
        shares.change(link, shares.Terms(watermark=text), alice)
        link.refresh_from_db()
        (take,) = shares.takes_of(link)
        (Path(settings.MEDIA_ROOT) / "shares").mkdir(exist_ok=True)
        (Path(settings.MEDIA_ROOT) / take.video).write_bytes(BODY)
        link.takes.update(marking="ready", try_at=None)
        answer: Any = visitor.get(address("shared-video", token, take.file))
        body(answer)
        marks.append(answer["ETag"])
    assert marks[0] != marks[1]


@pytest.mark.parametrize("field", ["name", "text", "at", "password"])
def test_no_form_is_read_in_other_letters_than_ours(
    visitor: Client, film: Rendition, field: str
) -> None:
    _, token = share(film)
    form = f'--X\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n\\ud800\r\n--X--\r\n'
    kind = "multipart/form-data; boundary=X; charset=raw-unicode-escape"
    path = address("shared-review", token, film)
    assert visitor.post(path, form, content_type=kind).status_code == 400


@pytest.mark.data
def test_a_download_that_grew_is_not_gone_on_with(visitor: Client, alice: User) -> None:
    file = stored(alice)
    _, token = share(file, download="4k")
    path = address("shared-download", token, file)
    small: Any = visitor.get(path)
    body(small)
    larger = factories.finish(factories.upgrade(file.job)).renditions.get()
    Rendition.objects.filter(pk=larger.pk).update(sha256="b" * 64)
    rest: Any = visitor.get(path, headers={"Range": "bytes=500-", "If-Range": small["ETag"]})
    assert (rest.status_code, body(rest)) == (200, BODY)


def test_a_link_that_was_made_before_the_larger_copy_plays_it_too(
    visitor: Client, alice: User
) -> None:
    file = stored(alice)
    _, token = share(file, download="4k")
    before = address("shared-video", token, file)
    assert f'src="{before}"' in visitor.get(page(token)).content.decode()
    larger = factories.finish(factories.upgrade(file.job)).renditions.get()
    Rendition.objects.filter(pk=larger.pk).update(sha256="b" * 64)
    now = flat(visitor.get(page(token)).content.decode())
    after = address("shared-video", token, larger)
    assert f'<source src="{before}" media="(max-width: 47.99em)"><source src="{after}">' in now
    played: Any = visitor.get(after)
    assert (played.status_code, body(played)) == (200, BODY)
    assert played["ETag"] == f'"{"b" * 32}"'
    _, other = share(file)
    assert visitor.get(address("shared-video", other, larger)).status_code == 404


@pytest.mark.data
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u200b", None),
        ("\u202e \u2066", None),
        ("\u202eAna\u202c", "Ana"),
        ("  Ana   Prü ", "Ana Prü"),
        ("安娜", "安娜"),
    ],
)
def test_a_visitor_has_a_name_that_can_be_seen_and_turns_no_words_around(
    visitor: Client, film: Rendition, typed: str, kept: str | None
) -> None:
    link, token = share(film)
    said = visitor.post(address("shared-review", token, film), {"kind": "approve", "name": typed})
    assert said.status_code == (302 if kept else 422)
    assert list(link.notes.values_list("name", flat=True)) == ([kept] if kept else [])
