"""The bar over a page says its whole name, whatever else stands in it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.browser.conftest import PHONE, EveryState, opener
from tests.support.product import Person
from tests.support.states.put_states import put_out_of_reach

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


@pytest.fixture(scope="module")
def admin(every_state: EveryState) -> Person:
    """Somebody who reads of a provider that can't be reached."""
    return put_out_of_reach(every_state.product)


@pytest.mark.parametrize(("screen", "widths"), [(A_PHONE, (390, 360)), (A_TABLET, (1024,))])
def test_the_name_of_a_page_is_whole_beside_what_the_page_is_for(
    layouter: Browser,
    every_state: EveryState,
    admin: Person,
    screen: dict[str, Any],
    widths: tuple[int, ...],
) -> None:
    # In practice mode, and with videos under way: both are said there as well.
    with opener(layouter) as open_page:
        page = open_page(every_state.product, who=admin, may_fail="404|ERR_FAILED", **screen)
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
