"""What a person sees on the pages, by role and name."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.product import PASSWORD, Person, Product


def set_up(page: Page, product: Product) -> None:
    """Become the first admin, as a stranger who opens the address."""
    page.goto(product.url)
    expect(page).to_have_url(f"{product.url}/setup/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Create admin").click()
    expect(page).to_have_url(f"{product.url}/")
    expect(page.locator("#purse")).to_contain_text("2,000 available")


def sign_in(page: Page, who: Person) -> None:
    page.get_by_role("textbox", name="Username").fill(who.username)
    page.get_by_label("Password").fill(who.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def card(page: Page, prompt: str) -> Locator:
    """The card of a prompt."""
    return page.get_by_role("article", name=prompt, exact=True)


def expect_status(card: Locator, status: str) -> None:
    """That the card says so, sooner or later."""
    expect(card.locator(".state").get_by_text(status, exact=True)).to_be_visible()


def generate(page: Page, prompt: str) -> Locator:
    """Type a prompt, press the button; the card it becomes."""
    page.get_by_role("textbox", name="Prompt").fill(prompt)
    form = page.get_by_role("form", name="New video")
    form.get_by_role("button", name=re.compile("^(Generate|Ask for approval)")).click()
    made = card(page, prompt)
    expect(made.first).to_be_visible()
    return made


def sizes_of(card: Locator) -> Locator:
    """The sizes of a video with their prices, opened by the chip on its card."""
    card.get_by_role("button", name="sizes of").click()
    return card.get_by_role("dialog", name="Sizes of")


def wait_for_film(page: Page) -> dict[str, float]:
    """What the playing video really is: its size and length once it has pictures."""
    facts: dict[str, float] = page.wait_for_function(
        """() => {
            const v = document.querySelector("video");
            return v && v.readyState >= 2
                && {width: v.videoWidth, height: v.videoHeight, seconds: v.duration};
        }"""
    ).json_value()
    return facts
