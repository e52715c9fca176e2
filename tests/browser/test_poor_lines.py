"""On a poor line: what is pressed there gets no answer, or comes before a page is whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from tests.browser.conftest import DESKTOP, MINE, PHONE, Opener
from tests.support.pages.seen import card, expect_status, generate
from tests.support.product import Person, Product

BROKEN = "ERR_FAILED|Failed to (fetch|load)"
PROMPT = "[[seconds=0.3]] A heron in the rain"


def cut(page: Page, path: str) -> None:
    """Have what is sent there get no answer."""
    page.route(re.compile(path), lambda route: route.abort())


@contextmanager
def without_script(page: Page, name: str, path: str = "/") -> Iterator[None]:
    """A page as it is before this script has come, which it does afterwards."""
    held: list[Route] = []
    script = re.compile(rf"/js/{name}\b")
    page.route(script, lambda route: held.append(route))  # noqa: PLW0108  # its names are read
    with page.expect_request(script):
        page.goto(path, wait_until="commit")
    yield
    held[0].continue_()


@contextmanager
def slow_answer(page: Page, path: str) -> Iterator[list[Route]]:
    """All that is sent there, which is answered only after what is done meanwhile."""
    sent: list[Route] = []
    is_slow = True

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route)
        if route.request.method != "POST" or not is_slow:
            route.continue_()

    page.route(re.compile(path), hold)
    yield sent
    is_slow, held = False, sent.copy()
    for route in held:
        route.continue_()


def press_thrice(page: Page, button: Locator) -> None:
    """As a finger does, which waits for no answer."""
    button.hover()
    box = button.bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    with page.expect_request(lambda request: request.method == "POST"):
        page.mouse.click(*middle)
    for _ in range(2):
        page.mouse.click(*middle)


def test_a_form_that_is_pressed_again_before_its_answer_is_sent_once(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=member)
    page.get_by_label("Project name").fill("Rain, pressed thrice")
    with slow_answer(page, "/projects/") as sent:
        press_thrice(page, page.get_by_role("button", name="Create project"))
    expect(page.get_by_role("heading", name="Rain, pressed thrice")).to_be_visible()
    assert len(sent) == 1


def test_so_is_one_in_a_dialog(product: Product, member: Person, open_page: Opener) -> None:
    page = open_page(product, who=member)
    page.get_by_role("button", name="Presets").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Rain")
    with slow_answer(page, "/presets/") as sent:
        press_thrice(page, page.get_by_role("button", name="Save preset"))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Rename Rain")
    # Whatever else was to be sent is on its way before it is opened again.
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Presets").click()
    expect(dialog).to_contain_text("Rename Rain")
    assert ["save=1" in (each.request.post_data or "") for each in sent] == [True, False]


def test_who_joins_by_a_press_too_many_is_in_all_the_same(
    product: Product, open_page: Opener
) -> None:
    made = product.post(product.admin, "/team/invitations/", role="member")
    address = re.search(r"/join/[\w-]+/", made.text)
    assert address
    page = open_page(product, address[0])
    page.get_by_label("Username").fill("rana")
    for field in ("Password", "Password confirmation"):
        page.get_by_label(field, exact=True).fill("a long walk in the rain")
    with slow_answer(page, "/join/") as sent:
        press_thrice(page, page.get_by_role("button", name="Join"))
    expect(page.get_by_text("Welcome to Dailies.")).to_be_visible()
    assert len(sent) == 1


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


def test_what_needs_a_script_can_be_pressed_once_it_is_there(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=member)
    starter = page.get_by_role("button", name="Use this prompt").first
    with without_script(page, "cards", MINE):
        expect(starter).to_have_css("opacity", "0.4")
        expect(starter).to_have_css("pointer-events", "none")
    starter.click()
    expect(page.get_by_role("textbox", name="Prompt")).not_to_be_empty()


def test_the_bell_that_is_opened_before_its_script_is_there_has_its_list(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=member)
    bell = page.get_by_role("dialog", name="Notifications")
    with without_script(page, "shell"):
        page.get_by_title("Notifications").click()
        expect(bell).to_contain_text("Loading…")
    expect(bell).not_to_contain_text("Loading…")


def test_no_draft_of_before_replaces_what_is_typed_before_its_script_is_there(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("A heron in the sun")
    page.locator("label", has=page.locator("[name=takes][value='3']")).click()
    with without_script(page, "studio"):
        prompt.fill(PROMPT)
    expect(page.get_by_role("button", name="Generate 3 takes")).to_be_visible()
    expect(prompt).to_have_value(PROMPT)


@pytest.mark.parametrize(
    ("viewport", "seen", "later"), [(DESKTOP, 8, "visible"), (PHONE, 0, "auto")]
)
def test_rows_below_the_window_wait_for_the_first_picture_of_the_page_and_no_longer(
    product: Product,
    member: Person,
    open_page: Opener,
    viewport: ViewportSize,
    seen: int,
    later: str,
) -> None:
    for number in range(10):
        product.generate(member, f"[[refuse-429]] Heron {number}")
    page = open_page(product, "/keys/", who=member, viewport=viewport)
    is_hidden = (
        "cards => cards.map((each) => getComputedStyle(each).contentVisibility === 'hidden')"
    )
    cards = page.locator("#jobs > .job")
    animations = page.context.new_cdp_session(page)
    animations.send("Animation.enable")
    animations.send("Animation.setPlaybackRate", {"playbackRate": 0})
    with without_script(page, "shell", MINE):
        expect(cards).to_have_count(10)
        assert cards.evaluate_all(is_hidden) == [False] * seen + [True] * (10 - seen)
        animations.send("Animation.setPlaybackRate", {"playbackRate": 1})
        expect(cards.last).to_have_css("content-visibility", later)
    expect(cards.last).to_have_css("animation-name", "none")
