"""Nothing jumps while a page is coming."""

from __future__ import annotations

from tests.browser.conftest import PHONE, Opener
from tests.support.product import Person, Product
from tests.tools.bench.line import LINE, WATCH


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
