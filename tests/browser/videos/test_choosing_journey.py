"""Choosing among many takes: by keys, by touch, and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Opener
from tests.browser.test_accessible import complaints
from tests.support.pages.seen import card
from tests.support.product import Person, Product

FOXES = [f"Fox {number} [[seconds=0.3]]" for number in "123"]


@pytest.fixture(scope="module")
def culling(product: Product) -> Person:
    """Somebody with three takes."""
    who = product.member()
    for prompt in FOXES:
        product.generate(who, prompt)
    product.settled(who, *["succeeded"] * len(FOXES))
    return who


def tick(page: Page, prompt: str) -> Locator:
    return card(page, prompt).get_by_role("checkbox")


def listed(page: Page) -> set[str]:
    """The keys that the dialog lists, which stays open."""
    page.evaluate("document.querySelector('[data-keyboard]').click()")
    return set(page.locator("#keyboard dt .kbd").all_inner_texts())


def without_letters(page: Page) -> None:
    page.get_by_label("Single-letter keys").uncheck()
    page.keyboard.press("Escape")


def chosen_by(page: Page, letters: list[str]) -> list[str]:
    """What these keys set off: what was sent, and where it led."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    for letter in letters:
        page.keyboard.press(letter.lower())
    page.evaluate("new Promise(requestAnimationFrame)")
    return [url for url in sent if "/choose/" in url or "/compare/" in url]


def test_many_are_chosen_by_keys_whatever_comes_meanwhile_and_a_click_is_taken_back(
    product: Product, culling: Person, open_page: Opener
) -> None:
    page = open_page(product, who=culling)
    bar = page.get_by_role("region", name="Selected videos")
    tick(page, FOXES[2]).click()
    tick(page, FOXES[0]).click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    page.keyboard.press("4")
    expect(page.get_by_text("3 videos rated 4.")).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_text("3 videos are favorites now.")).to_be_visible()
    # A live update replaces the cards, and not the selection.
    one = (tick(page, FOXES[0]).get_attribute("value") or "").strip()
    product.post(product.admin, "/jobs/choose/", do="rate-2", video=one)
    page.evaluate("refresh()")
    expect(card(page, FOXES[0]).get_by_text("Rated 2 of 5")).to_be_attached()
    expect(bar).to_contain_text("3 selected")
    page.keyboard.press("t")
    page.get_by_role("combobox", name="Tags, with commas between").fill("night, hero")
    assert complaints(page) == []
    page.keyboard.press("Enter")
    expect(card(page, FOXES[1]).get_by_role("link", name="night")).to_be_visible()
    expect(page.get_by_text("3 videos tagged “night”, “hero”.")).to_be_visible()
    expect(page.locator("#tagging")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    # Without a selection a key is for the card that has the focus.
    card(page, FOXES[1]).focus()
    expect(card(page, FOXES[1])).to_be_focused()
    page.keyboard.press("x")
    expect(card(page, FOXES[1]).locator(".choice")).to_contain_text("Rejected")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone for 1 video.")).to_be_visible()
    expect(card(page, FOXES[1]).locator(".choice")).to_contain_text("Favorite")
    # All of these keys are listed; who turns single letters off sets off nothing with them.
    letters = ["F", "X", "0", *"12345", "T", "C"]
    keys = listed(page)
    assert {*letters, "Ctrl + A", "Ctrl + Z", "Esc"} <= keys
    without_letters(page)
    tick(page, FOXES[1]).click()
    sent = chosen_by(page, letters)
    expect(bar).to_contain_text("1 selected")
    card(page, FOXES[1]).get_by_role("link", name=FOXES[1]).first.click()
    expect(page.locator("#choice")).to_be_visible()
    assert {"X", "0", *"12345", "T", "Ctrl + Z"} <= listed(page)
    page.keyboard.press("Escape")
    assert sent + chosen_by(page, ["X", "0", *"12345", "T"]) == []


def test_on_a_phone_select_makes_a_touch_choose(
    product: Product, culling: Person, open_page: Opener
) -> None:
    page = open_page(product, who=culling, viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Select", exact=True).tap()
    for prompt in FOXES[:2]:
        card(page, prompt).locator(".stage").tap()
        expect(tick(page, prompt)).to_be_checked()
    assert page.locator("video").count() == 0
    assert complaints(page, [(PHONE, "dark")]) == []
    page.get_by_role("region", name="Selected videos").get_by_role(
        "button", name="Rate 5 of 5"
    ).tap()
    expect(page.get_by_text("2 videos rated 5.")).to_be_visible()
    page.get_by_label("All shown").tap()
    for prompt in FOXES:
        expect(tick(page, prompt)).to_be_checked()
    page.get_by_role("button", name="Clear").tap()
    expect(tick(page, FOXES[0])).not_to_be_checked()


def test_videos_are_chosen_tagged_and_filtered_without_scripts(
    product: Product, culling: Person, open_page: Opener
) -> None:
    page = open_page(product, who=culling, java_script_enabled=False)
    for prompt in FOXES[:2]:
        tick(page, prompt).check()
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("Tags, with commas between").fill("snow")
    page.get_by_role("button", name="Add tag").click()
    expect(page.get_by_text("2 videos tagged “snow”.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 2 videos.")).to_be_visible()
    tick(page, FOXES[2]).check()
    page.get_by_role("button", name="Rate 3 of 5").click()
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Rating", exact=True).select_option("3")
    page.get_by_role("button", name="Apply").click()
    expect(card(page, FOXES[2])).to_be_visible()
    page.get_by_role("link", name="Favorites").click()
    expect(page.get_by_role("heading", name="Favorites")).to_have_count(0)
