"""Cards by keyboard, at every width, and as closely as one likes."""

from __future__ import annotations

from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESKTOP, MINE, EveryState, Opener
from tests.browser.test_accessible import THEMES, complaints
from tests.support.pages.seen import generate
from tests.support.product import Person, Product

WIDTHS = (320, 390, 768, 1024, 1200, 1440, 1680, 1920, 2560)
OUTSIDE = """() => [...document.querySelectorAll(".job")].flatMap(card => {
    const box = card.getBoundingClientRect();
    const rows = ":is(.job-foot, .job-foot .acts, .job-body, .meta) > *";
    const parts = [...card.querySelectorAll(rows)]
        .filter(each => each.checkVisibility() && !each.matches(".sr"))
        .map(each => [each, each.getBoundingClientRect()]);
    const out = parts.filter(([, { left, right, bottom }]) =>
        left < box.left || right > box.right || bottom > box.bottom);
    const over = parts.filter(([one, a], i) => parts.slice(i + 1).some(([two, b]) =>
        !one.contains(two) && a.left < b.right - 0.5 && b.left < a.right - 0.5 &&
        a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5));
    const low = [...card.querySelectorAll(".job-foot :is(a, button)")]
        .filter(each => each.checkVisibility())
        .map(each => [each, each.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 24 || height < 24);
    return [...out, ...over, ...low].map(([each]) => `${card.dataset.state}: ${each.outerHTML}`);
})"""
"""What hangs out of its card, lies over its neighbour, or is smaller than a fingertip."""

IN_LINE = """() => {
    const cards = [...document.querySelectorAll("#jobs .job")];
    const boxes = cards.map(each => each.getBoundingClientRect());
    return [new Set(boxes.map(each => each.top)).size,
            new Set(boxes.map(each => `${each.top} ${each.height}`)).size];
}"""
"""How many rows of cards there are, and how many of those with cards of one height."""


def test_nothing_hangs_out_of_a_card_at_any_width_in_any_state(
    every_state: EveryState, open_page: Opener
) -> None:
    product, member, prompts = every_state
    page = open_page(product, who=member, may_fail="404")
    found = []
    for choice in ("Small cards", "Large cards"):
        page.get_by_role("button", name=choice).click()
        expect(page.get_by_role("article")).to_have_count(len(prompts))
        for width in WIDTHS:
            page.set_viewport_size(ViewportSize(width=width, height=900))
            found += [f"{choice}, {width} px: {text[:200]}" for text in page.evaluate(OUTSIDE)]
    assert found == [], "\n".join(found)


def test_on_the_page_of_a_project_cards_stand_in_line_with_what_is_asked_below(
    every_state: EveryState, open_page: Opener
) -> None:
    product, member, prompts = every_state
    page = open_page(product, who=member, may_fail="404")
    cards = page.get_by_role("article")
    expect(cards).to_have_count(len(prompts))
    ids = {
        prompt: (cards.filter(has_text=prompt).last.get_attribute("id") or "")[len("job-") :]
        for prompt in ("The beginning", "The end", "Ready in 4K", "Being stored")
    }
    long = "How it began, in words that are longer than any card of a grid is wide"
    product.post(member, f"/jobs/{ids['The beginning']}/title/", title=long)
    for each in ids.values():
        to = page.get_by_role("combobox", name="Project").locator("option", has_text="Autumn")
        product.post(member, "/jobs/move/", video=each, to=to.get_attribute("value"))
    page.get_by_role("navigation", name="Shortcuts").get_by_role("link", name="Autumn").click()
    page.get_by_role("link", name="Autumn launch", exact=True).first.click()
    expect(page.get_by_role("heading", name="Newest videos")).to_be_visible()
    expect(cards).to_have_count(6)
    for width in WIDTHS:
        page.set_viewport_size(ViewportSize(width=width, height=900))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        tops, heights = page.evaluate(IN_LINE)
        assert tops == heights, f"{width} px"


def test_every_state_of_a_card_is_open_to_everybody(
    every_state: EveryState, open_page: Opener
) -> None:
    product, member, prompts = every_state
    page = open_page(product, who=member, may_fail="404")
    expect(page.get_by_role("article")).to_have_count(len(prompts))
    # On a phone most are not drawn before somebody comes near.
    assert complaints(page, [(DESKTOP, theme) for theme in THEMES]) == []


def test_the_grid_is_used_by_keys_that_a_question_mark_lists(
    product: Product, member: Person, open_page: Opener
) -> None:
    for prompt in ("A failure [[fail]] [[seconds=0.3]]", "A heron [[seconds=0.3]]"):
        product.generate(member, prompt)
    product.settled(member, "failed", "succeeded")
    page = open_page(product, MINE, who=member)
    heron, failure = page.get_by_role("article").all()
    page.get_by_role("textbox", name="Prompt").press_sequentially("j?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.get_by_role("textbox", name="Prompt").evaluate("each => each.blur()")

    page.keyboard.press("j")
    expect(heron).to_be_focused()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    for words in ("Search", "Next video", "Download", "Play or pause"):
        expect(dialog.get_by_text(words, exact=True)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(heron).to_be_focused()

    page.keyboard.press("ArrowRight")
    expect(failure).to_be_focused()
    page.keyboard.press("r")
    expect(failure.get_by_role("button", name="Retry")).to_be_focused()
    page.keyboard.press("k")
    scrolled = page.evaluate("scrollY")
    page.keyboard.press(" ")
    expect(heron.locator("video")).to_be_focused()
    assert page.evaluate("scrollY") == scrolled
    page.keyboard.press("k")
    expect(heron.locator("video")).to_be_focused()
    page.keyboard.press("u")
    sizes = heron.get_by_role("dialog", name="Sizes of A heron")
    expect(sizes.get_by_role("button", name="Upgrade to 4K")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sizes).to_be_hidden()
    heron.evaluate("each => each.focus()")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/**")


def test_small_cards_stay_small_in_this_browser_and_the_counts_follow_an_order(
    pages_alone: Product, open_page: Opener
) -> None:
    # On its own: what goes on in a project is seen in everybody's studio.
    member = pages_alone.member()
    pages_alone.generate(member, "A pier")
    pages_alone.post(member, "/projects/", name="Spring")
    page = open_page(pages_alone, who=member)
    page.keyboard.press("v")
    expect(page.get_by_role("button", name="Small cards")).to_have_attribute("aria-pressed", "true")
    spring = page.get_by_role("navigation", name="Shortcuts").get_by_role("link", name="Spring")
    expect(spring).to_have_text("Spring 0")
    page.get_by_role("combobox", name="Project").select_option("Spring")
    generate(page, "A bridge")
    expect(spring).to_have_text("Spring 1")
    page.reload()
    expect(page.locator("#jobs.compact")).to_be_visible()
