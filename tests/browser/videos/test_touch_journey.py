"""The day's work with a thumb: many takes chosen, rated, filed, taken away, shared, thrown away."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import MINE, PHONE, Opener
from tests.support.pages.seen import card
from tests.support.product import Product

OTTERS = [f"Otter {number} [[seconds=0.3]]" for number in "123"]
LEAST = 44
"""Pixels of a control that a thumb presses without looking twice."""


def tap(page: Page, *controls: Locator) -> None:
    """Press each, which is wholly on the screen and large enough for it."""
    for control in controls:
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= LEAST, (control, box)
        assert 0 <= box["x"] <= box["x"] + box["width"] <= PHONE["width"], (control, box)
        control.tap()


def select(page: Page) -> Locator:
    """All three in the library; the bar of what can be done with them."""
    page.goto("/library/?q=otter")
    tap(page, page.get_by_role("button", name="Select", exact=True))
    for prompt in OTTERS:
        card(page, prompt).locator(".stage").tap()
    bar = page.get_by_role("region", name="Selected videos")
    expect(bar).to_contain_text("3 selected")
    return bar


def test_three_videos_are_rated_filed_downloaded_shared_and_deleted_by_touch(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    project = f"Otters {who.number}"
    product.post(who, "/projects/", name=project)
    for prompt in OTTERS:
        product.generate(who, prompt)
    product.settled(who, *["succeeded"] * len(OTTERS))
    page = open_page(product, "/", who=who, viewport=PHONE, has_touch=True, is_mobile=True)
    bar = select(page)
    tap(page, bar.get_by_role("button", name="Rate 4 of 5"))
    expect(page.get_by_text("3 videos rated 4.")).to_be_visible()
    tap(page, bar.get_by_role("button", name="Move"))
    tap(page, bar.get_by_role("button", name=project))
    expect(page.get_by_text(f"3 videos moved to {project}.")).to_be_visible()
    tap(page, bar.get_by_role("button", name="Download"))
    expect(page.get_by_role("heading", name="Download 3 videos")).to_be_visible()
    tap(page, page.get_by_role("link", name="Library").first)
    expect(page.locator("#found")).to_be_visible()
    bar = select(page)
    tap(page, bar.get_by_role("button", name="Share"))
    create = page.locator(".share-foot").get_by_role("button", name="Create link")
    expect(create).to_be_in_viewport(ratio=1)
    tap(page, create)
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()
    # What is asked beside a button opens within the page.
    tap(page, page.get_by_text("New address…"))
    tap(page, page.get_by_role("button", name="Create new address"))
    expect(page.get_by_text("The link has a new address.")).to_be_visible()
    bar = select(page)
    tap(page, bar.get_by_role("button", name="More for the selected videos"))
    tap(page, bar.get_by_role("button", name="Delete"))
    expect(page.locator("#found")).to_contain_text("0 videos")
    tap(page, page.get_by_role("button", name="Undo"))
    expect(page.locator("#jobs .job")).to_have_count(3)
    page.goto("/projects/")
    page.get_by_role("link", name=project).first.tap()
    tap(page, page.get_by_role("link", name="All 3 in the library"))
    expect(page.locator("#jobs .job")).to_have_count(3)


def test_what_is_typed_in_the_unfolded_composer_is_seen_above_the_keyboard(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    for number in "123":
        product.generate(who, f"Heron {number} [[seconds=0.3]]")
    page = open_page(product, MINE, who=who, viewport=PHONE, has_touch=True, is_mobile=True)
    card(page, "Heron 1 [[seconds=0.3]]").scroll_into_view_if_needed()
    page.locator("#slim").get_by_role("link").tap()
    prompt = page.get_by_role("textbox", name="Prompt")
    expect(prompt).to_be_focused()
    page.set_viewport_size({"width": PHONE["width"], "height": 400})
    expect(prompt).to_be_in_viewport(ratio=0.9)
