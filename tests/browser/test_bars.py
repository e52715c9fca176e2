"""The bar over a page says its whole name, whatever else stands in it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.browser.conftest import PHONE, opener
from tests.support.product import Product
from tests.support.states import put_states

IS_WHOLE = """() => {
    const name = document.querySelector(".bar h1"), words = document.createRange();
    // A word that doesn't fit would be broken in two.
    name.style.overflowWrap = "normal";
    words.selectNodeContents(name);
    const [box, needed] = [name, words].map(each => each.getBoundingClientRect().width);
    return needed <= box && name.scrollHeight <= name.clientHeight + 1;
}"""
A_PHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
PAGES = (
    *("/", "/shares/", "/templates/", "/team/", "/team/audit/", "/usage/", "/projects/"),
    *("/library/", "/news/", "/news/settings/", "/security/", "/usage/reconciliation/"),
)
A_TABLET = {"viewport": ViewportSize(width=1024, height=768)}


@pytest.mark.parametrize(("screen", "widths"), [(A_PHONE, (390, 360)), (A_TABLET, (1024,))])
def test_the_name_of_a_page_is_whole_beside_what_the_page_is_for(
    layouter: Browser, pages_alone: Product, screen: dict[str, Any], widths: tuple[int, ...]
) -> None:
    # In practice mode, and with videos under way: both are said there as well.
    put_states.put_states(pages_alone)
    admin = put_states.put_out_of_reach(pages_alone)
    with opener(layouter) as open_page:
        page = open_page(pages_alone, who=admin, may_fail="404|ERR_FAILED", **screen)
        # In the widest letters that may stand in for ours, which come late on a slow line.
        page.route("**/*.woff2", lambda route: route.abort())
        cut = []
        for path in PAGES:
            page.goto(path)
            for width in widths:
                page.set_viewport_size(
                    ViewportSize(width=width, height=screen["viewport"]["height"])
                )
                cut += [] if page.evaluate(IS_WHOLE) else [(path, width)]
    assert cut == []
