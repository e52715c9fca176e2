"""The library in a browser: scrolled, selected across its pages, left and come back to."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener
from tests.browser.test_accessible import complaints
from tests.support import product as products
from tests.support.product import Person, Product

TOP = "document.getElementById(id)?.getBoundingClientRect().top"
ORDERS, ALL = 7, 28
"""Orders of four takes: more than a page of the library."""


@pytest.fixture(scope="module")
def shelves(
    browser: Browser, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Product, Person]]:
    """Pages alone, and somebody with more videos than one of the library holds; four are old."""
    var = tmp_path_factory.mktemp("library") / "var"
    with products.web_alone(prepared, var) as product:
        who = product.member()
        for number in range(ORDERS):
            product.generate(who, f"Gull {number}", takes="4")
        database = sqlite3.connect(product.var / "db.sqlite3", timeout=20)
        with database:
            old = "UPDATE jobs_job SET created_at = '2026-01-10 12:00:00' WHERE prompt = 'Gull 0'"
            database.execute(old)
        database.close()
        yield product, who


def test_cards_come_while_one_scrolls_are_selected_together_and_back_leads_to_its_place(
    shelves: tuple[Product, Person], open_page: Opener
) -> None:
    product, who = shelves
    page = open_page(product, "/library/", who=who, timezone_id="Pacific/Kiritimati")
    cards = page.locator("#jobs .job")
    expect(cards).to_have_count(24)
    page.keyboard.press("Control+a")
    expect(page.get_by_text("24 selected")).to_be_visible()
    page.get_by_label(f"All {ALL} that match").check()
    expect(page.get_by_text(f"{ALL} selected")).to_be_visible()
    bar = page.get_by_role("region", name="Selected videos")
    expect(bar.get_by_role("button", name="Download")).to_be_visible()
    expect(bar.get_by_role("button", name="Compare")).to_be_hidden()
    page.keyboard.press("c")
    page.keyboard.press("4")
    expect(page.get_by_text(f"{ALL} videos rated 4.")).to_be_visible()
    page.keyboard.press("Escape")
    cards.last.scroll_into_view_if_needed()
    expect(cards).to_have_count(ALL)
    expect(cards.last).to_contain_text("Rated 4 of 5")
    # In the zone of who reads it is another day than at the server.
    expect(page.locator(".day").last).to_have_text("Sunday, 11 Jan 2026")
    assert page.locator(".day").count() == 2
    cards.last.get_by_role("checkbox").click()
    cards.first.get_by_role("checkbox").click(modifiers=["Shift"])
    expect(page.get_by_text(f"{ALL} selected")).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_text(f"{ALL} videos are favorites now.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Selected videos")).to_be_hidden()
    cards.last.scroll_into_view_if_needed()
    last = cards.last.get_attribute("id")
    expect(page).to_have_url(re.compile("after=.*#job-"))
    top = page.evaluate(f"id => {TOP}", last)
    cards.last.get_by_role("link", name="Gull 0").first.click()
    expect(page.locator("#choice")).to_be_visible()
    page.go_back()
    page.wait_for_function(f"([id, top]) => Math.abs({TOP} - top) < 40", arg=[last, top])
    # What stands before it comes above it, and moves nothing.
    page.get_by_role("link", name="Videos before these").click()
    expect(cards).to_have_count(ALL)


@pytest.mark.parametrize("is_phone", [False, True])
def test_a_video_that_is_deleted_on_its_page_leaves_the_library_in_its_place_also_by_touch(
    shelves: tuple[Product, Person], open_page: Opener, *, is_phone: bool
) -> None:
    product, who = shelves
    phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True} if is_phone else {}
    press = Locator.tap if is_phone else Locator.click
    page = open_page(product, "/library/", who=who, color_scheme="dark", **phone)
    cards = page.locator("#jobs .job")
    cards.last.scroll_into_view_if_needed()
    expect(cards).to_have_count(ALL)
    card, follower = (cards.nth(number).get_attribute("id") or "" for number in (22, 23))
    product.post(who, f"/jobs/{card.removeprefix('job-')}/cancel/")
    title = page.locator(f"[id='{card}'] .job-title a")
    press(title)
    # The way back at the top of the page leads to the place, as Back does, and not to the first.
    press(page.locator(".crumbs .back"))
    expect(title).to_be_in_viewport()
    press(title)
    press(page.get_by_role("button", name="Delete", exact=True))
    expect(page.get_by_text("1 video deleted.")).to_be_visible()
    expect(page.locator(f"[id='{follower}']")).to_be_in_viewport()
    press(page.get_by_role("button", name="Undo"))
    expect(page.locator(f"[id='{card}']")).to_be_attached()


def test_a_card_out_of_reach_of_the_poll_is_live_once_it_is_seen(
    shelves: tuple[Product, Person], open_page: Opener
) -> None:
    product, who = shelves
    page = open_page(product, "/library/?sort=oldest", who=who)
    # As if an address held a few cards alone.
    few = page.request.get(page.locator("script[src*='/cards.']").get_attribute("src") or "").text()
    few = few.replace("CARDS_TOLD = 150", "CARDS_TOLD = 8")
    page.route(
        "**/js/cards*.js", lambda route: route.fulfill(body=few, content_type="text/javascript")
    )
    page.reload()
    cards = page.locator("#jobs .job")
    first = cards.first
    video = (first.get_attribute("id") or "").removeprefix("job-")
    cards.last.scroll_into_view_if_needed()
    expect(cards).to_have_count(ALL)
    cards.last.scroll_into_view_if_needed()
    with page.expect_response(lambda answer: "/library/live/" in answer.url and answer.ok):
        product.post(who, f"/jobs/{video}/title/", title="Far up")
        page.evaluate("refresh()")
    expect(first).not_to_contain_text("Far up")
    first.scroll_into_view_if_needed()
    expect(first).to_contain_text("Far up")


def test_a_phone_filters_in_a_sheet_and_saves_what_it_shows_also_without_scripts(
    shelves: tuple[Product, Person], open_page: Opener
) -> None:
    product, who = shelves
    for name in ("Of last spring", "Of the summer", "Of the autumn"):
        product.post(who, "/library/views/", name=name, query=f"q={name}", is_shared="on")
    page = open_page(product, "/library/", who=who, viewport=PHONE, has_touch=True, is_mobile=True)
    # More views than a phone is wide go on to the side, and take the page with them nowhere.
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.get_by_role("button", name="Filter", exact=True).tap()
    sheet = page.locator("#find")
    expect(sheet.get_by_role("button", name="Show videos")).to_be_in_viewport()
    assert complaints(page, [(PHONE, "light"), (PHONE, "dark")]) == []
    sheet.get_by_label("To", exact=True).fill("2026-02-01")
    sheet.get_by_role("button", name="Show videos").tap()
    expect(page.locator("#jobs .job")).to_have_count(4)
    page.get_by_role("button", name="Save view").tap()
    page.locator("#save-view").get_by_label("Name").fill("Before spring")
    page.locator("#save-view").get_by_role("button", name="Save view").tap()
    expect(page.get_by_role("link", name="Before spring")).to_have_attribute("aria-current", "page")
    assert complaints(page, [(PHONE, "light"), (DESKTOP, "dark")]) == []
    page.get_by_role("link", name="To 2026-02-01 remove this filter").tap()
    expect(page.locator("#jobs .job")).to_have_count(24)
    plain = open_page(product, "/library/", who=who, java_script_enabled=False)
    plain.get_by_role("link", name="More videos").click()
    expect(plain.locator("#jobs .job")).to_have_count(4)
    plain.get_by_role("link", name="Videos before these").click()
    expect(plain.locator("#jobs .job")).to_have_count(24)
