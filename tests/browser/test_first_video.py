"""The main journey: from a fresh installation to a video that plays."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Opener
from tests.support.pages.seen import card, expect_status, generate, wait_for_film
from tests.support.product import Person, Product


def test_the_first_admins_prompt_becomes_a_video_that_plays_without_a_reload(
    product: Product, open_page: Opener
) -> None:
    page = open_page(product, who=product.admin)
    visits = navigations(page)
    prompt = "A lighthouse in the rain [[seconds=5]]"
    shown = remember_statuses(page, prompt)
    made = generate(page, prompt)
    expect_status(made, "Succeeded")
    # A starved browser draws the card when it is no longer queued.
    assert page.evaluate(shown)[-2:] == ["Rendering", "Succeeded"]

    made.get_by_role("button", name="Play").click()
    film = wait_for_film(page)
    assert (film["width"], film["height"]) == (1280, 720)
    assert 7.5 < film["seconds"] < 8.5
    assert visits == []


def test_the_same_with_the_keyboard_alone_on_a_dark_phone(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, viewport=PHONE, color_scheme="dark", has_touch=True)
    tab_to(page, "Username")
    page.keyboard.type(member.username)
    tab_to(page, "Password")
    page.keyboard.type(member.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Studio")).to_be_visible()

    tab_to(page, "Prompt")
    page.keyboard.type("A fox in the snow")
    page.keyboard.press("Control+Enter")
    made = card(page, "A fox in the snow")
    expect(made.get_by_role("button", name="Play")).to_be_visible()
    tab_to(page, "Play A fox in the snow")
    page.keyboard.press("Enter")
    assert wait_for_film(page)["width"] == 1280
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") in ("dark", "light dark")


def test_a_job_page_brings_its_video_by_itself(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    generate(page, "An owl at dusk").get_by_role("link", name="An owl at dusk").click()
    expect(page.get_by_role("heading", name="An owl at dusk")).to_be_visible()
    visits = navigations(page)
    expect(page.get_by_role("link", name="Download").first).to_be_visible()
    page.locator("video").evaluate("video => video.play()")
    assert wait_for_film(page)["width"] == 1280
    assert visits == []


def navigations(page: Page) -> list[str]:
    """The addresses that the tab goes to from now on."""
    visits: list[str] = []
    page.on("framenavigated", lambda frame: visits.append(frame.url))
    return visits


def remember_statuses(page: Page, prompt: str) -> str:
    """Have the page note every status its card passes through; the expression that tells them."""
    page.evaluate(
        """prompt => {
            window.statuses = [];
            const look = () => {
                const card = [...document.querySelectorAll("#jobs .job")]
                    .find(each => each.textContent.includes(prompt));
                const state = card?.querySelector(".state");
                const text = state && (state.querySelector("span") ?? state).textContent;
                if (text && text !== "Submitting" && statuses.at(-1) !== text) statuses.push(text);
            };
            new MutationObserver(look).observe(document.getElementById("jobs"),
                {subtree: true, childList: true, characterData: true});
        }""",
        prompt,
    )
    return "window.statuses"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control whose name begins so has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(name):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


FOCUSED = """() => {
    const here = document.activeElement;
    return here.getAttribute("aria-label") ?? here.labels?.[0]?.textContent.trim() ?? "";
}"""
