"""The form: what it offers, what it costs, and that one click is one job."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import MINE, Opener
from tests.support.pages.seen import card, expect_status, generate
from tests.support.product import Person, Product


def choose(page: Page, group: str, value: str) -> None:
    page.get_by_role("group", name=group).get_by_text(value, exact=True).click()


def offered(page: Page, group: str) -> list[str]:
    """The choices of a group that can be made."""
    radios = page.get_by_role("group", name=group).get_by_role("radio").all()
    labels = [radio.locator("xpath=ancestor::label") for radio in radios if radio.is_enabled()]
    return [label.inner_text().strip() for label in labels]


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
    page.get_by_label("Model").select_option("Veo 4 preview")
    expect(cost(page)).to_have_text("180")


def test_videos_begin_on_the_first_screen_of_a_small_window(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, MINE, who=member, viewport={"width": 1024, "height": 768})
    page.evaluate("document.fonts.ready.then(() => true)")
    box = page.get_by_role("form", name="New video").bounding_box()
    assert box
    assert box["y"] + box["height"] < 600
    # Of the tabs above them none is cut off.
    tabs = page.get_by_role("navigation", name="Filter")
    assert tabs.evaluate("nav => nav.scrollWidth <= nav.clientWidth")


def test_what_a_model_cannot_do_is_gray_with_the_reason(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    assert offered(page, "Aspect ratio") == ["16:9", "9:16"]
    page.get_by_label("Model").select_option("Veo 4 preview")
    assert offered(page, "Resolution") == ["720p"]
    assert offered(page, "Aspect ratio") == ["16:9", "9:16", "1:1"]
    assert offered(page, "Duration") == ["8 s"]
    wide = page.get_by_role("radio", name="21:9")
    reason = "Veo 4 preview doesn’t support 21:9. Use Seedance 2."
    expect(wide).to_have_accessible_description(reason)
    # A finger cannot rest on it, and taps.
    page.get_by_role("group", name="Aspect ratio").get_by_text("21:9").click(force=True)
    expect(page.get_by_text(reason)).to_be_visible()
    page.get_by_label("Model").select_option("Seedance 2")
    expect(page.get_by_text(reason)).to_be_hidden()
    expect(wide).to_be_enabled()
    expect(wide).to_have_accessible_description("")


def test_a_large_video_comes_at_full_length_only(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    assert offered(page, "Duration") == ["4 s", "6 s", "8 s"]
    choose(page, "Duration", "4 s")
    choose(page, "Resolution", "1080p")
    assert offered(page, "Duration") == ["8 s"]
    short = page.get_by_role("radio", name="4 s", exact=True)
    expect(short).to_have_accessible_description("Not with this mode and size.")
    choose(page, "Resolution", "720p")
    expect(short).to_be_checked()


def test_references_stay_chosen_with_the_reason_why_not(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    reason = page.get_by_text("Quality doesn’t support references. Use Fast, Lite, Flash or Omni.")
    references = page.get_by_role("radio", name="References")
    choose(page, "Mode", "References")
    page.get_by_label("Model").select_option("Veo 3.1 Quality")
    expect(reason).to_be_visible()
    expect(references).to_be_checked()
    choose(page, "Mode", "Text")
    expect(references).to_be_disabled()
    # Nobody wants them any more: it is said to whoever goes there, or taps.
    expect(reason).to_be_hidden()
    expect(references).to_have_accessible_description(
        "Quality doesn’t support references. Use Fast, Lite, Flash or Omni."
    )
    page.get_by_role("group", name="Mode").get_by_text("References").click(force=True)
    expect(reason).to_be_visible()
    page.get_by_label("Model").select_option("Veo 3.1 Fast")
    expect(references).to_be_enabled()
    expect(reason).to_be_hidden()


def test_a_changed_choice_is_not_bought_at_a_stale_price_without_scripts(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, java_script_enabled=False, may_fail="422")
    page.get_by_role("textbox", name="Prompt").fill("[[refuse-429]] A dear fox")
    page.get_by_label("Model").select_option("Veo 3.1 Quality")
    choose(page, "Resolution", "4K")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("This costs 380 credits, not the 60 shown.")).to_be_visible()
    expect(cost(page)).to_have_text("380")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("Queued. 380 credits are reserved for it.")).to_be_visible()


def test_a_price_that_changed_meanwhile_is_told_before_the_order(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail="422")
    page.locator("#catalog").evaluate(
        "said => { said.textContent = said.textContent.replaceAll('60', '50'); }"
    )
    page.locator("[name=seen_cost]").evaluate("field => { field.value = 50; }")
    page.get_by_role("textbox", name="Prompt").fill("[[refuse-429]] A patient fox")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("This costs 60 credits, not the 50 shown.")).to_be_visible()
    expect(cost(page)).to_have_text("60")
    expect(page.get_by_role("button", name="Generate")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(page, "[[refuse-429]] A patient fox")).to_be_visible()


def test_enter_on_4k_pressed_twice_makes_one_upgrade_and_no_video(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, MINE, who=member, viewport={"width": 1000, "height": 500})
    prompt = "[[seconds=0.3]] A lone heron"
    take = generate(page, prompt)
    expect(take.get_by_role("button", name="Play")).to_be_visible()
    take.get_by_role("button", name="sizes of").focus()
    scrolled = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    sizes = take.get_by_role("dialog", name="Sizes of")
    order = sizes.get_by_role("button", name="Upgrade to 4K")
    expect(order).to_contain_text("Upgrade to 4K 120 cr")
    for _ in range(3):  # past the file that is there, and the other size
        page.keyboard.press("Tab")
    expect(order).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("4K ordered. 120 credits are reserved for it.")).to_be_visible()
    expect(sizes).to_be_focused()
    assert page.evaluate("scrollY") == scrolled > 0
    page.keyboard.press("Enter")
    # A film of this size is made, fetched and looked at behind all that is seen.
    expect(take.locator(".rail a.have")).to_have_text("4K", timeout=60_000)
    expect(sizes).to_be_focused()
    page.reload()
    expect(page.get_by_role("article")).to_have_count(1)
    made = [task["kind"] for task in product.tasks("A lone heron")]
    assert sorted(made) == ["4k", "generate"]


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


def test_of_a_model_without_a_price_nothing_is_said_to_be_reserved(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    reserved, unpriced = page.locator("#reserved"), page.get_by_text("have no price yet")
    expect(reserved).to_be_visible()
    page.get_by_label("Model").select_option("Seedance 2")
    expect(unpriced).to_be_visible()
    expect(reserved).to_be_hidden()
    page.get_by_label("Model").select_option("Veo 3.1 Lite")
    expect(reserved).to_be_visible()
    expect(unpriced).to_be_hidden()


def test_a_job_lends_its_settings(product: Product, member: Person, open_page: Opener) -> None:
    product.generate(
        member, "[[refuse-429]] A pattern", aspect_ratio="9:16", resolution="1080p", seed="23456"
    )
    page = open_page(product, who=member)
    pattern = card(page, "[[refuse-429]] A pattern")
    pattern.get_by_role("button", name="More actions").click()
    pattern.get_by_role("link", name="Reuse with the same seed").click()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("[[refuse-429]] A pattern")
    expect(page.get_by_role("radio", name="9:16")).to_be_checked()
    expect(page.get_by_label("Seed", exact=True)).to_have_value("23456")
    expect(cost(page)).to_have_text("65")
    page.get_by_role("link", name="New seed", exact=True).click()
    expect(page.get_by_label("Seed", exact=True)).to_have_value("")
