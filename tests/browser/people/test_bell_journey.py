"""The bell in a browser: opened by keyboard, and said once while nobody looks."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Opener
from tests.support.product import Person, Product

AWAY = """
globalThis.away = false;
Object.defineProperty(document, "hidden", { get: () => globalThis.away });
globalThis.Notification = class {
  static permission = "granted";
  constructor(title, { renotify }) {
    localStorage.said = `${localStorage.said ?? ""}${title}${renotify ? ";" : ", in silence;"}`;
  }
  addEventListener() {}
};
"""
"""Lets a test look away, and keeps what was said: without windows there are no notifications."""
UNANSWERED = """
globalThis.Notification = class {
  static permission = "default";
  static async requestPermission() { return "default"; }
};
"""
POLL = 31_000
LOCKS = "() => navigator.locks.query().then(({ held }) => held"
OUT_OF_SIGHT = f"{LOCKS}.every(({{ name }}) => name !== 'news-in-sight'))"
NOBODY_WAITS = "() => navigator.locks.query().then(({ pending }) => pending.length === 0)"


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
    # Whichever tab speaks next says nothing of it again.
    page.close()
    other.wait_for_function(NOBODY_WAITS)
    other.clock.run_for(POLL)
    expect(other.get_by_text("Notifications, 1 new").first).to_be_attached()
    assert other.evaluate("localStorage.getItem('said')") == "Failed;"


def test_a_slow_list_of_before_does_not_undo_that_all_was_marked_as_seen(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    page = open_page(product, "/projects/", who=who)
    page.evaluate(f"() => {{ {AWAY} }}")
    product.generate(who, "A heron who trips [[fail]]")
    product.settled(who, "failed")
    # Whoever comes back to a tab reads at once what has come.
    look_away(page)
    with page.expect_response("**/news/bell/") as came:
        look_away(page, away=False)
    before = came.value.text()
    button = page.get_by_role("button", name="Notifications, 1 new")
    expect(button).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/news/bell/", hold)
    with page.expect_request("**/news/bell/"):
        button.click()
    page.get_by_role("button", name="Mark all as seen").press("Enter")
    expect(button).to_have_count(0)
    expect(page.get_by_role("dialog", name="Notifications").locator("a:focus")).to_have_count(1)
    (late,) = held
    with page.expect_event("requestfinished"):
        late.fulfill(body=before, content_type="text/html")
    page.evaluate("() => new Promise((drawn) => { requestAnimationFrame(drawn); })")
    expect(button).to_have_count(0)


def test_nothing_is_offered_that_the_browser_refuses(
    product: Product, member: Person, open_page: Opener
) -> None:
    # Without windows it refuses notifications.
    page = open_page(product, "/news/settings/", who=member)
    expect(page.get_by_text("Your browser blocks them.")).to_be_visible()
    expect(page.get_by_role("button", name="Turn on the sound")).to_be_visible()
    expect(page.get_by_role("button", name="Turn on notifications")).to_be_hidden()
    # Who closes what the browser asked has answered nothing.
    page.add_init_script(UNANSWERED)
    page.reload()
    page.get_by_role("button", name="Turn on notifications").click()
    expect(page.get_by_text("got no answer")).to_be_visible()
