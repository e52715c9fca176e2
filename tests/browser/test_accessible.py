"""Every page for everybody: axe finds nothing, and nothing sticks out on a phone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from jobs.mail import plain
from jobs.models import UnlistedHost, User
from tests.browser.conftest import DESKTOP, PHONE, Opener
from tests.support.pages.seen import sizes_of
from tests.support.product import Person, Product
from tests.support.states.mails import page_of

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
SETTLED = """() =>
    document.getAnimations().filter(a => a instanceof CSSTransition).forEach(a => a.finish())"""
"""Colours fade from one theme to the other: nobody waits for the end, they are put there."""
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")]
        .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
        .map(each => `wider than ${innerWidth} px: ${each.outerHTML.slice(0, 120)}`)"""
STATES = {
    "A lighthouse in the rain [[seconds=0.3]]": "succeeded",
    "A portrait of the sea [[seconds=0.3]]": "succeeded",
    "A river that never ends [[stuck]]": "running",
    "A storm [[fail]] [[seconds=0.3]]": "failed",
    "A lost comet [[accept-then-drop]] [[no-callback]]": "uncertain",
    "A patient heron [[refuse-429]]": "queued",
}


@pytest.fixture(scope="package")
def cast(product: Product) -> Person:
    """Somebody with a card in every state, and a project."""
    member = product.member()
    product.post(member, "/projects/", name="Autumn launch")
    for prompt in STATES:
        ratio = "9:16" if "portrait" in prompt else "16:9"
        product.generate(member, prompt, aspect_ratio=ratio)
    product.settled(member, *STATES.values())
    return member


OF_ONESELF = ("/news/", "/news/settings/", "/profile/", "/password/")
FILLING_IN = ("/templates/", "/templates/new/", "/presets/", "/recent/", "/images/frames/")
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
EVERYWHERE = [(size, theme) for size in (DESKTOP, PHONE) for theme in THEMES]
DIAGONAL: list[tuple[ViewportSize, Theme]] = [(DESKTOP, "light"), (PHONE, "dark")]
"""Both sizes and both themes: axe takes longest, and what differs in both at once is rare."""


def complaints(page: Page, looks: Sequence[tuple[ViewportSize, Theme]] = DIAGONAL) -> list[str]:
    """What axe finds, and what is wider than the screen, in these sizes and themes.

    Of a size that it has looked at in one theme it looks at the colours of the other.
    """
    found, seen = [], []
    for size, theme in looks:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        page.evaluate(SETTLED)
        wide: list[str] = page.evaluate(TOO_WIDE)
        where = f"{page.url} at {size['width']} px, {theme}"
        found += [
            f"{where}: {text}" for text in (*wide, *axe(page, COLOURS if size in seen else {}))
        ]
        seen.append(size)
    return found


COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""The rules of axe that a theme decides."""
RUN = """options => axe.run({resultTypes: ["violations"], preload: false, ...options})
    .then(told => told.violations)"""


def axe(page: Page, options: dict[str, Any]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    violations: Any = page.evaluate(RUN, options)
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in violations
        for node in each["nodes"]
    ]


def test_the_studio_is_open_to_everybody(product: Product, cast: Person, open_page: Opener) -> None:
    assert complaints(open_page(product, who=cast), EVERYWHERE) == []


def test_so_are_a_members_other_pages(product: Product, cast: Person, open_page: Opener) -> None:
    page = open_page(product, "/keys/", who=cast)
    found = complaints(page)
    for path in (
        *FILLING_IN,
        "/projects/",
        "/trash/",
        *OF_ONESELF,
        "/?q=nothing+like+it",
        "/?mode=video",
        "/?after=9000000000000000-0",
        "/library/?sort=rated",
    ):
        page.goto(path)
        found += complaints(page)
    page.goto("/trash/")
    page.get_by_role("button", name=re.compile("^Notifications")).click()
    page.locator("#news-list [data-news]").wait_for()
    found += complaints(page)
    page.goto("/projects/")
    page.get_by_role("main").get_by_role("link", name="Autumn launch", exact=True).click()
    page.wait_for_url("**/projects/*/")
    assert found + complaints(page) == []


def test_so_is_the_page_of_a_job(product: Product, cast: Person, open_page: Opener) -> None:
    page = open_page(product, who=cast)
    page.get_by_role("link", name="A lighthouse in the rain [[seconds=0.3]]", exact=True).click()
    page.wait_for_url("**/jobs/**")
    assert complaints(page, EVERYWHERE) == []


def test_so_it_is_however_the_job_ended(product: Product, cast: Person, open_page: Opener) -> None:
    page = open_page(product, who=cast)
    found = []
    for prompt, status in STATES.items():
        if status in ("running", "failed", "uncertain"):
            page.goto("/")
            page.get_by_role("link", name=prompt, exact=True).click()
            page.wait_for_url("**/jobs/**")
            found += complaints(page)
    assert found == []


def test_so_is_a_draft_and_what_it_can_become(product: Product, open_page: Opener) -> None:
    member = product.member()
    product.generate(member, "A draft [[seconds=0.3]]", draft="1", seen_draft="30")
    product.settled(member, "succeeded")
    page = open_page(product, who=member)
    page.get_by_role("link", name="A draft [[seconds=0.3]]", exact=True).click()
    page.wait_for_url("**/jobs/**")
    found = complaints(page)
    page.goto(f"{page.url}promote/")
    assert found + complaints(page) == []


def test_so_are_the_admins_pages(product: Product, cast: Person, open_page: Opener) -> None:
    page = open_page(product, "/team/", who=product.admin)
    found = complaints(page)
    for path in ("/team/prices/", "/team/requests/"):
        page.goto(path)
        found += complaints(page)
    page.get_by_role("link", name="A lost comet").first.click()
    page.wait_for_url("**/jobs/**")
    assert found + complaints(page) == []


def test_so_are_those_about_budgets(product: Product, open_page: Opener) -> None:
    poor = product.member()
    taken = {"user": poor.number, "credits": -4990, "reason": "For the browser"}
    product.post(product.admin, "/team/", **taken)
    product.generate(poor, "A dear comet")
    page = open_page(product, who=poor)
    found = complaints(page)
    page.goto("/credits/")
    found += complaints(page)
    office = open_page(product, "/team/budgets/", who=product.admin)
    found += complaints(office)
    office.goto("/team/requests/")
    for each in office.locator(".ask summary").all():
        each.click()
    assert found + complaints(office) == []


def test_so_are_those_about_people(product: Product, cast: Person, open_page: Opener) -> None:
    person = f"/team/people/{cast.number}/"
    page = open_page(product, person, who=product.admin)
    for action in page.locator("details.act summary").all():
        action.click()
    found = complaints(page)
    for path in (
        f"{person}leave/",
        "/team/audit/",
        "/team/settings/",
        "/team/strays/",
        "/team/invitations/",
    ):
        page.goto(path)
        found += complaints(page)
    page.get_by_role("button", name="Create invitation").click()
    link = page.locator("#join-link").inner_text()
    found += complaints(page)
    stranger = open_page(product, link, may_fail="404")
    found += complaints(stranger)
    stranger.goto("/join/nothing/")
    assert found + complaints(stranger) == []


def test_so_are_the_ways_to_make_more_of_a_video(
    product: Product, cast: Person, open_page: Opener
) -> None:
    page = open_page(product, who=cast)
    take = page.get_by_role("article", name="A lighthouse in the rain [[seconds=0.3]]")
    sizes_of(take)
    found = complaints(page)
    page.keyboard.press("Escape")
    take.get_by_role("button", name="Extend").click()
    page.get_by_role("heading", name="What happens next").wait_for()
    assert found + complaints(page) == []


def test_so_is_the_sign_in_page(product: Product, open_page: Opener) -> None:
    assert complaints(open_page(product, "/login/")) == []


def test_so_is_the_setup_page(pages_alone: Product, open_page: Opener) -> None:
    assert complaints(open_page(pages_alone, "/setup/")) == []


def test_so_is_the_page_of_what_is_not_there(
    product: Product, cast: Person, open_page: Opener
) -> None:
    assert complaints(open_page(product, "/nothing/", who=cast, may_fail="404")) == []


def test_so_is_a_form_with_mistakes(product: Product, cast: Person, open_page: Opener) -> None:
    page = open_page(product, who=cast, may_fail="422")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Seed", exact=True).fill("12")
    page.get_by_role("textbox", name="Prompt").fill("A mistake")
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("A seed is a whole number").wait_for()
    assert complaints(page) == []


def test_so_are_the_letters_about_accounts_and_to_admins(browser: Browser) -> None:
    someone = {"person": User(username="Hausenberger" * 12), "hours": 24}
    host = {"host": UnlistedHost(entry=f"{'cdn-' * 20}1.example:9000")}
    link = f"https://dailies.example/password/new/{'x' * 43}/"
    letters = [
        plain.letter("password_link", someone, [], address=link),
        plain.letter("unlisted_host", host, [], address=link, setting="ARCHIVE_HOSTS=" + "x" * 90),
    ]
    found, page = [], browser.new_page()
    for each in letters:
        page.set_content(page_of(each))
        for size, theme in EVERYWHERE:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme)
            found += [*page.evaluate(TOO_WIDE), *axe(page, COLOURS)]
    page.context.close()
    assert found == []
