"""Nothing jumps while a page is coming, nor moves for who wants less motion."""

from __future__ import annotations

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
