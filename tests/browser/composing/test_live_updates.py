"""The poll of an open tab: it disturbs nothing, rests when it can, and gives up gracefully."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import MINE, Opener
from tests.support.pages.seen import card, expect_status, generate, sizes_of, wait_for_film
from tests.support.product import Person, Product

STUCK = "[[stuck]] A river that never ends"


@pytest.fixture
def busy(product: Product, member: Person) -> Person:
    """Somebody with a job that goes on for ever."""
    product.generate(member, STUCK)
    return member


def polls_of(page: Page) -> list[str]:
    """The polls that the page sends from now on."""
    polls: list[str] = []

    def note(request: Request) -> None:
        if "/live/" in request.url:
            polls.append(request.url)

    page.on("request", note)
    return polls


def pass_time(page: Page, seconds: int) -> None:
    """Let so many seconds pass for the page, with room for each answer."""
    for _ in range(seconds):
        page.clock.run_for(1000)
        page.evaluate("fetch('/healthz')")


def hide(page: Page, is_hidden: bool) -> None:
    """As if the tab went behind another one."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", {get: () => hidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


def test_a_playing_video_is_not_disturbed_by_other_cards(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    playing = generate(page, "[[seconds=0.3]] A waterfall")
    playing.get_by_role("button", name="Play").click()
    wait_for_film(page)
    page.evaluate(
        """() => {
            window.film = document.querySelector("video");
            window.pauses = 0;
            for (const name of ["pause", "emptied"])
                film.addEventListener(name, () => { pauses += 1; });
            window.start = film.currentTime;
        }"""
    )
    other = generate(page, "[[seconds=0.3]] A desert")
    expect_status(other, "Succeeded")
    assert page.evaluate("film === document.querySelector('video')")
    assert page.evaluate("film.currentTime !== start && !film.paused")
    assert page.evaluate("pauses") == 0


def test_an_open_menu_stays_open_while_cards_change(
    product: Product, busy: Person, open_page: Opener
) -> None:
    page = open_page(product, who=busy)
    card(page, STUCK).get_by_role("button", name="More actions").click()
    menu = card(page, STUCK).get_by_role("link", name="Open")
    expect(menu).to_be_visible()
    product.generate(busy, "[[refuse-429]] Another card")
    expect(card(page, "[[refuse-429]] Another card")).to_be_visible()
    expect(menu).to_be_visible()


def test_a_card_of_another_tab_appears(product: Product, busy: Person, open_page: Opener) -> None:
    page = open_page(product, who=busy)
    product.generate(busy, "[[refuse-429]] From elsewhere")
    expect(card(page, "[[refuse-429]] From elsewhere")).to_have_count(1)


def test_many_cards_make_one_poll(product: Product, busy: Person, open_page: Opener) -> None:
    for number in range(3):
        product.generate(busy, f"{STUCK} {number}")
    page = open_page(product, MINE, who=busy, has_clock=True)
    expect(page.get_by_role("article")).to_have_count(4)
    polls = polls_of(page)
    pass_time(page, 10)
    assert 1 <= len(polls) <= 6


def test_a_hidden_tab_does_not_ask(product: Product, busy: Person, open_page: Opener) -> None:
    page = open_page(product, who=busy, has_clock=True)
    polls = polls_of(page)
    hide(page, is_hidden=True)
    pass_time(page, 10)
    assert polls == []
    with page.expect_request("**/live/**"):
        hide(page, is_hidden=False)


def test_what_an_order_changed_is_shown_after_a_poll_that_was_under_way(
    product: Product, member: Person, open_page: Opener
) -> None:
    product.generate(member, "[[seconds=0.3]] A quiet harbor")
    page = open_page(product, who=member)
    video = card(page, "[[seconds=0.3]] A quiet harbor")
    expect_status(video, "Succeeded")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/live/**", hold, times=1)
    hide(page, is_hidden=False)
    page.wait_for_selector("#live.htmx-request", state="attached")
    as_before = held[0].fetch()
    sizes_of(video).get_by_role("button", name="Upgrade to 1080p").click()
    expect(page.get_by_text("1080p ordered.")).to_be_visible()
    with page.expect_request("**/live/**", timeout=5_000):
        held[0].fulfill(response=as_before)


def test_a_tab_rests_once_everything_is_done(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, has_clock=True)
    made = generate(page, "[[seconds=0.3]] A short rain")
    expect_status(made, "Succeeded")
    expect(made.get_by_role("button", name="Play")).to_be_visible()
    expect(page.locator("#live")).to_have_attribute("hx-trigger", "every 30s, refresh")
    polls = polls_of(page)
    pass_time(page, 10)
    assert polls == []


def test_an_idle_studio_hears_of_a_colleagues_video_unless_it_is_hidden(
    product: Product, member: Person, open_page: Opener
) -> None:
    name = f"A quiet campaign {member.number}"
    product.post(product.admin, "/projects/", name=name)
    page = open_page(product, "/projects/", who=member, has_clock=True)
    page.get_by_role("link", name=name).first.click()
    page.wait_for_url("**/?project=*")
    project = page.url.partition("project=")[2]
    polls = polls_of(page)
    hide(page, is_hidden=True)
    pass_time(page, 90)
    assert polls == []
    with page.expect_response("**/live/**") as asked:
        hide(page, is_hidden=False)
    assert (asked.value.status, asked.value.body()) == (204, b"")

    product.generate(product.admin, "[[refuse-429]] A fox in the snow", project=project)
    polls.clear()
    pass_time(page, 30)
    expect(card(page, "[[refuse-429]] A fox in the snow")).to_be_visible()
    assert len(polls) >= 1


def test_a_signed_out_tab_goes_to_the_sign_in_page_by_itself(
    product: Product, busy: Person, open_page: Opener
) -> None:
    page = open_page(product, who=busy)
    page.context.clear_cookies()
    expect(page).to_have_url(re.compile(r"/login/"))
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_a_troubled_server_is_asked_less_and_less_and_the_tab_recovers(
    product: Product, busy: Person, open_page: Opener
) -> None:
    page = open_page(product, who=busy, has_clock=True, may_fail="500")
    page.route("**/live/**", lambda route: route.fulfill(status=500, body="<h1>broken</h1>"))
    polls = polls_of(page)
    pass_time(page, 20)
    expect(page.get_by_text("Can’t reach the server.")).to_be_visible()
    assert 2 <= len(polls) <= 6
    expect(card(page, STUCK)).to_be_visible()

    page.unroute("**/live/**")
    pass_time(page, 40)
    expect(page.get_by_text("Can’t reach the server.")).to_be_hidden()


def test_seconds_go_on_between_two_answers(
    product: Product, busy: Person, open_page: Opener
) -> None:
    page = open_page(product, who=busy, has_clock=True)
    page.route("**/live/**", lambda route: route.fulfill(status=204))
    clock = card(page, STUCK).locator("[data-clock]")
    before = clock.inner_text()
    page.clock.run_for(61_000)
    expect(clock).not_to_have_text(before)
    expect(clock).to_have_text(re.compile(r"^1:\d\d$"))
