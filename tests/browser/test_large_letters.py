"""Pages in letters twice as large, at four times their size, and with more room between letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.browser.conftest import ARGUMENTS, PHONE, Opener, find_browser, opener
from tests.support.pages.put_words import Team, team_that_writes

HELP = """
const shows = each => each.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !each.closest(".sr, .skip, .trap, progress, svg, [inert]");
// Of what lies in a box that scrolls or is cut only what is within its edges is seen.
const seen = (each, box) => {
    let { left, right, top, bottom } = box;
    for (let up = each; up && up !== document.body; up = up.parentElement) {
        const looks = getComputedStyle(up), edge = up.getBoundingClientRect();
        if (looks.overflowX !== "visible") {
            left = Math.max(left, edge.left); right = Math.min(right, edge.right);
        }
        if (looks.overflowY !== "visible") {
            top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom);
        }
    }
    return { left, right, top, bottom };
};
const told = each => each.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
"""
BROKEN = """() => {
    const found = [], word = document.createRange();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode, within = text.parentElement;
        if (!text.data.trim() || within.closest("script, textarea, select")) continue;
        const { clipPath } = getComputedStyle(within.closest("thead") ?? within);
        if (clipPath !== "none" || !shows(within)) continue;
        for (const { 0: letters, index } of text.data.matchAll(/[^\\s·–-]+/g)) {
            if (letters.length > 12) continue;
            word.setStart(text, index);
            word.setEnd(text, index + letters.length);
            const parts = [...word.getClientRects()].filter(each => each.width > 0.5);
            if (parts.some(each => each.top > parts[0].bottom - 2))
                found.push(`broken: ${letters} in ${told(within)}`);
        }
    }
    return found;
}"""
"""Words of twelve letters or less in more than one line: their column is narrower than they are."""
OVERLAID = """() => {
    const over = each => each.closest("dialog, [popover], .sure > div, .choosing, .toasts")
        ?? ["fixed", "sticky"].includes(getComputedStyle(each).position);
    const controls = [...document.querySelectorAll("main :is(a, button, summary, select, input)")]
        .filter(each => shows(each) && !over(each) && !each.closest(".share-foot, .trash-ways"))
        .map(each => each.matches("input") && each.closest("label") || each)
        .filter(each => getComputedStyle(each).display !== "inline")
        .map(each => ({ each, box: seen(each, each.getBoundingClientRect()) }))
        .filter(({ box }) => box.right - box.left > 2 && box.bottom - box.top > 2);
    return controls.flatMap((one, place) => controls.slice(place + 1)
        .filter(({ each }) => !one.each.contains(each) && !each.contains(one.each))
        .filter(({ box }) =>
            Math.min(box.right, one.box.right) - Math.max(box.left, one.box.left) > 2
            && Math.min(box.bottom, one.box.bottom) - Math.max(box.top, one.box.top) > 2)
        .map(({ each }) => `${told(one.each)} lies over ${told(each)}`));
}"""
"""Controls that overlap."""
BESIDE = """() => [...document.querySelectorAll("body *")]
    .filter(each => !each.closest(".bars, [popover]") && shows(each) && each.childElementCount < 1)
    .map(each => ({ each, box: seen(each, each.getBoundingClientRect()) }))
    .filter(({ box }) => box.right - box.left > 1 && box.bottom > box.top)
    .filter(({ box }) => box.right > innerWidth + 1)
    .map(({ each }) => `beside the screen: ${told(each)}`)"""
ALL = f"""() => {{
    {HELP}
    document.querySelectorAll("details:not(.sure)").forEach(each => each.open = true);
    return [{", ".join((BROKEN, OVERLAID, BESIDE))}].flatMap(find => find());
}}"""
COVERED = """() => {
    const found = [], lists = "a[href], button, summary, input:not([type=hidden]), select";
    const controls = [...document.querySelectorAll(`main :is(${lists})`)]
        .filter(each => each.checkVisibility({ visibilityProperty: true }) && !each.closest(".sr"));
    for (const each of [...controls, ...controls.toReversed()]) {
        each.focus();
        const { left, right, top, bottom } = each.getBoundingClientRect();
        const over = [top + 2, (top + bottom) / 2, bottom - 2]
            .map(y => document.elementFromPoint((left + right) / 2, y)?.closest(".bar, .tabbar"));
        if (document.activeElement === each && over.every(bar => bar))
            found.push(`${location.pathname} covered: ${each.outerHTML.slice(0, 110)}`);
    }
    return found;
}"""
"""What has the keyboard's focus behind a bar, whichever way one goes through the page."""
SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* {
        line-height: 1.5 !important; letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important;
    } p { margin-block-end: 2em !important; }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
"""As much room as WCAG 1.4.12 asks for."""
FOUR_TIMES = ViewportSize(width=640, height=512)
"""In letters of 32 pixels what a screen of 1280 shows at four times its size; a phone is 780."""
A_PHONE_OF_THEM = ViewportSize(width=780, height=1688)


@pytest.fixture(scope="module")
def team(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The pages alone: the tests of this module change nothing of them."""
    var = tmp_path_factory.mktemp("letters") / "var"
    with team_that_writes("ORDINARY", prepared, var) as team:
        yield team


@pytest.fixture
def open_large(browser: Browser) -> Iterator[Opener]:
    arguments = (
        *ARGUMENTS,
        "--disable-threaded-compositing",
        "--blink-settings=defaultFontSize=32",
    )
    larger = browser.browser_type.launch(executable_path=find_browser(), args=arguments)
    with opener(larger) as open_:
        yield open_
    larger.close()


def test_no_word_breaks_and_no_control_lies_over_another_however_large_the_letters(
    team: Team, open_large: Opener
) -> None:
    admin, visitor = (
        open_large(team.product, "/login/", who=who, viewport=PHONE, may_fail="40[345]|ERR_|MIME")
        for who in (team.admin, None)
    )
    found = []
    for route, addresses in team.pages.items():
        page = visitor if team.is_for_strangers(route) else admin
        page.set_viewport_size(PHONE)
        # In the letters that stand in for ours, which are as wide.
        page.goto(addresses[0])
        here = [("twice as large", said) for said in page.evaluate(ALL)]
        page.set_viewport_size(FOUR_TIMES)
        here += [("at four times its size", said) for said in page.evaluate(ALL)]
        page.evaluate(SPACED)
        page.set_viewport_size(A_PHONE_OF_THEM)
        here += [("spaced", said) for said in page.evaluate(ALL)]
        found += [f"{urlsplit(page.url).path} {how}, {said}" for how, said in here]
    assert found == [], "\n".join(found)


def test_what_is_focused_stands_clear_of_the_bars_of_a_phone(team: Team, open_page: Opener) -> None:
    page = open_page(team.product, who=team.admin, viewport=PHONE, may_fail="404")
    found = page.evaluate(COVERED)
    for route in ("requests", "library", "new-share", "team"):
        page.goto(team.pages[route][0])
        found += page.evaluate(COVERED)
    assert found == []


def test_a_menu_in_letters_twice_as_large_ends_at_the_foot_of_the_screen(
    team: Team, open_large: Opener
) -> None:
    page = open_large(team.product, "/library/", who=team.admin, viewport=PHONE, may_fail="404")
    for button in (
        page.get_by_role("button", name="Account of"),
        page.get_by_role("button", name=re.compile("^More actions")).last,
    ):
        # By key: what is only laid out, and not painted, can't be clicked.
        button.press("Enter")
        menu = page.locator(".menu:popover-open")
        last = menu.locator(":is(a, button):visible").last
        last.focus()
        for each in (menu, last):
            box = each.bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"]
            assert box["y"] + box["height"] <= PHONE["height"]
        page.keyboard.press("Escape")
