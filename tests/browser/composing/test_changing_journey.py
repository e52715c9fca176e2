"""A film of ours is the source of the next one: words change a part of it."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.composing.test_images_journey import REFUSED, choose_mode, mode, photo
from tests.browser.conftest import Opener
from tests.support.media.films import film
from tests.support.pages.seen import card, expect_status, generate
from tests.support.product import Person, Product

FIRST, SECOND = "[[seconds=0.3]] A pier at noon", "[[seconds=0.3]] Make it night"


def composer(page: Page) -> Locator:
    return page.get_by_role("form", name="New video")


def tiles(page: Page) -> Locator:
    return page.locator("#thumbs > li")


def mp4(seconds: int) -> FilePayload:
    return {"name": "cut.mp4", "mimeType": "video/mp4", "buffer": film(seconds=seconds)}


def test_an_omni_film_is_changed_by_words_and_both_tell_of_it(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail=REFUSED)
    composer(page).get_by_label("Model").select_option("Gemini Omni 1.1 Flash")
    composer(page).get_by_role("group", name="Duration").get_by_text("4 s", exact=True).click()
    composer(page).get_by_role("group", name="Resolution").get_by_text("360p").click()
    made = generate(page, FIRST)
    expect_status(made, "Succeeded")

    made.get_by_role("button", name=re.compile("^More actions")).click()
    made.get_by_role("button", name="Change by words").click()
    expect(mode(page, "Video")).to_be_checked()
    expect(composer(page).get_by_label("Model")).to_have_value("google/gemini-omni-flash-1-1")
    expect(composer(page).locator("#cost")).to_have_text("168")
    expect(tiles(page)).to_have_count(1)
    player = page.get_by_label("The video that is changed")
    expect(player).to_have_js_property("videoHeight", 360)
    end = composer(page).get_by_role("textbox", name="End")
    expect(end).to_have_value("4")
    page.get_by_label("Images").set_input_files(photo("lamp.jpg"))
    expect(tiles(page)).to_have_count(2)
    player.evaluate("player => { player.currentTime = 1.4 }")
    composer(page).get_by_role("button", name="Start where the video stands").click()
    expect(composer(page).get_by_role("textbox", name="Start")).to_have_value("1")
    end.fill("9")
    composer(page).get_by_role("textbox", name="Prompt").fill(SECOND)
    composer(page).get_by_role("button", name="Generate").click()
    expect(composer(page)).to_contain_text("This video has 4 whole seconds. End at 4.")
    composer(page).get_by_role("textbox", name="End").fill("4")
    changed = generate(page, SECOND)
    expect_status(changed, "Succeeded")
    (task,) = product.tasks(SECOND)
    assert (task["charged"], task["seconds"]) == (168, 3)

    changed.get_by_role("link", name=SECOND, exact=True).click()
    expect(page.get_by_role("article")).to_contain_text("Changed from [[seconds=0.3]] A pier")
    page.get_by_role("link", name="[[seconds=0.3]] A pier").first.click()
    listed = page.get_by_role("region", name="Changed by words")
    expect(listed).to_contain_text("168 cr")
    listed.get_by_role("link", name=SECOND, exact=True).click()
    expect(page).to_have_url(re.compile("/jobs/"))


def test_a_film_from_a_file_goes_where_films_are_changed(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail=REFUSED)
    composer(page).get_by_label("Model").select_option("Gemini Omni")
    choose_mode(page, "References")
    page.get_by_label("Images").set_input_files([photo("a.jpg", 10), mp4(3)])
    expect(mode(page, "Video")).to_be_checked()
    expect(tiles(page)).to_have_count(2)
    # The film has the first place, however it came.
    expect(tiles(page).first.locator("video")).to_have_accessible_name("Video to change")
    page.get_by_label("Images").set_input_files(
        {"name": "no.mp4", "mimeType": "video/mp4", "buffer": b"no film"}
    )
    expect(page.locator("#image-problems")).to_contain_text("no.mp4: This is not a video that can")
    expect(page.get_by_placeholder("Say what should be different")).to_be_visible()
    choose_mode(page, "Text")
    expect(page.get_by_placeholder("Describe the shot")).to_be_visible()
    expect(page.get_by_label("The video that is changed")).to_be_hidden()
    choose_mode(page, "Video")
    expect_status(generate(page, "[[seconds=0.3]] As a drawing"), "Succeeded")
    expect(card(page, "[[seconds=0.3]] As a drawing")).to_contain_text("168 cr")
