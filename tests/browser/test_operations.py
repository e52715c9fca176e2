"""Every operation of both providers: ordered on the pages, and delivered as a file that plays."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.composing.test_composer import choose, cost
from tests.browser.composing.test_images_journey import choose_mode, photo, thumbnails
from tests.browser.conftest import Opener, opener
from tests.support import product as products
from tests.support.media.played_films import expect_file, played
from tests.support.pages.seen import card, generate
from tests.support.product import Person, Product

FPS = 2
OPTIONS = f"--seconds 1 --queue-seconds 0 --fps {FPS} --reuse-films"
LONG = 90_000
"""Milliseconds for a film to come: one at 4K is drawn behind all the others, and one whose worker
died is fetched anew after a minute.
"""


@dataclass(frozen=True)
class Film:
    """What is ordered, what it costs, and what the file must be."""

    prompt: str
    size: tuple[int, int]
    seconds: int
    credits: int
    kind: str = "generate"
    """In the practice provider's words."""
    provider: str = "kie"

    def __str__(self) -> str:
        return self.prompt.lower().replace(" ", "-")


@dataclass(frozen=True)
class Composed(Film):
    """A video that the studio's form asks for."""

    model: str = ""
    mode: str = "Text"
    pictures: int = 0
    choices: tuple[tuple[str, str], ...] = ()


HD, FULL_HD, UHD = (1280, 720), (1920, 1080), (3840, 2160)
TEXT = Composed("Text at 720p", HD, 8, 60)
REFERENCES = Composed("Three references", HD, 8, 60, mode="References", pictures=3)
VEO4 = Composed("Text for Veo 4", HD, 8, 180, provider="veo4", model="Veo 4 preview")
COMPOSED = (
    TEXT,
    VEO4,
    REFERENCES,
    Composed("Text at 1080p", FULL_HD, 8, 65, choices=(("Resolution", "1080p"),)),
    Composed("Text at 4K", UHD, 8, 150, model="Veo 3.1 Lite", choices=(("Resolution", "4K"),)),
    Composed(
        *("First and last frame", (720, 1280), 4, 60),
        mode="Frames",
        pictures=2,
        choices=(("Aspect ratio", "9:16"), ("Duration", "4 s")),
    ),
    Composed(
        *("Images for Veo 4", (720, 720), 8, 180),
        provider="veo4",
        model="Veo 4 preview",
        mode="References",
        pictures=2,
        choices=(("Aspect ratio", "1:1"),),
    ),
)
TO_4K = Film("Upgrade to 4K", UHD, 8, 120, kind="4k")
TO_1080P = Film("Upgrade to 1080p", FULL_HD, 8, 5, kind="1080p")
EXTENSION = Film("An extension", HD, 15, 60, kind="extend")
VEO4_EXTENSION = Film("An extension at Veo 4", HD, 16, 180, kind="extend", provider="veo4")
GROWN = (TO_4K, TO_1080P, EXTENSION, VEO4_EXTENSION)
CHAINED = Film("An extension of an extension", HD, 22, 60, kind="extend")
ALL = (*COMPOSED, *GROWN, CHAINED)

Addresses = dict[Film, str]
"""Where the job of a film is shown."""


@dataclass(frozen=True)
class Studio:
    """Where all are ordered, by one person in one tab."""

    product: Product
    who: Person
    page: Page


@pytest.fixture(scope="module")
def studio(
    browser: Browser, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """An installation of its own, so that the provider's accounts hold these charges alone."""
    var = tmp_path_factory.mktemp("operations") / "var"
    shutil.copytree(prepared, var)
    with products.started(var, PRACTICE_OPTIONS=OPTIONS) as product, opener(browser) as open_page:
        product.names = ("ada", "kim")
        who = product.member()
        yield Studio(product, who, open_page(product, who=who))


@pytest.fixture(scope="module")
def composed(studio: Studio) -> Addresses:
    """What the form makes, ordered all at once."""
    return {film: compose(studio.page, film) for film in COMPOSED}


@pytest.fixture(scope="module")
def grown(studio: Studio, composed: Addresses) -> Addresses:
    """What is made of finished videos. The size that shuts the door comes last."""
    page = studio.page
    return {
        EXTENSION: extend(page, composed[REFERENCES], EXTENSION),
        VEO4_EXTENSION: extend(page, composed[VEO4], VEO4_EXTENSION),
        TO_4K: upgrade(page, "4K"),
        TO_1080P: upgrade(page, "1080p"),
    }


@pytest.fixture(scope="module")
def chained(studio: Studio, grown: Addresses) -> str:
    return extend(studio.page, grown[EXTENSION], CHAINED)


@pytest.mark.parametrize("film", COMPOSED, ids=str)
def test_what_the_form_orders_is_delivered(
    film: Composed, studio: Studio, composed: Addresses, open_page: Opener
) -> None:
    page = open_page(studio.product, composed[film], who=studio.who)
    expect_delivered(studio, page, film)
    expect(page.locator(".images img")).to_have_count(film.pictures)


@pytest.mark.parametrize("film", GROWN, ids=str)
def test_what_is_made_of_a_video_is_delivered(
    film: Film, studio: Studio, grown: Addresses, open_page: Opener
) -> None:
    expect_delivered(studio, open_page(studio.product, grown[film], who=studio.who), film)


def test_an_extension_is_extended(studio: Studio, chained: str, open_page: Opener) -> None:
    page = open_page(studio.product, chained, who=studio.who)
    expect_delivered(studio, page, CHAINED)
    clips = page.get_by_role("group", name="Clips in order").get_by_role("listitem")
    expect(clips).to_have_count(3)


def test_the_new_part_of_an_extension_is_kept_too(
    studio: Studio, grown: Addresses, open_page: Opener
) -> None:
    page = open_page(studio.product, f"{grown[EXTENSION]}#files", who=studio.who)
    part = page.get_by_role("link", name="Download new part alone")
    expect(part).to_be_visible(timeout=LONG)
    expect_file(page, part, HD, 7, FPS)


@pytest.mark.usefixtures("grown")
def test_the_sizes_of_one_video_stand_together(studio: Studio, open_page: Opener) -> None:
    page = open_page(studio.product, who=studio.who)
    sizes = card(page, TEXT.prompt).locator(".rail :is(a, b).have")
    expect(sizes).to_have_text(["720p", "1080p", "4K"], timeout=LONG)


@pytest.mark.usefixtures("chained")
def test_the_ledger_says_what_the_provider_charged(studio: Studio, open_page: Opener) -> None:
    page = open_page(studio.product, who=studio.who)
    purse, prices = page.locator("#purse"), Counter[str]()
    for film in ALL:
        prices[film.provider] += film.credits
    expect(page.locator("#mini")).not_to_contain_text("reserved", timeout=LONG)
    expect(purse).to_contain_text(f"{5000 - prices.total():,} available")
    state = practice(studio)
    charged = {each["provider"]: each["charged"] for each in state["accounts"].values()}
    assert charged == prices
    assert [task["submissions_accepted"] for task in state["tasks"]] == [1] * len(ALL)


# ── What a person does ───────────────────────────────────────────────────────
def compose(page: Page, film: Composed) -> str:
    """Order it with the studio's form; the address of its page."""
    page.goto("/")
    if film.model:
        page.get_by_label("Model").select_option(film.model)
    choose_mode(page, film.mode)
    for group, value in film.choices:
        choose(page, group, value)
    if film.pictures:
        files = [photo(f"{number}.jpg", 60 * number) for number in range(film.pictures)]
        page.get_by_label("Images").set_input_files(files)
        expect(thumbnails(page)).to_have_count(film.pictures)
    expect(cost(page)).to_have_text(str(film.credits))
    return address(generate(page, film.prompt).get_by_role("link", name=film.prompt, exact=True))


def extend(page: Page, source: str, film: Film) -> str:
    page.goto(source)
    page.get_by_role("button", name="Extend").click(timeout=LONG)
    expect(page.get_by_role("status", name="Cost")).to_have_text(str(film.credits))
    page.get_by_label("Prompt").fill(film.prompt)
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_role("heading", name=film.prompt)).to_be_visible()
    return page.url


def upgrade(page: Page, size: str) -> str:
    """Order it on the card, at the price that is asked before."""
    page.goto("/")
    take = card(page, TEXT.prompt)
    take.get_by_role("button", name="sizes of").click(timeout=LONG)
    sizes = take.get_by_role("dialog", name="Sizes of")
    sizes.get_by_role("button", name=f"Upgrade to {size}").click()
    expect(page.get_by_text(f"{size} ordered.")).to_be_visible()
    return address(sizes.get_by_role("link", name=size, exact=True))


def address(link: Locator) -> str:
    return str(link.get_attribute("href"))


# ── What must have come of it ────────────────────────────────────────────────
def expect_delivered(studio: Studio, page: Page, film: Film) -> None:
    """It succeeded, plays, can be downloaded, and cost its price here and at the provider."""
    player = page.locator("#player")
    expect(player.locator("video")).to_be_visible(timeout=LONG)
    expect(page.locator(".job-head .pill")).to_have_text("Ready")
    assert played(player) == (*film.size, film.seconds)
    expect_file(page, player.get_by_role("link", name="Download"), film.size, film.seconds, FPS)
    expect(page.locator(".books .spent td")).to_have_text(str(film.credits))
    number = page.locator("#external-id").text_content()
    tasks = [(task["id"], task["kind"], task["charged"]) for task in practice(studio)["tasks"]]
    assert (number, film.kind, film.credits) in tasks


def practice(studio: Studio) -> dict[str, Any]:
    """What the practice provider knows of its accounts and tasks."""
    answer = requests.get(f"{studio.product.practice_url}/practice/state.json", timeout=20)
    return dict(answer.json())
