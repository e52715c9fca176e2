"""A finished video is made larger and longer, in the browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener
from tests.browser.test_without_javascript import until
from tests.support.pages.seen import card, generate, sizes_of, wait_for_film
from tests.support.product import Product

PROMPT = "[[seconds=0.5]] A quiet harbour"


def test_a_size_is_ordered_on_the_card_past_the_one_way_door(
    product: Product, open_page: Opener
) -> None:
    page = open_page(product, who=product.member())
    take = generate(page, PROMPT)
    sizes = sizes_of(take)
    expect(page.get_by_text("kie.ai can no longer extend it")).to_be_visible()
    edge = "element => element.getBoundingClientRect().x"
    assert abs(sizes.evaluate(edge) - take.locator(".size-chip").evaluate(edge)) <= 1
    sizes.get_by_role("button", name="Upgrade to 1080p").click()
    expect(page.get_by_text("1080p ordered. 5 credits are reserved for it.")).to_be_visible()
    expect(take.locator(".rail a.busy")).to_contain_text("1080p")
    expect(take.locator(".rail a.have")).to_have_text("1080p")
    expect(take.get_by_role("button", name="Extend")).to_have_count(0)
    expect(page.get_by_role("article", name=PROMPT, exact=True)).to_have_count(1)


def test_a_larger_copy_is_played_once_nothing_else_plays_there(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    studio = open_page(product, who=who)
    take = generate(studio, PROMPT)
    idle = open_page(product, who=who)
    take.get_by_role("button", name="Play").click()
    assert wait_for_film(studio)["height"] == 720
    studio.evaluate("window.film = document.querySelector('video')")
    sizes_of(take).get_by_role("button", name="Upgrade to 1080p").click()
    expect(take.get_by_role("link", name="Download 1080p").first).to_be_attached()
    assert studio.evaluate("film.isConnected")

    # As if somebody came back to that tab.
    idle.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    keep = card(idle, PROMPT).locator(".acts [download]")
    expect(keep).to_have_accessible_name(re.compile("^Download 1080p"))
    card(idle, PROMPT).get_by_role("button", name="Play").click()
    assert wait_for_film(idle)["height"] == 1080
    for viewport, height in ((DESKTOP, 1080), (PHONE, 720)):
        page = open_page(product, who=who, viewport=viewport)
        card(page, PROMPT).get_by_role("button", name="Play").click()
        assert wait_for_film(page)["height"] == height
        card(page, PROMPT).get_by_role("link", name=PROMPT, exact=True).click()
        page.wait_for_url("**/jobs/**")
        assert wait_for_film(page)["height"] == height


def test_a_film_goes_on_where_it_ended(product: Product, open_page: Opener) -> None:
    page = open_page(product, who=product.member())
    generate(page, PROMPT).get_by_role("button", name="Extend").click()
    expect(page.get_by_role("status", name="Cost")).to_have_text("60")
    page.get_by_label("Model").select_option("veo3_lite")
    expect(page.get_by_role("status", name="Cost")).to_have_text("30")
    page.goto("/keys/")
    page.go_back()
    expect(page.get_by_label("Model")).to_have_value("veo3_lite")
    expect(page.get_by_role("status", name="Cost")).to_have_text("30")
    page.get_by_label("Prompt").fill("[[seconds=0.5]] A boat comes in")
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("Queued. 30 credits are reserved for it.")).to_be_visible()
    expect(page.locator("#player video")).to_have_count(1)
    clips = page.get_by_role("group", name="Clips in order")
    expect(clips.get_by_role("listitem")).to_have_count(2)
    page.get_by_text("Details", exact=True).click()
    expect(page.get_by_role("link", name="New part alone", exact=True)).to_be_visible()


def test_the_frame_that_the_player_shows_is_used(product: Product, open_page: Opener) -> None:
    page = open_page(product, who=product.member())
    generate(page, PROMPT).get_by_role("link", name=PROMPT, exact=True).click()
    page.wait_for_url("**/jobs/**")
    page.locator("#player video").evaluate("video => { video.currentTime = 2.5; }")
    expect(page.get_by_label("Frame time (seconds)")).to_have_value("2.50")
    page.get_by_role("button", name="Use this frame").click()
    page.wait_for_url("**/?mode=frames&image=*")
    expect(page.get_by_role("img", name="First frame")).to_be_visible()


def test_all_of_it_works_without_scripts(product: Product, open_page: Opener) -> None:
    page = open_page(product, who=product.member(), java_script_enabled=False)
    take = generate(page, PROMPT)
    until(page, "720p", PROMPT)
    sizes_of(take).get_by_role("button", name="Upgrade to 4K").click()
    expect(page.get_by_text("4K ordered. 120 credits are reserved for it.")).to_be_visible()
    expect(page).to_have_url(_studio(page))
    take.get_by_role("button", name="Extend").click()
    page.get_by_label("Prompt").fill("[[seconds=0.5]] A boat comes in")
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("Queued. 60 credits are reserved for it.")).to_be_visible()
    page.goto("/")
    expect(card(page, "[[seconds=0.5]] A boat comes in")).to_contain_text("Extended from")


def _studio(page: Page) -> str:
    """The studio, at the card that was worked on."""
    number = page.locator("article.job").first.get_attribute("id")
    return f"{page.url.split('#')[0]}#{number}"
