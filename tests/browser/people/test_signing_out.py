"""After signing out nothing that a person typed is left in the browser, in no tab or store."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opener
from tests.support.pages.seen import sign_in
from tests.support.product import Product

DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('draft'))"


def prompt_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Prompt")


def expect_no_drafts(page: Page) -> None:
    """A page forgets when its scripts run, and a heading can be seen before that."""
    page.wait_for_function(f"() => {DRAFTS}.length === 0")


def press_log_out(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()
    page.get_by_role("button", name="Log out").click()


def test_who_signs_out_leaves_no_draft_and_no_page_in_any_tab(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    page = open_page(product, who=who)
    other = page.context.new_page()
    other.goto("/")
    prompt_of(page).fill("A secret campaign")
    prompt_of(other).fill("A secret film")
    page.wait_for_function(f"() => {DRAFTS}.length > 0")
    press_log_out(page, who.username)
    for tab in (page, other):
        expect(tab.get_by_role("heading", name="Sign in to Dailies")).to_be_visible()
        expect(tab.get_by_text("What you typed and")).to_be_hidden()
        tab.go_back()
        expect(tab.get_by_text("secret")).to_have_count(0)
    page.goto("/login/")
    expect_no_drafts(page)
    sign_in(page, who)
    expect(prompt_of(page)).to_have_value("")


def test_drafts_are_gone_though_the_server_was_not_reached(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    page = open_page(product, who=who)
    prompt_of(page).fill("A secret campaign")
    page.route("**/logout/", lambda route: route.fulfill(status=204))
    press_log_out(page, who.username)
    expect_no_drafts(page)


def test_drafts_of_who_was_here_before_are_not_left_to_the_next(
    product: Product, open_page: Opener
) -> None:
    first, second = product.member(), product.member()
    page = open_page(product, who=first)
    prompt_of(page).fill("A secret campaign")
    page.context.clear_cookies(name="sessionid")
    page.goto("/keys/")
    expect(
        page.get_by_text("What you typed and didn’t send is saved on this device.")
    ).to_be_visible()
    sign_in(page, second)
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()
    expect_no_drafts(page)
