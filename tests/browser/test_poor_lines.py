"""On a poor line: what is pressed there gets no answer, or comes before a page is whole."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import MINE, PHONE, Opener
from tests.support.product import Person, Product
from tests.support.seen import card, expect_status, generate

BROKEN = "ERR_FAILED|Failed to (fetch|load)"
PROMPT = "[[seconds=0.3]] A heron in the rain"


def cut(page: Page, path: str) -> None:
    """Have what is sent there get no answer."""
    page.route(re.compile(path), lambda route: route.abort())


def test_a_title_that_got_no_answer_stays_typed_and_is_saved_by_pressing_again(
    product: Product, member: Person, open_page: Opener
) -> None:
    product.generate(member, PROMPT)
    page = open_page(product, MINE, who=member, may_fail=BROKEN)
    card(page, PROMPT).focus()
    page.keyboard.press("F2")
    dialog = page.get_by_role("dialog", name="Rename")
    dialog.get_by_label("Title").fill("Rain")
    cut(page, "/title/")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_have_text("The server didn’t respond. Try again.")
    page.unroute_all()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("article", name="Rain", exact=True)).to_be_visible()


def test_credits_of_which_no_answer_came_are_granted_once_by_pressing_again(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/team/", who=product.admin, may_fail=BROKEN, viewport=PHONE)
    page.get_by_role("link", name=f"Grant credits to {member.username}", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Credits", exact=True).fill("70")
    dialog.get_by_label("Reason").fill("For the rain")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(re.compile("/team/"), lose_the_answer)
    dialog.get_by_role("button", name="Grant credits").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Press the button again: it counts once.")
    page.unroute_all()
    expect(dialog.get_by_label("Reason")).to_have_value("For the rain")
    dialog.get_by_role("button", name="Grant credits").click()
    expect(dialog).to_be_hidden()
    page.goto("/team/")
    expect(page.locator(f"#person-{member.number}")).to_contain_text("5,070")


def test_no_poll_takes_away_what_is_said_of_a_press(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail=BROKEN)
    made = generate(page, PROMPT)
    expect_status(made, "Succeeded")
    product.generate(member, "[[stuck]] Something that keeps the page asking")
    cut(page, "/choose/")
    made.focus()
    page.keyboard.press("f")
    said = page.get_by_role("alert").filter(has_text="choosing the same twice does no harm")
    expect(said).to_be_visible()
    with page.expect_response(re.compile("/live")):
        page.evaluate("htmx.trigger('#live', 'refresh')")
    expect(said).to_be_visible()
    page.unroute_all()
    made.focus()
    page.keyboard.press("f")
    expect(said).to_have_count(0)


def test_a_page_that_is_older_than_its_sign_in_says_so(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail="403")
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill(PROMPT)
    page.context.clear_cookies(name="csrftoken")
    page.context.new_page().goto("/keys/")
    page.get_by_role("button", name="Generate").click()
    said = "Nothing was done. You have signed in again since this page was opened."
    expect(page.locator("#unsent")).to_contain_text(said)
    page.reload()
    expect(prompt).to_have_value(PROMPT)
    page.get_by_role("button", name="Generate").click()
    expect(card(page, PROMPT)).to_be_visible()


def test_no_draft_of_before_replaces_what_is_typed_before_its_script_is_there(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("A heron in the sun")
    page.locator("label", has=page.locator("[name=takes][value='3']")).click()
    held: list[Route] = []
    page.route(re.compile(r"/js/studio\b"), lambda route: held.append(route))  # noqa: PLW0108  # its names are read
    with page.expect_request(re.compile(r"/js/studio\b")):
        page.goto("/", wait_until="commit")
    prompt.fill(PROMPT)
    held[0].continue_()
    expect(page.get_by_role("button", name="Generate 3 takes")).to_be_visible()
    expect(prompt).to_have_value(PROMPT)
