"""Keeping order: a video is renamed, deleted, and brought back where one stands."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, MINE, PHONE, Opener
from tests.browser.test_accessible import complaints
from tests.support.pages.seen import card
from tests.support.product import Product

BEAR, OWL = "A tidy bear [[seconds=0.3]]", "A tidy owl [[seconds=0.3]]"
HERE = "/library/?q=tidy"


def come_back_in_the_library(page: Page) -> None:
    """Some, then all are deleted there: they come back to their places, and are counted."""
    page.goto(HERE)
    cards, found = page.locator("#jobs .job"), page.locator("#found")
    nothing = page.get_by_role("heading", name="No videos match")
    before = cards.evaluate_all("all => all.map(each => each.id)")
    day = page.locator(".day")
    place = day.bounding_box()
    for left in (1, 0):
        cards.first.get_by_role("checkbox").click()
        if left == 0:
            page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        expect(found).to_contain_text(f"{left} video")
        expect(cards).to_have_count(left)
        expect(page.locator(".day + .cell .job")).to_have_count(left)
        if left:
            assert day.bounding_box() == place
        expect(nothing).to_have_count(1 - left)
        page.keyboard.press("Control+z")
        expect(found).to_contain_text("2 videos")
        expect(page.locator(".day + .cell .job")).to_have_count(1)
        expect(nothing).to_have_count(0)
        assert cards.evaluate_all("all => all.map(each => each.id)") == before
        page.keyboard.press("Escape")


def act_in_the_project(page: Page, project: str) -> None:
    """On its page videos are selected by click, range and key, and moved away and back."""
    page.get_by_role("navigation", name="Shortcuts").get_by_role("link", name=project).click()
    page.get_by_role("link", name=project, exact=True).first.click()
    cards, bar = page.locator("#jobs .job"), page.get_by_role("region", name="Selected videos")
    expect(page.get_by_role("heading", name="Newest videos")).to_be_visible()
    assert complaints(page, [(DESKTOP, "light"), (PHONE, "dark")]) == []
    cards.first.get_by_role("checkbox").click()
    cards.last.get_by_role("checkbox").click(modifiers=["Shift"])
    expect(bar).to_contain_text("2 selected")
    page.keyboard.press("4")
    expect(page.locator("#jobs .dots")).to_have_count(2)
    page.keyboard.press("Escape")
    cards.last.focus()
    page.keyboard.press("Shift+M")
    page.get_by_role("button", name="No project").click()
    expect(cards).to_have_count(1)
    expect(page.locator("#found")).to_contain_text("1 video")
    expect(page.locator("#filed")).to_have_text("1 video")
    expect(page.get_by_role("link", name="Open in the library")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(cards).to_have_count(2)
    expect(page.locator("#filed")).to_have_text("2 videos")
    expect(page.get_by_role("link", name="All 2 in the library")).to_be_visible()


def test_a_video_is_renamed_and_deleted_by_keys_and_comes_back_by_undo_and_from_the_trash(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    project = f"Tidy {who.number}"
    product.post(who, "/projects/", name=project)
    for prompt in (BEAR, OWL):
        product.generate(who, prompt)
    product.settled(who, "succeeded", "succeeded")
    page = open_page(product, MINE, who=who)
    card(page, BEAR).focus()
    page.keyboard.press("F2")
    dialog = page.get_by_role("dialog", name="Rename")
    assert complaints(page, [(DESKTOP, "dark")]) == []
    dialog.get_by_label("Title").fill("Winter spot")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    bear = card(page, "Winter spot")
    expect(bear).to_be_focused()
    # Of a marked card the menu asks; Enter confirms.
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(bear).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(bear).to_be_visible()
    come_back_in_the_library(page)
    page.goto(MINE)
    for prompt in ("Winter spot", OWL):
        card(page, prompt).get_by_role("checkbox").click()
    page.keyboard.press("Shift+M")
    page.locator("#moving").get_by_role("button", name=project).click()
    expect(page.get_by_text("2 videos moved to")).to_be_visible()
    act_in_the_project(page, project)
    page.goto(MINE)
    for prompt in ("Winter spot", OWL):
        card(page, prompt).get_by_role("checkbox").click()
    page.keyboard.press("Delete")
    expect(page.get_by_text("2 videos deleted.")).to_be_visible()
    expect(page.locator("#jobs .job")).to_have_count(0)
    expect(page.locator("#n-all")).to_have_text("0")
    page.goto("/trash/")
    assert complaints(page, [(PHONE, "light")]) == []
    # Selected as elsewhere: by a range, all and none, and by a click beside the tick.
    thumbs, count = page.locator("#jobs .thumb"), page.locator("[data-count]")
    thumbs.first.click()
    thumbs.last.click(modifiers=["Shift"])
    expect(count).to_have_text("2")
    expect(page.get_by_label("Select all")).to_be_checked()
    page.keyboard.press("Escape")
    expect(count).to_have_text("0")
    page.get_by_role("checkbox", name="Select Winter spot").check()
    page.get_by_role("button", name="Restore selected").click()
    expect(page.get_by_text("1 video restored.")).to_be_visible()
    page.goto(MINE)
    expect(bear).to_be_visible()
    expect(card(page, OWL)).to_have_count(0)
