"""Takes of one order, and the composer where it is out of sight: by keyboard, mouse and finger."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import MINE, PHONE, Opener
from tests.support.pages.seen import expect_status
from tests.support.product import Person, Product


def test_takes_of_one_press_come_into_one_frame_and_are_made(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, MINE, who=member)
    form = page.get_by_role("form", name="New video")
    form.get_by_role("textbox", name="Prompt").fill("[[seconds=0.3]] Three swans")
    form.get_by_role("radio", name="1", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(form.get_by_label("Cost")).to_have_text("180")
    expect(form).to_contain_text("3 × 60")
    form.get_by_role("button", name="Generate 3 takes").click()
    frame = page.get_by_role("region", name="3 takes")
    expect(frame.get_by_role("article")).to_have_count(3)
    for take in frame.get_by_role("article").all():
        expect_status(take, "Succeeded")
    expect(page.get_by_role("article")).to_have_count(3)
    assert len(product.tasks("Three swans")) == 3


def test_further_down_the_composer_is_a_line_that_unfolds_and_moves_nothing(
    product: Product, member: Person, open_page: Opener
) -> None:
    for number in range(3):
        product.generate(member, f"[[refuse-429]] Crane {number}")
    page = open_page(product, MINE, who=member, viewport={"width": 700, "height": 500})
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("[[refuse-429]] A heron at dawn")
    line = page.get_by_role("region", name="New video, folded")
    expect(line).to_be_hidden()
    last = page.get_by_role("article", name="[[refuse-429]] Crane 0", exact=True)
    last.scroll_into_view_if_needed()
    place = last.bounding_box()
    line.get_by_role("link", name="[[refuse-429]] A heron at dawn").press("Enter")
    expect(prompt).to_be_focused()
    expect(prompt).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(line.get_by_role("link")).to_be_focused()
    assert last.bounding_box() == place
    line.get_by_role("button", name="Generate 60 cr").click()
    expect(line).to_contain_text("Queued. 60 credits are reserved for it.")
    expect(page.get_by_role("article")).to_have_count(4)


def test_on_a_phones_later_page_the_line_unfolds_by_a_tap(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(
        product, "/?after=1-1", who=member, viewport=PHONE, has_touch=True, is_mobile=True
    )
    prompt = page.get_by_role("textbox", name="Prompt")
    line = page.get_by_role("region", name="New video, folded")
    expect(prompt).to_be_hidden()
    # Nothing was written yet: the line shows where, instead of sending nothing.
    line.get_by_role("button", name="Generate").tap()
    expect(prompt).to_be_in_viewport()
    page.get_by_role("heading", name="Studio").tap()
    expect(prompt).to_be_hidden()
    line.get_by_role("link", name="Describe a shot").tap()
    expect(prompt).to_be_focused()
