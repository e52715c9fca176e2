"""Held, not refused: a video waits for its budget, an admin approves it, and it makes itself."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.support.pages.seen import card, expect_status
from tests.support.product import Person, Product


def test_an_approved_video_makes_itself(
    product: Product, member: Person, open_page: Opener
) -> None:
    # Something under way, so that the page asks often.
    product.generate(member, "[[stuck]] Something that keeps the page asking")
    product.post(
        product.admin, "/team/", user=member.number, credits=-4890, reason="For the browser"
    )
    page = open_page(product, who=member)
    expect(page.get_by_text("It will wait for an admin’s approval")).to_be_visible()
    page.get_by_role("textbox", name="Prompt").fill("[[seconds=0.3]] A dear sunset")
    page.get_by_label("Reason, for the admin").fill("The client is waiting")
    page.get_by_role("button", name="Ask for approval").click()
    waiting = card(page, "[[seconds=0.3]] A dear sunset")
    expect_status(waiting, "Awaiting budget")
    expect(waiting).to_contain_text("This needs 60 credits, but you have 50.")

    office = open_page(product, "/team/requests/", who=product.admin)
    request = office.get_by_role("article", name="A dear sunset")
    expect(request).to_contain_text("50 available, 60 reserved")
    expect(request).to_contain_text("“The client is waiting”")
    request.get_by_role("button", name="Approve once").click()
    expect(office.get_by_text("Approved: 60 credits are reserved")).to_be_visible()

    expect_status(waiting, "Succeeded")
    expect(page.locator("#purse")).to_contain_text("0 available")
    page.goto("/credits/")
    answered = page.locator(".asked").get_by_role("row", name="A dear sunset")
    expect(answered).to_contain_text("Approved by ada")


def test_a_projects_cap_is_told_before_the_click_as_the_choice_changes(
    product: Product, member: Person, open_page: Opener
) -> None:
    name = f"Tight film of {member.username}"
    product.post(member, "/projects/", name=name)
    page = open_page(product, who=member)
    choice = page.get_by_label("Project", exact=True)
    number = choice.get_by_role("option", name=name).get_attribute("value")
    product.post(product.admin, "/team/budgets/", project=number, cap=30, reason="For the browser")
    page.reload()
    short = page.locator("#short")
    expect(short).to_be_hidden()
    choice.select_option(name)
    expect(short).to_have_text(
        f"This is more than {name} has left (30). It will wait for an admin’s approval."
    )
    choice.select_option("No project")
    expect(short).to_be_hidden()
