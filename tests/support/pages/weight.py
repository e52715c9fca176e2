"""What a public page weighs on its way to a phone: compressed, and before its film is played."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from playwright.sync_api import Page, Request

KIB = 1024
BUDGET_KIB = 50
"""Half of what the studio may weigh, both without pictures: who opens a link is on a phone."""


@dataclass(frozen=True)
class Weight:
    """In KiB."""

    own: float
    """Page, styles, script and letters."""
    pictures: float
    film: float


def weigh(page: Page, address: str) -> Weight:
    """Open it, and add up what comes until it is still."""
    came: list[Request] = []
    page.on("requestfinished", lambda request: came.append(request))  # noqa: PLW0108  # it marks it
    page.goto(address, wait_until="networkidle")
    kinds: Counter[str] = Counter()
    for each in came:
        kinds[each.resource_type] += each.sizes()["responseBodySize"]
    pictures, film = kinds.pop("image", 0), kinds.pop("media", 0)
    return Weight(kinds.total() / KIB, pictures / KIB, film / KIB)
