"""What was typed when a session ended is there again for whoever typed it, once they are back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opener
from tests.support.pages.seen import sign_in
from tests.support.product import Person, Product

SAVED = "What you typed and didn’t send is saved on this device."
BACK = "What you typed before you had to sign in again is here. It hasn’t been sent."
STORED = "JSON.stringify([{...localStorage}, {...sessionStorage}])"


def name_of_project(page: Page) -> Locator:
    return page.get_by_label("Project name")


def scripts_are_there(page: Page) -> None:
    page.wait_for_function("() => document.documentElement.dataset.ready === ''")


def nothing_is_back(page: Page) -> None:
    """The page has looked what was left to it, and put nothing back."""
    scripts_are_there(page)
    page.evaluate("new Promise((goOn) => setTimeout(goOn))")
    expect(page.get_by_text("is here again")).to_have_count(0)


def end_session(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


def test_what_was_typed_into_a_plain_form_is_there_again_and_can_be_sent(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=member)
    name_of_project(page).fill("Rain, once more")
    end_session(page)
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_text(SAVED)).to_be_visible()
    expect(page.get_by_text("You were signed out before this was sent")).to_be_visible()
    sign_in(page, member)
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(name_of_project(page)).to_have_value("Rain, once more")
    expect(name_of_project(page)).to_be_focused()
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", name="Rain, once more")).to_be_visible()
    page.goto("/projects/")
    scripts_are_there(page)
    expect(name_of_project(page)).to_have_value("")


def test_so_is_what_a_page_was_left_with_before_it_was_sent(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=member)
    name_of_project(page).fill("Rain, half typed")
    end_session(page)
    page.reload()
    expect(page.get_by_text(SAVED)).to_be_visible()
    sign_in(page, member)
    expect(name_of_project(page)).to_have_value("Rain, half typed")


def test_a_dialog_is_open_again_with_what_was_typed_in_it(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/team/", who=product.admin)
    page.get_by_role("link", name=f"Grant credits to {member.username}", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Credits", exact=True).fill("70")
    dialog.get_by_label("Reason").fill("For the rain")
    end_session(page)
    dialog.get_by_role("button", name="Grant credits").click()
    expect(page.get_by_text(SAVED)).to_be_visible()
    expect(page.get_by_text("You were signed out before this was sent")).to_be_visible()
    sign_in(page, product.admin)
    expect(dialog.get_by_text(BACK)).to_be_visible()
    expect(dialog.get_by_label("Credits", exact=True)).to_have_value("70")
    expect(dialog.get_by_label("Reason")).to_have_value("For the rain")
    dialog.get_by_role("button", name="Grant credits").click()
    expect(dialog).to_be_hidden()


def test_nobody_else_who_signs_in_finds_it(product: Product, open_page: Opener) -> None:
    first, second = product.member(), product.member()
    page = open_page(product, "/projects/", who=first)
    name_of_project(page).fill("A secret campaign")
    end_session(page)
    page.reload()
    expect(page.get_by_text(SAVED)).to_be_visible()
    sign_in(page, second)
    page.wait_for_function(f"() => !{STORED}.includes('secret')")
    expect(name_of_project(page)).to_have_value("")


def test_a_key_that_was_typed_is_kept_nowhere(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/keys/", who=member)
    page.locator("input[type=password]").first.fill("sk-a-secret-key")
    end_session(page)
    page.reload()
    expect(page.get_by_role("heading", name="Sign in to Dailies")).to_be_visible()
    scripts_are_there(page)
    assert "secret" not in page.evaluate(STORED)
    expect(page.get_by_text(SAVED)).to_be_hidden()


@pytest.mark.parametrize("is_in_another_tab", [False, True])
def test_who_signs_out_leaves_nothing_half_typed(
    product: Product, open_page: Opener, is_in_another_tab: bool
) -> None:
    who = product.member()
    page = open_page(product, "/projects/", who=who)
    name_of_project(page).fill("A secret campaign")
    tab = page.context.new_page() if is_in_another_tab else page
    if is_in_another_tab:
        tab.goto("/projects/")
    tab.get_by_role("button", name=who.username).first.click()
    tab.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Sign in to Dailies")).to_be_visible()
    assert "secret" not in page.evaluate(STORED)


def test_a_page_that_is_older_than_its_sign_in_has_it_again_too(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=member, may_fail="403")
    name_of_project(page).fill("Rain, too old")
    page.context.clear_cookies(name="csrftoken")
    page.context.new_page().goto("/keys/")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.go_back()
    for _ in range(2):
        expect(name_of_project(page)).to_have_value("Rain, too old")
        page.reload()


def test_a_form_on_a_line_that_breaks_is_filled_in_again_when_its_page_is_back(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=member, may_fail="ERR_")
    name_of_project(page).fill("Rain on a bad line")
    page.route("**/projects/", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Create project").click()
    page.wait_for_url("chrome-error://**")
    page.unroute_all()
    page.goto("/projects/")
    expect(page.get_by_text("No answer came: look whether it was done")).to_be_visible()
    expect(name_of_project(page)).to_have_value("Rain on a bad line")


def test_so_is_one_that_a_proxy_answers_in_place_of_the_server(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=member, may_fail="502")
    name_of_project(page).fill("Rain at a bad moment")
    scripts_are_there(page)
    page.route("**/projects/", lambda route: route.fulfill(status=502, body="Bad gateway"))
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_text("Bad gateway")).to_be_visible()
    page.unroute_all()
    page.goto("/projects/")
    expect(page.get_by_text("No answer came: look whether it was done")).to_be_visible()
    expect(name_of_project(page)).to_have_value("Rain at a bad moment")


@pytest.mark.parametrize(
    ("path", "field", "button", "typed"),
    [
        ("/projects/", "Project name", "Create", " "),
        ("/profile/", "Your name", "Save name", "Rain"),
    ],
    ids=["refused", "taken, and led back"],
)
def test_what_was_answered_is_not_filled_in_anew(
    product: Product, open_page: Opener, path: str, field: str, button: str, typed: str
) -> None:
    page = open_page(product, path, who=product.member(), may_fail="422")
    textbox = page.get_by_role("textbox", name=field)
    textbox.evaluate("field => { field.required = false; }")
    textbox.fill(typed)
    scripts_are_there(page)
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()
    nothing_is_back(page)


def test_what_arrived_is_not_offered_again_by_whoever_left_its_answer_at_once(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=member, may_fail="ERR_FAILED")
    name_of_project(page).fill("Rain, taken")
    scripts_are_there(page)
    page.route("**/*.js", lambda route: route.abort())
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", name="Rain, taken")).to_be_visible()
    expect(page.locator("html[data-ready]")).to_have_count(0)
    page.unroute_all()
    page.goto("/projects/")
    nothing_is_back(page)
    expect(name_of_project(page)).to_have_value("")
    names = [each.get("name", "") for each in page.context.cookies()]
    assert not [name for name in names if "answered" in name]
