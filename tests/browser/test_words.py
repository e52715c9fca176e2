"""Words from right to left, names in Japanese and a word of 200 letters fit on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.conftest import DESKTOP, PHONE, Opener, opener
from tests.support.pages.put_words import Team, team_that_writes

WIDE = """() => {
    const scrolls = each => each !== document.body &&
        (getComputedStyle(each).overflowX !== "visible" || scrolls(each.parentElement));
    const sticks = each => each.getBoundingClientRect().right > innerWidth + 1 &&
        !scrolls(each.parentElement);
    return document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("body *")]
            .filter(each => sticks(each) && ![...each.children].some(sticks))
            .map(each => `too wide: ${each.outerHTML}`);
}"""
CUT = """() => [...document.querySelectorAll("body *")].filter(each => {
    const box = each.getBoundingClientRect();
    // The style of what is hidden would be worked out for this alone.
    if (box.width <= 1 || box.height <= 1) return false;
    const style = getComputedStyle(each), cuts = ["hidden", "clip"].includes(style.overflowX);
    const says = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
    return cuts && !says && each.scrollWidth > each.clientWidth + 1 && each.innerText?.trim();
}).map(each => `cut: ${each.outerHTML}`)"""
"""Text that ends at the edge of its box, without a sign that there is more."""
TORN = """() => [...document.querySelectorAll("bdi")].map(each => each.parentElement).filter(each =>
    /flex|grid/.test(getComputedStyle(each).display) &&
    [...each.childNodes].some(part => part.nodeType === Node.TEXT_NODE && part.data.trim())
).map(each => `torn: ${each.outerHTML}`)"""
"""A sentence that is laid out in pieces, since it has a name in it."""
OUTSIDE = """() => [...document.querySelectorAll(".job-foot, .nav")].flatMap(box =>
    [...box.querySelectorAll(":scope *:not([popover], [popover] *)")]
        .filter(each => each.getBoundingClientRect().right > box.getBoundingClientRect().right + 1)
        .map(each => `outside: ${each.outerHTML}`))"""
"""What hangs out of the foot of its card, or of its list of links."""
LEADS = """() => {
    const found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const part = document.createRange();
    const at = (text, place) => {
        part.setStart(text, place);
        part.setEnd(text, place + 1);
        return part.getBoundingClientRect();
    };
    let before = null;
    while (texts.nextNode()) {
        const text = texts.currentNode, { data } = text;
        if (!data.trim() || !text.parentElement.checkVisibility()) continue;
        // Of what has no dot in it only the end counts: a letter, with a mark over it or without.
        const first = data.includes("·") ? 0 : Math.max(0, data.trimEnd().length - 2);
        for (let place = first; place < data.length; place++) {
            if (!data[place].trim()) continue;
            const letter = at(text, place);
            if (letter.width < 1) break;
            const follows = before && before.top < letter.bottom && letter.top < before.bottom;
            if (data[place] === "·" && !follows) found.push(text.parentElement);
            before = letter;
        }
    }
    const dots = [...document.querySelectorAll(".sep")].filter(each => each.checkVisibility());
    const hangs = each => getComputedStyle(each.parentElement).overflowX === "clip";
    const wraps = each => getComputedStyle(each.parentElement).flexWrap === "wrap";
    found.push(...dots.filter(each => wraps(each) && !hangs(each)));
    return found.map(each => `begins with a dot: ${each.outerHTML}`);
}"""
"""The dot between two words at the beginning of a line."""
ALL = f"""() => {{
    document.querySelectorAll("details").forEach(each => each.open = true);
    return [{", ".join((WIDE, CUT, TORN, OUTSIDE, LEADS))}].flatMap(find => find());
}}"""


@pytest.fixture(params=["HEBREW", "JAPANESE_OR_ENDLESS"])
def team(request: pytest.FixtureRequest, prepared: Path, tmp_path: Path) -> Iterator[Team]:
    with team_that_writes(request.param, prepared, tmp_path / "var") as team:
        yield team


def sticking_out(page: Page) -> list[str]:
    """What is wider than the phone, cut off at the edge of its box, or begins with a dot."""
    said: list[str] = page.evaluate(ALL)
    return [f"{urlsplit(page.url).path} {' '.join(each.split())[:140]}" for each in said]


@pytest.fixture
def open_page(layouter: Browser) -> Iterator[Opener]:
    with opener(layouter) as open_:
        yield open_


def test_nothing_sticks_out_of_a_phone_whatever_people_write(team: Team, open_page: Opener) -> None:
    found = []
    admin, member, visitor = (
        open_page(team.product, "/login/", who=who, viewport=PHONE, may_fail="40[345]|ERR_|MIME")
        for who in (team.admin, team.member, None)
    )
    for name, addresses in team.pages.items():
        page = visitor if team.is_for_strangers(name) else admin
        for address in addresses:
            page.goto(address)
            found += sticking_out(page)
    for address in ("/", "/keys/", "/credits/", "/projects/", "/usage/"):
        member.goto(address)
        found += sticking_out(member)
    for page in (admin, member):
        # Where cards are narrowest: in one column, and in as many as there is room for.
        for size in (ViewportSize(width=320, height=844), DESKTOP):
            page.set_viewport_size(size)
            page.goto("/")
            found += page.evaluate(OUTSIDE)
    assert found == [], "\n".join(found)
