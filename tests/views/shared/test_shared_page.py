"""What a client sees behind a public link, and what not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from jobs import shares
from jobs.models import Rendition, SharedTake, Team, User
from tests.support import factories
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

PROMPT = "A lighthouse in the rain"
SEED = 31_337


@pytest.fixture
def film(alice: User) -> Rendition:
    return factories.film(alice, prompt=PROMPT, seed=SEED)


def share(film: Rendition, *more: Rendition, **terms: Any) -> str:
    """The address of a link to these films."""
    _, token = shares.create([film, *more], shares.Terms(**terms), film.job.owner)
    return reverse("shared", args=[token])


def look(address: str, status: int = 200) -> str:
    """What a stranger gets there."""
    response = Client().get(address)
    assert response.status_code == status
    return response.content.decode()


def said(page: str) -> str:
    """What is to be read on it."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def meta(page: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', page))


def mark(address: str, marking: str) -> None:
    """As if a worker had come this far with the watermarks of the link."""
    link = shares.find(address.split("/")[2])
    SharedTake.objects.filter(link=link).update(marking=marking, try_at=None)


# ── What is told ─────────────────────────────────────────────────────────────
def test_prompt_seed_and_person_stay_in_the_house(film: Rendition) -> None:
    page = look(share(film, title="For Tomas"))
    for secret in (PROMPT, str(SEED), "alice", "How it was made"):
        assert secret not in page


@pytest.mark.parametrize(
    ("term", "words"),
    [("shows_prompt", PROMPT), ("shows_seed", f"Seed {SEED}"), ("shows_person", "by alice")],
)
def test_each_of_them_is_told_where_its_owner_wants_it(
    film: Rendition, term: str, words: str
) -> None:
    page = said(look(share(film, **{term: True})))
    assert words in page
    others = {PROMPT, f"Seed {SEED}", "by alice"} - {words}
    assert not [each for each in others if each in page]


def test_the_page_says_what_the_film_is(film: Rendition) -> None:
    page = said(look(share(film, title="For Tomas")))
    assert f"{timezone.localdate(film.job.created_at):%-d %b %Y} 0:08 720p Veo 3.1 Fast" in page


def test_it_says_that_a_machine_made_it(film: Rendition) -> None:
    day = f"{timezone.localdate(film.job.created_at):%-d %b %Y}"
    assert f"AI-generated video Made with Veo 3.1 Fast on {day}" in said(look(share(film)))


def test_it_says_when_it_ends_if_it_does(film: Rendition) -> None:
    end = timezone.now() + timedelta(days=30)
    assert f"Link expires {timezone.localdate(end):%-d %b %Y}" in said(
        look(share(film, expires_at=end))
    )
    assert "expires" not in said(look(share(film)))


def test_the_note_keeps_its_lines_and_loses_its_tags(film: Rendition) -> None:
    page = look(share(film, note="Hi Tomas,\n\nwhat about <script>this</script>?"))
    assert "<p>Hi Tomas,</p>" in flat(page)
    assert "&lt;script&gt;this&lt;/script&gt;" in page


def test_the_team_is_named_and_dailies_where_it_has_no_name(film: Rendition) -> None:
    address = share(film, title="For Tomas")
    assert "<title>For Tomas · Dailies</title>" in look(address)
    Team.objects.update_or_create(pk=1, defaults={"name": "Northlight & Co"})
    page = look(address)
    assert "<title>For Tomas · Northlight &amp; Co</title>" in page
    assert "Northlight &amp; Co</span></header>" in flat(page)


# ── The player ───────────────────────────────────────────────────────────────
def player(page: str) -> str:
    found = re.search(r"<video [^>]*>", flat(page))
    assert found
    return found.group()


def test_the_film_waits_for_its_viewer_and_keeps_its_place(film: Rendition) -> None:
    tag = player(look(share(film, title="For Tomas")))
    for words in ('preload="none"', 'width="1280"', 'height="720"', "playsinline", "For Tomas"):
        assert words in tag


def test_its_picture_comes_first(film: Rendition) -> None:
    page = look(share(film))
    poster = re.search(r'poster="([^"]+)"', player(page))
    assert poster
    preload = f'<link rel="preload" href="{poster[1]}" as="image"'
    assert preload in page
    assert page.index(preload) < page.index("stylesheet")


def test_a_film_without_a_picture_is_still_played(film: Rendition) -> None:
    Rendition.objects.update(poster="", width=None, height=None)
    page = look(share(film))
    assert "poster=" not in page
    assert 'as="image"' not in page
    assert 'width="1280" height="720"' in player(page)


def test_an_upright_film_has_its_words_beside_it(film: Rendition) -> None:
    address = share(film)
    assert '<main class="share"' in look(address)
    Rendition.objects.update(width=720, height=1280)
    assert '<main class="share tall"' in look(address)


def test_a_download_names_the_size_it_brings(film: Rendition) -> None:
    assert "Download 720p" in said(look(share(film, download="4k")))
    assert "Download" not in said(look(share(film)))


def test_a_film_whose_watermark_is_not_drawn_yet_is_not_shown(film: Rendition) -> None:
    address = share(film, watermark="For Tomas", download="720p")
    page = look(address)
    assert "This video is being prepared" in page
    assert f'<a class="btn" href="{address}?take=1">Reload</a>' in page
    for tag in ("<video", "poster", "og:image", "Download"):
        assert tag not in page
    mark(address, "ready")
    assert "<video" in look(address)


def test_nor_one_whose_watermark_cannot_be_drawn(film: Rendition) -> None:
    address = share(film, watermark="For Tomas")
    mark(address, "failed")
    page = look(address)
    assert "This video cannot be shown" in page
    assert "Reload" not in page
    assert "<video" not in page


# ── Several takes ────────────────────────────────────────────────────────────
@pytest.fixture
def three(alice: User) -> Sequence[Rendition]:
    return [factories.film(alice, prompt=prompt) for prompt in ("One", "Two", "Three")]


def tiles(page: str) -> list[str]:
    return re.findall(r'<li><a href="([^"]+)"', flat(page))


def test_one_film_needs_no_choice(film: Rendition) -> None:
    page = look(share(film, title="For Tomas"))
    assert tiles(page) == []
    assert "Video 1" not in page


def test_each_take_is_a_plain_link(three: Sequence[Rendition]) -> None:
    address = share(*three, title="Round 3")
    page = look(address)
    assert tiles(page) == [f"{address}?take={place}" for place in (1, 2, 3)]
    assert "Video 1 of 3" in page
    assert "Video 2 0:08" in said(page)
    second = look(f"{address}?take=2")
    assert f'href="{address}?take=2" aria-current="page"' in second
    assert second.count("aria-current") == 1
    assert str(three[1].pk) in player(second)
    assert "<title>Round 3, video 2 · Dailies</title>" in second


def test_takes_of_a_link_without_a_title_are_told_apart(three: Sequence[Rendition]) -> None:
    assert "<h1>Video 3</h1>" in flat(look(f"{share(*three)}?take=3"))


@pytest.mark.parametrize("wanted", ["0", "4", "-1", "x", "", "٢", "9" * 5000])
def test_a_take_that_is_not_there_is_the_first(three: Sequence[Rendition], wanted: str) -> None:
    assert str(three[0].pk) in player(look(f"{share(*three)}?take={wanted}"))


def test_their_pictures_are_fetched_when_they_are_seen(three: Sequence[Rendition]) -> None:
    page = look(share(*three))
    pictures = re.findall(r"<img [^>]*>", flat(page).partition('<nav class="takes"')[2])
    assert len(pictures) == 3
    for picture in pictures:
        assert 'loading="lazy"' in picture
        assert 'width="1280" height="720"' in picture


def test_many_takes_cost_no_more_questions(film: Rendition, three: Sequence[Rendition]) -> None:
    counts = []
    for films in ([film], [film, *three]):
        address = share(*films, download="4k", shows_prompt=True, shows_person=True)
        with CaptureQueriesContext(connection) as asked:
            look(address)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# ── What a chat is told ──────────────────────────────────────────────────────
def test_a_chat_is_told_the_title_and_the_picture(film: Rendition) -> None:
    address = share(film, title="For “Tomas” & Co")
    page = look(address)
    told = meta(page)
    host = "http://testserver"
    assert told["og:type"] == "video.other"
    assert told["og:title"] == "For “Tomas” &amp; Co"
    assert told["og:url"] == host + address
    assert told["og:image"] == f"{host}{address}{film.pk}.jpg"
    assert told["twitter:card"] == "summary_large_image"
    assert not [name for name in told if "video" in name]
    assert f'type="application/json+oembed" href="{host}{reverse("oembed")}?url=' in page


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (3840, 2160), (640, 480)])
def test_the_picture_is_as_large_as_it_is_said_to_be(
    film: Rendition, size: tuple[int, int]
) -> None:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir()
    poster = Image.new("RGB", size)
    poster.thumbnail((960, 960))  # as the archive does
    poster.save(folder / film.poster)
    Rendition.objects.update(width=size[0], height=size[1])
    address = share(film)
    told = meta(look(address))
    (folder / "got.jpg").write_bytes(Client().get(told["og:image"]).content)
    with Image.open(folder / "got.jpg") as got:
        assert got.format == "JPEG"
        assert (told["og:image:width"], told["og:image:height"]) == tuple(map(str, got.size))


def test_behind_a_password_a_chat_is_told_nothing(film: Rendition) -> None:
    address = share(film, title="For Tomas", password="sesame")
    client = Client()
    door = client.get(address).content.decode()
    inside = client.post(address, {"password": "sesame"}, follow=True).content.decode()
    assert "This link needs a password" in door
    assert "For Tomas" not in door
    assert "<h1>For Tomas</h1>" in flat(inside)
    for page in (door, inside):
        for trace in ("og:", "twitter:", "oembed", 'name="description"'):
            assert trace not in page


# ── The door, the end and the frame ──────────────────────────────────────────
def test_a_wrong_password_is_said_beside_its_field(film: Rendition) -> None:
    address = share(film, password="sesame")
    response = Client().post(address, {"password": "guess"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "Wrong password." in page
    assert "guess" not in page
    assert 'aria-invalid="true"' in page


def test_whatever_is_over_looks_like_what_never_was(film: Rendition) -> None:
    revoked, expired = share(film), share(film, expires_at=timezone.now() - timedelta(days=1))
    link = shares.find(revoked.split("/")[2])
    shares.revoke(link, film.job.owner)
    never = look(reverse("shared", args=["nothing"]), 404)
    assert "Nothing here anymore" in never
    for address in (revoked, expired, f"{share(film)}embed"):
        assert look(address, 404) == never


def test_a_frame_holds_the_player_and_a_way_out(film: Rendition) -> None:
    address = share(film, title="For Tomas", embed_sites="https://client.example")
    page = look(f"{address}embed")
    assert '<h1 class="sr">For Tomas</h1>' in flat(page)
    assert 'preload="none"' in player(page)
    assert f'href="http://testserver{address}" target="_blank" rel="noopener"' in page
    assert PROMPT not in page


# ── What every one of them keeps to ──────────────────────────────────────────
@pytest.fixture
def everything(film: Rendition, three: Sequence[Rendition]) -> dict[str, str]:
    terms = dict.fromkeys(("shows_prompt", "shows_seed", "shows_person"), True)
    full = share(film, *three, title="Round 3", note="Hi", download="4k", **terms)
    framed = share(film, embed_sites="https://client.example")
    unready = share(film, watermark="For Tomas")
    return {
        "page": look(full),
        "unready": look(unready),
        "frame": look(f"{framed}embed"),
        "door": look(share(film, password="sesame")),
        "over": look("/s/nothing/", 404),
    }


def test_nothing_is_asked_of_another_host(everything: dict[str, str]) -> None:
    for page in everything.values():
        addresses = re.findall(
            r'\b(?:href|src|action|poster|content)="(?:https?:)?//([^/"]+)', page
        )
        assert set(addresses) <= {"testserver"}


def test_none_needs_inline_script_or_style(everything: dict[str, str]) -> None:
    for page in everything.values():
        assert not re.search(r"<style|<script(?! src=)|\s(style|on\w+)=|javascript:", page)


def test_each_travels_compressed(film: Rendition) -> None:
    framed = share(film, embed_sites="https://client.example")
    guarded = share(film, password="sesame")
    client = Client(headers={"accept-encoding": "gzip, br"})
    for address in (framed, f"{framed}embed", guarded, "/s/nothing/"):
        assert client.get(address).headers["Content-Encoding"] == "br"


def test_none_is_for_search_engines(everything: dict[str, str]) -> None:
    for page in everything.values():
        assert meta(page)["robots"] == "noindex"


def test_none_loads_what_only_the_team_needs(everything: dict[str, str]) -> None:
    for page in everything.values():
        assert sorted(re.findall(r"css/(\w+)[^\"]*\.css", page)) == ["shared"]
        assert set(re.findall(r"js/(\w+)[^\"]*\.js", page)) <= {"once", "shared", "times"}


def test_none_says_who_is_at_work_here(everything: dict[str, str]) -> None:
    for name in ("unready", "frame", "door", "over"):
        assert "alice" not in everything[name]
