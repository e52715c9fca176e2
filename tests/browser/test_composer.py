"""The form: what it offers, what it costs, and that one click is one job."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opener
from tests.browser.product import Person, Product
from tests.browser.seen import card, expect_status


def choose(page: Page, group: str, value: str) -> None:
    page.get_by_role("group", name=group).get_by_text(value, exact=True).click()


def offered(page: Page, group: str) -> list[str]:
    """The choices of a group that can be seen."""
    radios = page.get_by_role("group", name=group).get_by_role("radio").all()
    labels = [radio.locator("xpath=ancestor::label") for radio in radios]
    return [label.inner_text().strip() for label in labels if label.is_visible()]


def cost(page: Page) -> Locator:
    return page.get_by_label("Cost")


def test_the_price_follows_the_settings_before_the_click(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    expect(cost(page)).to_have_text("60")
    page.get_by_label("Model").select_option("Veo 3.1 Quality")
    expect(cost(page)).to_have_text("250")
    choose(page, "Resolution", "4K")
    expect(cost(page)).to_have_text("380")
    page.get_by_label("Model").select_option("Veo 3.1 Lite")
    expect(cost(page)).to_have_text("150")
    page.get_by_label("Provider").select_option("veo4")
    expect(cost(page)).to_have_text("180")


def test_what_a_model_cannot_do_is_not_offered(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    assert offered(page, "Aspect ratio") == ["16:9", "9:16"]
    page.get_by_label("Provider").select_option("veo4")
    assert offered(page, "Resolution") == ["720p"]
    assert offered(page, "Aspect ratio") == ["16:9", "9:16", "1:1"]
    assert offered(page, "Duration") == ["8 s"]


def test_a_large_video_comes_at_full_length_only(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    assert offered(page, "Duration") == ["4 s", "6 s", "8 s"]
    choose(page, "Duration", "4 s")
    choose(page, "Resolution", "1080p")
    assert offered(page, "Duration") == ["8 s"]
    choose(page, "Resolution", "720p")
    expect(page.get_by_role("radio", name="4 s")).to_be_checked()


def test_a_double_click_makes_one_job(product: Product, member: Person, open_page: Opener) -> None:
    page = open_page(product, who=member)
    prompt = "[[seconds=0.3]] A single swan"
    page.get_by_role("textbox", name="Prompt").fill(prompt)
    page.get_by_role("button", name="Generate").dblclick()
    expect_status(card(page, prompt), "Succeeded")
    expect(card(page, prompt)).to_have_count(1)
    assert len(product.tasks("A single swan")) == 1


def test_going_back_and_sending_the_old_form_makes_nothing_new(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, java_script_enabled=False)
    prompt = "[[refuse-429]] A single crane"
    page.get_by_role("textbox", name="Prompt").fill(prompt)
    key = page.locator("input[name=submission_key]").get_attribute("value")
    page.get_by_role("button", name="Generate").click()
    expect(card(page, prompt)).to_have_count(1)
    product.generate(member, prompt, submission_key=key)
    page.reload()
    expect(card(page, prompt)).to_have_count(1)


def test_a_draft_survives_a_closed_tab_until_it_is_sent(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("[[refuse-429]] A half-written poem")
    page.goto("/keys/")
    page.goto("/")
    expect(prompt).to_have_value("[[refuse-429]] A half-written poem")
    page.get_by_role("button", name="Generate").click()
    expect(card(page, "[[refuse-429]] A half-written poem")).to_be_visible()
    page.goto("/")
    expect(prompt).to_have_value("")


def test_a_job_lends_its_settings(product: Product, member: Person, open_page: Opener) -> None:
    product.generate(
        member, "[[refuse-429]] A pattern", aspect_ratio="9:16", resolution="1080p", seed="23456"
    )
    page = open_page(product, who=member)
    pattern = card(page, "[[refuse-429]] A pattern")
    pattern.get_by_role("button", name="More actions").click()
    pattern.get_by_role("link", name="Reuse settings").click()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("[[refuse-429]] A pattern")
    expect(page.get_by_role("radio", name="9:16")).to_be_checked()
    expect(page.get_by_label("Seed", exact=True)).to_have_value("23456")
    expect(cost(page)).to_have_text("65")
