"""The studio from a template to the pick, by keyboard and by touch, on every screen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, MINE, PHONE, Opener
from tests.browser.test_accessible import Theme, complaints
from tests.browser.videos.test_comparing import expect_in_step, pane
from tests.support.pages.seen import expect_status, wait_for_film
from tests.support.product import Person, Product

TABLET = ViewportSize(width=1024, height=768)
PROMPT = "[[seconds=0.3]] A shoe in orbit"
READY = "() => document.documentElement.dataset.ready === ''"


def studio(
    product: Product, who: Person, open_page: Opener, size: ViewportSize, theme: Theme, **touch: Any
) -> Page:
    """The empty studio of somebody with a template of their own."""
    text = "[[seconds=0.3]] {product} in orbit"
    product.post(who, "/templates/new/", name=f"Orbit of {who.username}", text=text)
    page = open_page(product, MINE, who=who, viewport=size, color_scheme=theme, **touch)
    page.wait_for_function(READY)
    return page


def template(page: Page, who: Person) -> Locator:
    """The one of this person in the dialog of templates."""
    dialog = page.get_by_role("dialog", name="Templates")
    dialog.get_by_label("Search templates").fill(who.username)
    return dialog.get_by_role("link", name=f"Use Orbit of {who.username}", exact=True)


def takes(page: Page) -> Locator:
    """Both takes of the order, once they are made."""
    frame = page.get_by_role("region", name="2 takes")
    expect(frame.get_by_role("article")).to_have_count(2)
    for take in frame.get_by_role("article").all():
        expect_status(take, "Succeeded")
    expect(frame.locator(".busy")).to_have_count(0)
    return frame


def expect_opened(page: Page) -> None:
    """Its page, with a player that can be used."""
    page.wait_for_url("**/jobs/**")
    page.wait_for_function(READY)
    wait_for_film(page)


def expect_judged(page: Page) -> None:
    expect(page.locator("[data-timecode]")).to_have_text("00:00:00:01")
    for name in ("Rate 4 of 5", "Favorite"):
        button = page.get_by_role("button", name=name, exact=True)
        expect(button).to_have_attribute("aria-pressed", "true")


def expect_picked(page: Page) -> None:
    expect(page.get_by_text("Picked. 1 other rejected.").last).to_be_visible()
    expect(page.locator(".pane[data-rejected]")).to_have_count(1)


@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "dark"), (TABLET, "light"), (PHONE, "dark")])
def test_two_takes_are_written_watched_and_chosen_between_by_keyboard(
    product: Product, member: Person, open_page: Opener, size: ViewportSize, theme: Theme
) -> None:
    page = studio(product, member, open_page, size, theme)
    keys, look = page.keyboard, [(size, theme)]
    keys.press("Shift+T")
    template(page, member).press("Enter")
    expect(page.get_by_label("product", exact=True)).to_be_focused()
    keys.type("A shoe")
    keys.press("Enter")
    prompt = page.get_by_role("textbox", name="Prompt")
    expect(prompt).to_have_value(PROMPT)
    expect(prompt).to_be_focused()
    page.get_by_role("radio", name="1", exact=True).focus()
    keys.press("ArrowRight")
    expect(page.get_by_label("Cost")).to_have_text("120")
    keys.press("Control+Enter")
    takes(page)
    found = complaints(page, look)

    page.evaluate("document.activeElement.blur()")
    keys.press("j")
    expect(page.get_by_role("article").first).to_be_focused()
    keys.press("Enter")
    expect_opened(page)
    for key in (".", "4", "f"):
        keys.press(key)
    expect_judged(page)
    found += complaints(page, look)

    page.go_back()
    page.wait_for_function(READY)
    keys.press("Control+a")
    expect(page.get_by_role("region", name="Selected videos")).to_contain_text("2 selected")
    keys.press("c")
    page.wait_for_url("**/compare/**")
    expect(page.get_by_role("button", name="Play")).to_be_enabled()
    keys.press("Space")
    expect_in_step(page)
    pane(page, "Take 1").focus()
    keys.press("ArrowRight")
    expect(pane(page, "Take 2")).to_be_focused()
    keys.press("p")
    expect_picked(page)
    assert found + complaints(page, look) == []


@pytest.mark.parametrize(
    ("size", "theme"), [(DESKTOP, "light"), (TABLET, "dark"), (PHONE, "light")]
)
def test_so_they_are_by_touch(
    product: Product, member: Person, open_page: Opener, size: ViewportSize, theme: Theme
) -> None:
    page = studio(product, member, open_page, size, theme, has_touch=True, is_mobile=size == PHONE)
    look = [(size, theme)]
    page.get_by_role("form", name="New video").get_by_role("link", name="Templates").tap()
    template(page, member).tap()
    page.get_by_label("product", exact=True).tap()
    page.keyboard.type("A shoe")
    page.get_by_role("button", name="Use this prompt", exact=True).tap()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value(PROMPT)
    form = page.get_by_role("form", name="New video")
    form.get_by_role("group", name="Takes").get_by_text("2", exact=True).tap()
    form.get_by_role("button", name="Generate 2 takes").tap()
    frame = takes(page)
    found = complaints(page, look)

    frame.get_by_role("link", name=PROMPT, exact=True).first.tap()
    expect_opened(page)
    for name in ("One frame forward", "Rate 4 of 5", "Favorite"):
        page.get_by_role("button", name=name, exact=True).tap()
    expect_judged(page)
    found += complaints(page, look)

    page.go_back()
    page.wait_for_function(READY)
    takes(page).get_by_role("link", name="Compare").tap()
    page.wait_for_url("**/compare/**")
    expect(page.get_by_role("button", name="Play")).to_be_enabled()
    page.get_by_role("button", name="Play").tap()
    expect_in_step(page)
    page.get_by_role("button", name="Pick take 2").tap()
    expect_picked(page)
    assert found + complaints(page, look) == []
