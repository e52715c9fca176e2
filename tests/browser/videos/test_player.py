"""The player of a video’s page: frame by frame, at every size, by keyboard and by touch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import ROOT
from tests.browser.conftest import PHONE, Opener
from tests.browser.test_accessible import complaints
from tests.support.pages.seen import wait_for_film
from tests.support.product import Person, Product

FRAMES_JS = ROOT / "static" / "js" / "frames.js"


def labels(nominal: int, dropped: int) -> Iterator[str]:
    """What editors call the frames of a film, one after the other: SMPTE 12M, counted out."""
    for minute in range(24 * 60):
        for second in range(60):
            left_out = dropped if second == 0 and minute % 10 else 0
            for frame in range(left_out, nominal):
                mark = ";" if dropped else ":"
                yield f"{minute // 60:02}:{minute % 60:02}:{second:02}{mark}{frame:02}"


@pytest.mark.parametrize(
    ("rate", "nominal", "dropped"),
    [
        ("24", 24, 0),
        ("24000/1001", 24, 0),
        ("25", 25, 0),
        ("30000/1001", 30, 2),
        ("30", 30, 0),
        ("60000/1001", 60, 4),
    ],
)
def test_every_frame_has_the_timecode_that_editors_give_it(
    browser: Browser, rate: str, nominal: int, dropped: int
) -> None:
    page = browser.new_page()
    page.add_script_tag(path=FRAMES_JS)
    number = 11 * 60 * nominal
    told, missed = page.evaluate(
        """([rate, number]) => {
            const clock = new FrameRate(rate);
            const all = [...Array(number).keys()];
            const missed = all.filter(n => clock.at(clock.time(n)) !== n);
            return [all.map(n => clock.timecode(n)).join(), missed];
        }""",
        [rate, number],
    )
    page.close()
    assert told.split(",") == list(islice(labels(nominal, dropped), number))
    assert missed == []


PROMPT = "[[seconds=0.3]] A ferry crosses"
SHOWN = """() => {
    const video = document.querySelector("#player video");
    return {paused: video.paused, rate: video.playbackRate, height: video.videoHeight};
}"""


def shown(page: Page) -> dict[str, Any]:
    facts: dict[str, Any] = page.evaluate(SHOWN)
    return facts


def film_of(product: Product, who: Person, page: Page) -> None:
    """Open the page of a finished video with a 1080p copy."""
    product.generate(who, PROMPT)
    product.settled(who, "succeeded")
    page.reload()
    page.get_by_role("link", name=PROMPT, exact=True).click()
    page.wait_for_url("**/jobs/**")
    page.get_by_role("button", name="Upgrade to 1080p").click()
    expect(page.get_by_role("group", name="Playback size").get_by_role("link")).to_have_count(2)


def test_an_editor_finds_every_frame_by_keyboard_and_news_disturb_nothing(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    page = open_page(product, who=who)
    film_of(product, who, page)
    timecode = page.locator("[data-timecode]")
    page.locator("#player video").evaluate("video => { video.currentTime = 2.1; }")
    expect(timecode).to_have_text("00:00:02:00")  # four frames a second
    for key, there in ((".", "02:01"), (".", "02:02"), (",", "02:01"), ("ArrowRight", "03:01")):
        page.keyboard.press(key)
        expect(timecode).to_have_text(f"00:00:{there}")
    page.keyboard.down("k")
    page.keyboard.press("l")
    expect(timecode).to_have_text("00:00:03:02")
    page.keyboard.up("k")

    # Wound ahead twice as fast, then back to its very beginning.
    page.keyboard.press("l")
    page.keyboard.press("l")
    assert shown(page) == {"paused": False, "rate": 2, "height": 1080}
    for _ in range(3):
        page.keyboard.press("j")
    expect(timecode).to_have_text("00:00:00:00")
    assert shown(page)["paused"]

    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Favorite")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="One frame forward").click()
    page.get_by_label("Speed").select_option("0.5")
    page.get_by_role("button", name="Loop").click()
    page.get_by_text("Details", exact=True).click()
    page.get_by_role("link", name="720p", exact=True).click()
    page.wait_for_function(f"() => ({SHOWN})().height === 720")
    expect(timecode).to_have_text("00:00:00:01")

    # An upgrade to 4K comes: neither the size, nor the moment, nor what is open is lost.
    page.get_by_role("button", name="Upgrade to 4K").click()
    page.wait_for_url("**/jobs/**")
    expect(page.get_by_label("Speed")).to_be_visible()
    page.get_by_role("link", name="720p", exact=True).click()
    page.keyboard.press(".")
    expect(page.locator("#details")).to_have_attribute("open", "")
    expect(page.get_by_role("link", name="4K", exact=True)).to_be_visible()
    expect(timecode).to_have_text("00:00:00:01")
    page.wait_for_function(f"() => ({SHOWN})().height === 720")
    expect(page.locator("#timeline")).to_be_visible()
    page.goto(f"{page.url.split('?')[0]}#timeline")
    assert complaints(page) == []


def test_a_phone_plays_the_small_file_until_it_is_asked_for_more(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    desk = open_page(product, who=who)
    film_of(product, who, desk)
    page = open_page(
        product, desk.url.removeprefix(product.url), who=who, viewport=PHONE, has_touch=True
    )
    assert wait_for_film(page)["height"] == 720
    page.get_by_role("button", name="One frame forward").tap()
    expect(page.locator("[data-timecode]")).to_have_text("00:00:00:01")
    page.get_by_role("link", name="1080p", exact=True).tap()
    page.wait_for_function(f"() => ({SHOWN})().height === 1080")
    expect(page.locator("[data-timecode]")).to_have_text("00:00:00:01")
    for name in ("Play", "One frame back", "One frame forward", "Loop", "Mute", "Full screen"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44, name
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
