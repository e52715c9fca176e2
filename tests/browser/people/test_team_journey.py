"""The payer's day: someone new, with credits, who then makes a video."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.support.pages.seen import expect_status, generate
from tests.support.product import PASSWORD, Person, Product


def join(office: Page, open_page: Opener, product: Product, name: str) -> Page:
    """A browser of somebody new, who was invited and has joined."""
    office.get_by_role("button", name="Create invitation").click()
    page = open_page(product, office.locator("#join-link").inner_text(), may_fail="404")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()
    return page


def test_a_new_member_gets_credits_and_makes_a_video(product: Product, open_page: Opener) -> None:
    office = open_page(product, "/team/invitations/", who=product.admin, may_fail="422")
    office.get_by_label("Monthly allowance").fill("200")
    page = join(office, open_page, product, "grace")
    expect(page.locator("#purse")).to_contain_text("200 available")
    office.goto("/team/")
    opens = office.get_by_role("link", name="Grant credits to grace")
    opens.press("Enter")
    dialog = office.get_by_role("dialog", name="Grant credits to grace")
    dialog.get_by_role("textbox", name="Credits").fill("5.0.0")
    dialog.get_by_label("Reason").fill("October")
    dialog.get_by_role("button", name="Grant credits").press("Enter")
    expect(dialog.get_by_role("textbox", name="Credits")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_role("textbox", name="Credits")).to_be_focused()
    expect(dialog.get_by_label("Reason")).to_have_value("October")
    dialog.get_by_role("textbox", name="Credits").fill("500")
    office.keyboard.press("Enter")
    expect(office.get_by_text("500 credits granted to grace.")).to_be_visible()
    expect(office.locator("tr", has_text="grace").first).to_contain_text("700 available")
    expect(dialog).to_be_hidden()
    expect(opens).to_be_focused()

    page.reload()
    expect(page.locator("#purse")).to_contain_text("700 available")
    expect_status(generate(page, "[[seconds=0.3]] A compiler"), "Succeeded")
    expect(page.locator("#purse")).to_contain_text("640 available")


def test_an_invited_person_joins_becomes_admin_and_is_demoted(
    product: Product, open_page: Opener
) -> None:
    office = open_page(product, "/team/", who=product.admin)
    office.get_by_role("link", name="Invite a person").click()
    office.get_by_label("Who is it for? (optional)").fill("Hedy")
    page = join(office, open_page, product, "hedy")
    link = office.locator("#join-link").inner_text()
    expect(page.get_by_role("link", name="Team")).to_have_count(0)

    office.goto("/team/")
    office.get_by_role("link", name="hedy", exact=True).click()
    for role, done in (("admin", "hedy is now an admin."), ("member", "hedy is now a member.")):
        office.get_by_text(f"Make a{'n' if role == 'admin' else ''} {role}…").click()
        office.get_by_label("Reason").first.fill("For the journey")
        office.get_by_role("button", name=f"Make {role}").click()
        expect(office.get_by_text(done)).to_be_visible()
        page.goto("/team/audit/")
        seen = "Who changed what" if role == "admin" else "Nothing here"
        expect(page.get_by_role("heading", name=seen)).to_be_visible()

    stranger = open_page(product, link, may_fail="404")
    expect(stranger.get_by_text("This invitation is no longer valid")).to_be_visible()


def test_a_member_finds_nothing_at_the_admins_addresses(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, "/team/", who=member, may_fail="404")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    page.get_by_role("link", name="Open the studio").click()
    expect(page.get_by_role("link", name="Team")).to_have_count(0)


def test_a_price_is_changed(product: Product, open_page: Opener) -> None:
    page = open_page(product, "/team/prices/", who=product.admin)
    page.get_by_role(
        "link", name="Change the price of veo4api.net, Generate, Veo 4 preview, 1080p"
    ).click()
    page.get_by_role("textbox", name="Credits").fill("245")
    page.get_by_label("Reason", exact=True).fill("The provider did")
    page.get_by_role("button", name="Save price").click()
    expect(page.get_by_text("The price is saved.")).to_be_visible()
    # Other journeys on the same installation, and an earlier try of this one, are told below it.
    expect(page.get_by_role("row", name="ada").first).to_contain_text("245")
