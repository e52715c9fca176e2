"""Videos that are taken away: ticked, downloaded, printed, and handed to a client."""

from __future__ import annotations

import zipfile

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.test_accessible import complaints
from tests.support.pages.seen import card
from tests.support.product import Product

HERONS = [f"Heron {number} [[seconds=0.3]]" for number in "12"]


def saved(page: Page, button: str) -> str:
    """Where what this button downloads is kept."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=button).click()
    return str(coming.value.path())


def test_what_is_ticked_is_downloaded_printed_and_shared(
    product: Product, open_page: Opener
) -> None:
    who = product.member()
    for prompt in HERONS:
        product.generate(who, prompt)
    product.settled(who, "succeeded", "succeeded")
    page = open_page(product, "/library/?q=Heron", who=who)
    for prompt in HERONS:
        card(page, prompt).get_by_role("checkbox").click()
    bar = page.get_by_role("region", name="Selected videos")
    bar.get_by_role("button", name="Download").click()
    expect(page.get_by_role("heading", name="Download 2 videos")).to_be_visible()
    assert complaints(page) == []
    with zipfile.ZipFile(saved(page, "Download ZIP")) as found:
        assert found.testzip() is None
        assert sorted(found.namelist()) == [
            "Heron 1 [[seconds=0.3]] - 720p.mp4",
            "Heron 2 [[seconds=0.3]] - 720p.mp4",
        ]
    with open(saved(page, "Download contact sheet"), "rb") as paper:  # noqa: PTH123
        assert paper.read(5) == b"%PDF-"
    back = page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Library")
    expect(back).to_have_attribute("href", "/library/?q=Heron")
    page.go_back()
    for prompt in HERONS:
        expect(card(page, prompt).get_by_role("checkbox")).to_be_checked()
    bar.get_by_role("button", name="Share").click()
    expect(page.get_by_role("list").filter(has_text="Heron 2").first).to_contain_text("Heron 1")
    page.get_by_role("button", name="Create link").last.click()
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()
    assert complaints(page) == []
