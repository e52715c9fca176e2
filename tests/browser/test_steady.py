"""Nothing jumps while a page is coming, nor moves for who wants less motion."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.browser.conftest import MINE, PHONE, Opener
from tests.support.product import Person, Product
from tests.tools.bench.line import LINE, WATCH

GO_ON = """() => {
    const arc = document.querySelector("[data-arc]"), bar = document.querySelector(".job progress");
    getComputedStyle(arc).strokeDasharray;
    arc.setAttribute("stroke-dasharray", "80 100");
    bar.value = 80;
    return document.getAnimations().map(each => each.transitionProperty || each.animationName);
}"""
"""What is in motion once the next figure has come."""


def test_nothing_on_the_studio_moves_once_it_is_drawn(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/keys/", who=member, viewport=PHONE)
    page.add_init_script(WATCH)
    # So slow that it is drawn before its script has come.
    tools = page.context.new_cdp_session(page)
    tools.send("Network.emulateNetworkConditions", {**LINE, "latency": 100})
    page.goto("/", wait_until="networkidle")
    assert page.evaluate("window.moved") == 0


def test_a_video_that_is_rendered_moves_nothing_for_who_wants_less_motion(
    product: Product, member: Person, open_page: Opener
) -> None:
    product.generate(member, "A river that never ends [[stuck]]")
    product.settled(member, "running")
    page = open_page(product, MINE, who=member)
    page.locator("[data-arc]").wait_for()
    assert page.evaluate(GO_ON) == []


def test_the_buttons_of_the_player_stay_in_their_place_once_the_film_is_there(
    product: Product, member: Person, open_page: Opener
) -> None:
    prompt = "A ferry on a slow line [[seconds=0.3]]"
    product.generate(member, prompt)
    product.settled(member, "succeeded")
    page = open_page(product, who=member, viewport=PHONE, has_touch=True, is_mobile=True)
    address = page.get_by_role("link", name=prompt, exact=True).get_attribute("href")
    assert address
    held: list[Route] = []
    page.route("**/renditions/*.mp4*", lambda route: held.append(route))  # noqa: PLW0108  # it marks it
    page.goto(address, wait_until="domcontentloaded")
    loop, length = page.get_by_role("button", name="Loop"), page.locator("[data-length]")
    expect(loop).to_be_visible()
    page.evaluate("document.fonts.ready.then(() => true)")
    expect(length).to_have_text("")
    before = loop.bounding_box()
    for route in held:
        route.continue_()
    page.unroute("**/renditions/*.mp4*")
    expect(length).to_have_text(" / 00:00:08:00")
    assert loop.bounding_box() == before
