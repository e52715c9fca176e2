"""Every action also works as a plain form."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.support.markup import flat
from tests.support.pages.seen import card, generate, set_up
from tests.support.product import Product


def until(page: Page, words: str, prompt: str) -> None:
    """Reload once the card says so. Till then the page is read, and not drawn."""
    for _ in range(60):
        cards = flat(page.request.get(page.url).text()).split("<article ")
        if any(words in each and prompt in each for each in cards):
            page.reload()
            if words in card(page, prompt).inner_text():
                return
        page.wait_for_timeout(250)
    expect(card(page, prompt)).to_contain_text(words)


def test_from_setup_to_the_first_order_without_scripts(
    pages_alone: Product, open_page: Opener
) -> None:
    page = open_page(pages_alone, java_script_enabled=False)
    set_up(page, pages_alone)
    generate(page, "A quiet harbour")
    expect(page.get_by_text("Queued. 60 credits are reserved for it.")).to_be_visible()


def test_from_an_order_to_its_video_without_scripts(product: Product, open_page: Opener) -> None:
    page = open_page(product, who=product.member(), java_script_enabled=False)
    generate(page, "[[seconds=0.5]] A quiet harbour")
    expect(page.get_by_text("Queued. 60 credits are reserved for it.")).to_be_visible()
    until(page, "720p", "[[seconds=0.5]] A quiet harbour")
    card(page, "[[seconds=0.5]] A quiet harbour").get_by_role("link").first.click()
    for _ in range(60):
        if "<video" in page.request.get(page.url).text():  # stored, and so to be played
            break
        page.wait_for_timeout(500)
    page.reload()
    film = page.locator("video").get_attribute("src") or ""
    answer = page.request.get(film, headers={"Range": "bytes=0-99"})
    assert (answer.status, answer.headers["content-type"]) == (206, "video/mp4")


def test_a_job_is_called_off_without_scripts(product: Product, open_page: Opener) -> None:
    page = open_page(product, who=product.member(), java_script_enabled=False)
    waiting = generate(page, "[[refuse-429]] A slow snail")
    until(page, "slow down", "[[refuse-429]] A slow snail")
    waiting.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Canceled. 60 credits are available again.")).to_be_visible()


def test_credits_are_granted_without_scripts(product: Product, open_page: Opener) -> None:
    member = product.member()
    page = open_page(product, "/team/", who=product.admin, java_script_enabled=False)
    page.get_by_role("link", name=f"Grant credits to {member.username}").click()
    page.get_by_role("textbox", name="Credits").fill("250")
    page.get_by_label("Reason").fill("For a plain form")
    page.get_by_role("button", name="Grant credits").click()
    expect(page.get_by_text(f"250 credits granted to {member.username}.")).to_be_visible()


def test_a_key_is_saved_and_removed_without_scripts(product: Product, open_page: Opener) -> None:
    page = open_page(product, "/keys/", who=product.member(), java_script_enabled=False)
    page.get_by_label("API key for kie.ai", exact=True).fill("practice-kie-key")
    page.get_by_role("button", name="Save key for kie.ai", exact=True).click()
    expect(page.get_by_text("The kie.ai key works and is saved.")).to_be_visible()
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Remove key").click()
    expect(page.get_by_text("The kie.ai key has been removed.")).to_be_visible()


def test_the_theme_is_switched_without_scripts(product: Product, open_page: Opener) -> None:
    page = open_page(
        product, "/keys/", who=product.member(), java_script_enabled=False, color_scheme="light"
    )
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page).to_have_url(f"{product.url}/keys/")


def test_signing_out_and_a_new_password_need_no_scripts(
    product: Product, open_page: Opener
) -> None:
    member = product.member()
    page = open_page(product, "/password/", who=member, java_script_enabled=False)
    page.get_by_label("Old password").fill(member.password)
    page.get_by_label("New password", exact=True).fill("lantern sparrow nine")
    page.get_by_label("New password confirmation").fill("lantern sparrow nine")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password has been changed.")).to_be_visible()
    page.get_by_role("button", name=member.username).click()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{product.url}/login/")
