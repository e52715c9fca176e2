"""What goes wrong is told in words, with its cost and a way on."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.support.pages.seen import card, expect_status, generate
from tests.support.product import Person, Product


def test_a_failure_says_why_and_that_it_cost_nothing(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    failed = generate(page, "[[fail]] [[seconds=0.3]] A storm")
    expect_status(failed, "Failed")
    expect(failed.locator(".stage")).to_have_text(re.compile(r"[A-Z][\w’ ]+ .{20,}\."))
    expect(failed).to_contain_text("not charged")
    expect(page.locator("#purse")).to_contain_text("5,000 available")


def test_retry_makes_a_new_card(product: Product, member: Person, open_page: Opener) -> None:
    page = open_page(product, who=member)
    prompt = "[[fail]] [[seconds=0.3]] A second storm"
    failed = generate(page, prompt)
    failed.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("heading", name=prompt)).to_be_visible()
    page.goto("/")
    expect(card(page, prompt)).to_have_count(2)


def test_a_lost_answer_needs_a_look_and_keeps_its_credits(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    lost = generate(page, "[[accept-then-drop]] [[no-callback]] A lost comet")
    expect_status(lost, "Needs a look")
    expect(lost).to_contain_text("so you can’t be charged twice")
    expect(page.locator("#purse")).to_contain_text("4,940 available")
    expect(lost.get_by_role("button", name="Retry")).to_have_count(0)


def test_a_lost_answer_is_recovered_by_its_callback(
    product: Product, member: Person, open_page: Opener
) -> None:
    product.generate(member, "[[stuck]] Something that keeps the page asking")
    page = open_page(product, who=member)
    lost = generate(page, "[[accept-then-drop]] [[seconds=0.5]] A found comet")
    expect_status(lost, "Succeeded")
    assert len(product.tasks("A found comet")) == 1


def test_a_waiting_job_is_called_off(product: Product, member: Person, open_page: Opener) -> None:
    page = open_page(product, who=member)
    waiting = generate(page, "[[refuse-429]] A patient heron")
    expect(waiting).to_contain_text("slow down")
    expect_status(waiting, "Queued")
    waiting.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Canceled. 60 credits are available again.")).to_be_visible()
    page.goto("/")
    expect_status(card(page, "[[refuse-429]] A patient heron"), "Canceled")
    expect(page.locator("#purse")).to_contain_text("5,000 available")


def test_without_credits_the_video_waits_and_can_be_called_off(
    product: Product, member: Person, open_page: Opener
) -> None:
    product.post(
        product.admin, "/team/", user=member.number, credits=-4950, reason="For the browser"
    )
    page = open_page(product, who=member)
    expect(page.get_by_text("This is more than you have available.")).to_be_visible()
    waiting = generate(page, "A dear sunset")
    expect(waiting).to_contain_text("This needs 60 credits, but you have 50.")
    waiting.get_by_role("button", name="More actions").click()
    waiting.get_by_role("button", name="Try again now").click()
    expect(page.get_by_role("status").get_by_text("This needs 60 credits")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Canceled. It had no credits reserved.")).to_be_visible()


def test_when_the_server_does_not_answer_the_same_form_can_be_sent_again(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail="ERR_FAILED|Failed to (fetch|load)")
    page.route(f"{product.url}/", lambda route: route.abort())
    page.get_by_role("textbox", name="Prompt").fill("[[seconds=0.3]] A stubborn goat")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("The server didn’t respond.")).to_be_visible()
    page.unroute(f"{product.url}/")
    page.get_by_role("button", name="Generate").click()
    expect_status(card(page, "[[seconds=0.3]] A stubborn goat"), "Succeeded")


def test_a_part_of_a_page_that_is_refused_says_so_beside_the_page(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail="429")
    page.evaluate("""async () => {
        for (let more = 0; more < 31; more++) await fetch("/usage/export.csv");
        const target = document.getElementById("composer");
        await htmx.ajax("GET", "/usage/export.csv", { source: target.parentElement, target });
    }""")
    expect(page.locator("#toasts")).to_contain_text("You have exported a lot in a short time.")
    expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()
