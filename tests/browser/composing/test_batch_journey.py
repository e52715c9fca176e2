"""Many videos from one table: pasted, corrected, confirmed once, and watched to their end."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Opener
from tests.browser.test_accessible import DIAGONAL, complaints
from tests.support.product import Person, Product


def test_a_table_is_corrected_confirmed_and_watched(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    page.get_by_role("link", name="Batches").first.click()
    text = page.get_by_label("Or the table itself")
    text.fill("Prompt\tLength\nA table heron [[seconds=0.3]]\t5\nA table crane [[seconds=0.3]]\t8")
    found = complaints(page, [(DESKTOP, "light")])
    page.set_viewport_size(DESKTOP)
    page.get_by_role("button", name="Check the table").click()
    expect(page.get_by_role("alert")).to_contain_text("Duration: Veo 3.1 Fast offers these lengths")
    found += complaints(page, [(PHONE, "dark")])
    page.set_viewport_size(DESKTOP)
    text.fill(text.input_value().replace("\t5", "\t8"))
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("heading", name="2 videos, 120 credits")).to_be_visible()
    found += complaints(page, DIAGONAL)
    page.set_viewport_size(DESKTOP)
    page.get_by_role("button", name="Order 2 videos").press("Enter")
    expect(page.get_by_role("heading", name="2 of 2 finished")).to_be_visible()
    expect(page.locator("#announce")).to_contain_text("2 ready")
    found += complaints(page, DIAGONAL)
    page.get_by_role("link", name="A table heron").click()
    page.wait_for_url("**/jobs/**")
    assert found == []
