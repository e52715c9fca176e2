"""Exploring is cheap: a draft and its promotion, at a desk and on a phone; a withdrawn model."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESKTOP, MINE, PHONE, Opener
from tests.support.pages.seen import card, expect_status, generate
from tests.support.product import Person, Product


@pytest.mark.parametrize(
    ("viewport", "theme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desk", "phone"]
)
def test_a_draft_is_made_chosen_and_promoted(
    product: Product,
    member: Person,
    open_page: Opener,
    viewport: ViewportSize,
    theme: Literal["light", "dark"],
) -> None:
    page = open_page(product, MINE, who=member, viewport=viewport, color_scheme=theme)
    composer = page.get_by_role("form", name="New video")
    button = composer.get_by_role("button", name="Draft")
    expect(button).to_have_text(re.compile("30 cr"))
    composer.get_by_label("Model").select_option("Gemini Omni 1.1 Flash")
    composer.get_by_role("group", name="Duration").get_by_text("10 s").click()
    expect(button).to_have_text(re.compile("126 cr"))
    expect(composer).to_contain_text("Gemini Omni 1.1 Flash, 360p")
    composer.get_by_role("group", name="Takes").get_by_text("2").click()
    expect(button).to_have_text(re.compile("252 cr"))
    composer.get_by_role("group", name="Duration").get_by_text("8 s").click()
    composer.get_by_role("group", name="Takes").get_by_text("1").click()
    prompt = f"[[seconds=0.3]] Exploring in the {theme}"
    composer.get_by_role("textbox", name="Prompt").fill(prompt)
    button.click()
    draft = card(page, prompt)
    expect_status(draft, "Succeeded")
    expect(draft.get_by_text("Draft", exact=True)).to_be_visible()
    # What was to be made in the end stays chosen.
    expect(composer.get_by_label("Model")).to_have_value("google/gemini-omni-flash-1-1")

    draft.get_by_role("link", name=prompt, exact=True).click()
    promote = page.get_by_role("region", name="Promote")
    expect(promote).to_contain_text("delivers in Veo 3.1 Fast, 720p")
    promote.get_by_role("button", name="Promote 60 cr").click()
    expect(page.get_by_text("Queued. 60 credits are reserved for it.")).to_be_visible()
    expect(page.get_by_text("Promoted from a draft")).to_be_visible()
    page.get_by_role("link", name="a draft", exact=True).click()
    expect(promote).to_contain_text("It was already promoted to Veo 3.1 Fast, 720p.")
    expect(promote).to_contain_text("Veo 3.1 Fast, 720p (ready)")
    assert len(product.tasks(f"Exploring in the {theme}")) == 2


def test_a_withdrawn_model_is_met_in_the_composer_and_by_a_waiting_job(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, MINE, who=member, may_fail="422")
    composer = page.get_by_role("form", name="New video")
    model = composer.get_by_label("Model")
    model.select_option("Gemini Omni")
    waiting = generate(page, "[[refuse-429]] Waiting for its model")
    expect_status(waiting, "Queued")
    change = {"model_name": "gemini-omni-video", "reason": "Its provider has let go of it"}
    product.post(product.admin, "/team/prices/", **change)
    try:
        # Whoever has it chosen already reads why not, and loses nothing of what is typed.
        composer.get_by_role("textbox", name="Prompt").fill("Too late for this one")
        composer.get_by_role("button", name="Generate").click()
        gone = "Gemini Omni is no longer offered at kie.ai. Choose another model."
        expect(composer.get_by_text(gone)).to_be_visible()
        expect(composer.get_by_role("textbox", name="Prompt")).to_have_value(
            "Too late for this one"
        )
        expect(waiting).to_contain_text("not charged")
        waiting.locator(".job-title a").click()
        expect(page.locator("#detail")).to_contain_text(f"{gone} Nothing was charged.")
        page.go_back()
        # The composer offers it no more, and begins again with the nearest one that is there.
        waiting.get_by_role("link", name="Edit prompt").click()
        expect(model).to_have_value("veo3_lite")
        expect(model.get_by_role("option", name="Gemini Omni", exact=True)).to_have_count(0)
    finally:
        product.post(product.admin, "/team/prices/", **change, again="1")
