"""One press is one order, and nothing that somebody writes is lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import PHONE, Opener
from tests.support.pages.seen import card, generate, sign_in
from tests.support.product import Person, Product

PRESSES = 30
"""A key that is held for a second repeats about so often."""


def prompt_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Prompt")


def button(page: Page) -> Locator:
    return page.get_by_role("form", name="New video").get_by_role("button", name="Generate")


@contextmanager
def slow_answer(page: Page) -> Iterator[None]:
    """The answer to an order comes when the block ends, and not before."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST" and "/same/" not in route.request.url:
            held.append(route)
        else:
            route.continue_()

    page.route("**/*", hold)
    yield
    page.wait_for_function("() => document.querySelector('#composer.htmx-request')")
    for route in held:
        route.continue_()
    page.unroute("**/*", hold)


def hold_the_keys(page: Page) -> None:
    prompt_of(page).focus()
    page.keyboard.down("Control")
    for _ in range(PRESSES):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.up("Control")


def press_quickly(page: Page) -> None:
    # By the page's own clock: on a slow machine the driver's keys come seconds apart, and each is
    # then an answer to what the one before was asked.
    prompt_of(page).evaluate(
        """async each => {
            const keys = { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true };
            for (let press = 0; press < 6; press++) {
                each.dispatchEvent(new KeyboardEvent("keydown", keys));
                each.dispatchEvent(new KeyboardEvent("keyup", keys));
                await new Promise((then) => setTimeout(then, 100));
                each = document.querySelector("[name=prompt]");
            }
        }"""
    )


def click_twice(page: Page) -> None:
    button(page).dispatch_event("click")
    expect(card(page, prompt_of(page).input_value()).first).to_be_visible()
    button(page).dispatch_event("click")


PRESSED = pytest.mark.parametrize("press", [hold_the_keys, press_quickly])


@pytest.mark.parametrize("press", [hold_the_keys, press_quickly, click_twice])
def test_however_it_is_pressed_one_video_is_ordered(
    product: Product, member: Person, open_page: Opener, press: Callable[[Page], None]
) -> None:
    # On a slow machine a press may come late enough to be asked about.
    page = open_page(product, who=member, may_fail="422")
    prompt = f"[[refuse-429]] A patient heron, {press.__name__}"
    prompt_of(page).fill(prompt)
    press(page)
    expect(card(page, prompt)).to_be_visible()
    expect(button(page)).to_be_enabled()
    page.reload()
    expect(page.get_by_role("article")).to_have_count(1)


@PRESSED
def test_so_it_is_on_a_slow_line(
    product: Product, member: Person, open_page: Opener, press: Callable[[Page], None]
) -> None:
    page = open_page(product, who=member)
    prompt = f"[[refuse-429]] A slow heron, {press.__name__}"
    prompt_of(page).fill(prompt)
    with slow_answer(page):
        press(page)
    expect(card(page, prompt)).to_be_visible()
    page.reload()
    expect(page.get_by_role("article")).to_have_count(1)


def test_the_same_once_more_within_a_minute_asks_first(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail="422")
    prompt = "[[refuse-429]] Twice the same heron"
    generate(page, prompt)
    button(page).click()
    expect(page.get_by_text("You made the same")).to_be_visible()
    expect(card(page, prompt)).to_have_count(1)
    button(page).click()
    expect(card(page, prompt)).to_have_count(2)


def test_what_is_asked_is_seen_on_a_phone_before_the_next_press(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, viewport=PHONE, may_fail="422|ERR_|Failed to fetch")
    generate(page, "[[refuse-429]] A long road\nand four\nmore lines\nof it")
    asked = page.get_by_role("alert").first
    bar = page.locator(".bar").bounding_box()
    for offline in (False, True):
        page.context.set_offline(offline)
        expect(button(page)).not_to_have_attribute("aria-disabled", "true")
        button(page).evaluate("each => scrollBy(0, each.getBoundingClientRect().top - 120)")
        expect(asked).not_to_be_in_viewport()
        button(page).dispatch_event("click")
        expect(asked).to_be_in_viewport(ratio=1)
        box = asked.bounding_box()
        assert box
        assert bar
        assert box["y"] >= bar["height"]


def test_what_is_typed_while_an_answer_is_on_its_way_stays(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    prompt_of(page).fill("[[refuse-429]] The first idea")
    with slow_answer(page):
        button(page).click()
        prompt_of(page).fill("[[refuse-429]] The second idea")
        page.get_by_label("Model").select_option("Veo 3.1 Lite")
    expect(card(page, "[[refuse-429]] The first idea")).to_be_visible()
    expect(prompt_of(page)).to_be_focused()
    expect(prompt_of(page)).to_have_value("[[refuse-429]] The second idea")
    expect(page.get_by_label("Model")).to_have_value("veo3_lite")
    expect(page.get_by_label("Cost")).to_have_text("30")
    page.goto("/")
    expect(prompt_of(page)).to_have_value("[[refuse-429]] The second idea")


def test_a_draft_of_another_tab_outlives_what_this_one_sends(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    other = page.context.new_page()
    prompt_of(page).fill("[[refuse-429]] Sent from here")
    other.goto("/")
    prompt_of(other).fill("[[refuse-429]] Written over there")
    button(page).click()
    expect(card(page, "[[refuse-429]] Sent from here")).to_be_visible()
    other.goto("/")
    expect(prompt_of(other)).to_have_value("[[refuse-429]] Written over there")


def test_a_session_that_ended_costs_nothing_that_was_written(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    page = open_page(product, who=who)
    prompt_of(page).fill("[[refuse-429]] Signed out meanwhile")
    page.get_by_label("Model").select_option("Veo 3.1 Quality")
    page.get_by_role("group", name="Aspect ratio").get_by_text("9:16", exact=True).click()
    page.context.clear_cookies(name="sessionid")
    button(page).click()
    sign_in(page, who)
    expect(prompt_of(page)).to_have_value("[[refuse-429]] Signed out meanwhile")
    expect(page.get_by_label("Model")).to_have_value("veo3")
    expect(page.get_by_role("radio", name="9:16")).to_be_checked()
    expect(page.get_by_label("Cost")).to_have_text("250")
    expect(page.get_by_role("article")).to_have_count(0)


def test_images_of_a_draft_come_back_in_their_order(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    take = generate(page, "[[seconds=0.3]] A still lake")
    expect(take.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("radio", name="Frames").check(force=True)
    pictures = page.locator("#thumbs [name=images]")
    for number, end in enumerate(("Last", "First"), start=1):
        page.get_by_role("button", name="Pick a video frame").click()
        page.get_by_role("button", name=f"{end} frame of").click()
        expect(pictures).to_have_count(number)
    before = [each.input_value() for each in pictures.all()]
    page.goto("/")
    expect(pictures).to_have_count(2)
    assert [each.input_value() for each in pictures.all()] == before
    expect(page.get_by_role("radio", name="Frames")).to_be_checked()


def test_what_is_to_happen_next_stays_written_until_it_was_sent(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    generate(page, "[[seconds=0.3]] A road north").get_by_role("button", name="Extend").click()
    extending = page.url
    prompt_of(page).fill("[[refuse-429]] The road turns west")
    page.goto("/keys/")
    page.goto(extending)
    expect(prompt_of(page)).to_have_value("[[refuse-429]] The road turns west")
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("Queued. 60 credits are reserved for it.")).to_be_visible()
    page.goto(extending)
    expect(prompt_of(page)).to_have_value("")
