"""What a page keeps where it is printed, drawn in the reader's few colours or large letters, or hit
by a finger.
"""

from __future__ import annotations

import re
import zlib

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ARGUMENTS, PHONE, Opener, find_browser, opener
from tests.support.product import Product

DRAWN = (
    ".meter, .swatch, .av, .dot, .pill, .size-chip, .switch input, .tick-mark, "
    ".leader > svg:not(.icon)"
)
UNSEEN = """(drawn) => {
    const none = "rgba(0, 0, 0, 0)";
    const behind = (up) => {
        while (up && getComputedStyle(up).backgroundColor === none) up = up.parentElement;
        return up ? getComputedStyle(up).backgroundColor : "rgb(255, 255, 255)";
    };
    const isSeen = (each) => {
        const looks = getComputedStyle(each), ground = behind(each.parentElement);
        const has = (edge) => parseFloat(looks[`${edge}Width`]) > 0
            && looks[`${edge}Style`] !== "none" && looks[`${edge}Color`] !== ground;
        const isFilled = ![none, ground].includes(looks.backgroundColor);
        const lines = [...each.querySelectorAll("circle, path, line")].map(getComputedStyle);
        return isFilled || has("borderTop") || has("outline")
            || lines.some(line => !["none", ground].includes(line.stroke));
    };
    return [...document.querySelectorAll(drawn)]
        .filter(each => each.checkVisibility() && !isSeen(each))
        .map(each => `${location.pathname} unseen: ${each.outerHTML.slice(0, 90)}`);
}"""
"""Those that nothing tells from what is behind them."""
SMALL = """() => {
    const targets = [...document.querySelectorAll("a, button, summary, input, select, textarea")]
        .filter(each => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
        .map(each => each.matches("input") && each.closest("label") || each)
        // In a sentence a line is as high as it is; what is only read out is no target.
        .filter(each => getComputedStyle(each).display !== "inline")
        .filter(each => !each.closest(".sr, .skip, [hidden]"))
        .map(each => ({ each, box: each.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1 && box.height > 1);
    // Smaller ones may be, with so much room around them that a finger hits no other.
    const isFree = ({ each, box }) => targets.every(other => {
        const x = box.x + box.width / 2, y = box.y + box.height / 2;
        const { left, right, top, bottom } = other.box;
        const away = Math.hypot(Math.max(left - x, x - right, 0), Math.max(top - y, y - bottom, 0));
        return other.each.contains(each) || each.contains(other.each) || away >= 12;
    });
    return targets
        .filter(({ box }) => box.width < 24 || box.height < 24)
        .filter(each => !isFree(each))
        .map(({ each, box }) => `${location.pathname} ${Math.round(box.width)} × `
            + `${Math.round(box.height)}: ${each.outerHTML.slice(0, 90)}`);
}"""
"""Targets that are hard to hit."""
BESIDE = "document.documentElement.scrollWidth - innerWidth"
PAGES = (
    *("/", "/projects/", "/credits/", "/usage/", "/shares/", "/keys/", "/security/", "/batches/"),
    *("/team/", "/team/budgets/", "/team/requests/", "/team/prices/", "/team/audit/"),
    *("/team/settings/", "/team/invitations/", "/templates/new/", "/library/", "/trash/"),
    *("/news/", "/news/settings/", "/profile/"),
)


def test_in_forced_colours_what_is_drawn_is_seen_and_each_target_is_24_pixels(
    product: Product, open_page: Opener
) -> None:
    member = product.member()
    product.post(member, "/projects/", name=f"Forced colors {member.number}")
    product.generate(member, "A river in two colors [[stuck]]")
    page = open_page(product, who=product.admin, forced_colors="active")
    found: list[str] = []
    for path in PAGES:
        page.goto(path)
        if path == "/":
            page.get_by_text("More", exact=True).click()
        found += page.evaluate(UNSEEN, DRAWN)
        found += page.evaluate(SMALL)
    page.set_viewport_size(PHONE)
    for path in ("/", "/team/", "/team/budgets/", "/usage/"):
        page.goto(path)
        found += page.evaluate(SMALL)
    assert found == []


def test_in_letters_twice_as_large_nothing_is_beside_the_screen_of_a_phone(
    product: Product, browser: Browser
) -> None:
    member = product.member()
    product.generate(member, "A river in large letters [[seconds=0.3]]")
    product.settled(member, "succeeded")
    large = (*ARGUMENTS, "--blink-settings=defaultFontSize=32")
    larger = browser.browser_type.launch(executable_path=find_browser(), args=large)
    with opener(larger) as open_large:
        page = open_large(product, "/?scope=all", who=product.admin, viewport=PHONE)
        page.get_by_role("button", name="Account of").click()
        expect(page.get_by_role("button", name="Log out")).to_be_in_viewport()
        film = page.locator(".job-title a").first.get_attribute("href") or ""
        beside = {}
        for path in (*PAGES, film):
            page.goto(path)
            beside[path] = page.evaluate(BESIDE)
        page.set_viewport_size({"width": 320, "height": 640})
        page.goto("/usage/?period=30")
        beside["thirty narrow bars that tell as much as wide ones"] = page.evaluate(BESIDE)
    larger.close()
    assert {path: by for path, by in beside.items() if by > 0} == {}


def printed(page: Page) -> bytes:
    """A page as the printer gets it, with what is packed in it unpacked."""
    pdf = page.pdf()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = []
    for stream in streams:
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return pdf + b"".join(unpacked)


def test_usage_prints_with_its_title_its_chart_and_what_is_folded_away(
    product: Product, open_page: Opener
) -> None:
    member = product.member()
    product.generate(member, "A river on paper [[seconds=0.3]]")
    product.settled(member, "succeeded")
    page = open_page(product, "/usage/", who=product.admin)
    page.emulate_media(media="print")
    text = page.locator("main").inner_text()
    for words in ("Usage of", "Credits by day", "Success rate", "Ordered", "Granted"):
        assert words in text
    assert "Show as table" not in text
    assert "Credits by\nPerson\n" in text
    assert page.locator(".bars rect").first.bounding_box()
    # Also on a wide sheet tables stand below each other, and have room.
    who, what = (page.locator(f"section[aria-labelledby={name}]") for name in ("h-ranks", "h-mix"))
    above, below = who.bounding_box(), what.bounding_box()
    assert above
    assert below
    assert below["y"] >= above["y"] + above["height"]
    whole = printed(page).count(b"/PatternType")
    page.locator(".bars").evaluate("bars => bars.querySelectorAll('rect').forEach(r => r.remove())")
    assert whole > printed(page).count(b"/PatternType"), "the bars are filled with patterns"
