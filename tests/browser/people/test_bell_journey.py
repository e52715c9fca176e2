"""The bell in a browser: opened by keyboard, and said once while nobody looks."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.support.product import Product

AWAY = """
globalThis.away = false;
Object.defineProperty(document, "hidden", { get: () => globalThis.away });
globalThis.Notification = class {
  static permission = "granted";
  constructor(title) { localStorage.said = `${localStorage.said ?? ""}${title};`; }
  addEventListener() {}
};
"""
"""Lets a test look away, and keeps what was said: without windows there are no notifications."""
POLL = 31_000
LOCKS = "() => navigator.locks.query().then(({ held }) => held"
OUT_OF_SIGHT = f"{LOCKS}.every(({{ name }}) => name !== 'news-in-sight'))"


def look_away(page: Page, *, away: bool = True) -> None:
    page.evaluate(
        "away => { window.away = away; document.dispatchEvent(new Event('visibilitychange')); }",
        away,
    )


def test_the_bell_is_read_by_keyboard_and_of_hidden_tabs_one_speaks(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    page = open_page(product, "/projects/", who=who, has_clock=True)
    page.context.add_init_script(AWAY)
    page.evaluate("localStorage.setItem('news-browser', 'on')")
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto("/projects/")
        tab.wait_for_function(f"{LOCKS}.length > 1)")
    product.generate(who, "A fox who trips [[fail]]")
    product.settled(who, "failed")
    # While one of them is in sight nobody has to be told.
    look_away(other)
    page.clock.run_for(POLL)
    button = page.get_by_role("button", name="Notifications, 1 new")
    expect(button).to_be_visible()
    assert page.evaluate("localStorage.getItem('said')") is None
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Notifications")).to_contain_text("A fox who trips")
    page.get_by_role("button", name="Mark all as seen").press("Enter")
    expect(page.get_by_role("button", name="Notifications, 1 new")).to_have_count(0)
    page.keyboard.press("Escape")
    look_away(page)
    page.wait_for_function(OUT_OF_SIGHT)
    product.generate(who, "A crow who trips [[fail]]")
    product.settled(who, "failed", "failed")
    for tab in (page, other):
        tab.clock.run_for(POLL)
    page.wait_for_function("() => localStorage.getItem('said')")
    expect(page.get_by_text("Notifications, 1 new").first).to_be_attached()
    assert page.evaluate("localStorage.getItem('said')") == "Failed;"
