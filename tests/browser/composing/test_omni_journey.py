"""A model of the unified API in the composer: its own sizes, lengths and prices, in each mode."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.composing.test_images_journey import choose_mode, photo, thumbnails
from tests.browser.conftest import Opener
from tests.support.pages.seen import card, expect_status, generate
from tests.support.product import Person, Product


def test_omni_films_from_words_from_frames_and_from_seven_references(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    composer = page.get_by_role("form", name="New video")
    cost = composer.locator("#cost")
    composer.get_by_label("Model").select_option("Gemini Omni 1.1 Flash")
    composer.get_by_role("group", name="Duration").get_by_text("10 s").click()
    expect(cost).to_have_text("126")
    composer.get_by_role("group", name="Duration").get_by_text("4 s", exact=True).click()
    composer.get_by_role("group", name="Resolution").get_by_text("4K").click()
    expect(cost).to_have_text("147")
    composer.get_by_role("group", name="Resolution").get_by_text("360p").click()
    expect(cost).to_have_text("63")
    made = generate(page, "[[seconds=0.3]] Omni from words")
    expect_status(made, "Succeeded")
    expect(made).to_contain_text("360p")

    choose_mode(page, "Frames")
    page.get_by_label("Images").set_input_files([photo("dawn.jpg", 10), photo("dusk.jpg", 240)])
    expect(thumbnails(page)).to_have_count(2)
    expect_status(generate(page, "[[seconds=0.3]] Omni from frames"), "Succeeded")

    choose_mode(page, "References")
    page.get_by_label("Images").set_input_files([photo(f"{n}.jpg", 30 * n) for n in range(5)])
    expect(thumbnails(page)).to_have_count(7)
    expect_status(generate(page, "[[seconds=0.3]] Omni from references"), "Succeeded")
    (task,) = product.tasks("Omni from references")
    assert (task["resolution"], task["charged"]) == ("360p", 63)

    composer.locator("#more summary").click()
    expect(composer.get_by_label("Watermark")).to_be_disabled()
    expect(composer.locator("#lacks")).to_contain_text("adds no watermark")
    # What a model knows nothing of is as it was, with one that does.
    composer.get_by_label("Model").select_option("Veo 3.1 Fast")
    expect(composer.get_by_label("Watermark")).to_be_enabled()
    expect(composer.get_by_role("checkbox", name="Translate prompt")).to_be_checked()
    expect(card(page, "[[seconds=0.3]] Omni from words")).to_be_visible()
