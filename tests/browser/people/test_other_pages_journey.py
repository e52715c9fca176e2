"""The pages beside the studio and the library, by keyboard on a desk and by touch on a phone; both
in the dark, since other journeys are in the light.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener
from tests.support.product import Person, Product


def by_keyboard(control: Locator) -> None:
    control.focus()
    expect(control).to_be_focused()
    control.page.keyboard.press("Enter")


def by_touch(control: Locator) -> None:
    control.tap()


Press = Callable[[Locator], None]
WAYS: list[Any] = [
    pytest.param(by_keyboard, {"viewport": DESKTOP}, id="by keyboard"),
    pytest.param(
        by_touch, {"viewport": PHONE, "has_touch": True, "is_mobile": True}, id="by touch"
    ),
]


@pytest.mark.parametrize(("press", "device"), WAYS)
def test_an_admin_grants_limits_and_answers(
    product: Product, member: Person, open_page: Opener, press: Press, device: dict[str, Any]
) -> None:
    who = member.username
    page = open_page(product, "/team/", who=product.admin, color_scheme="dark", **device)
    dialog = _change(page, press, f"Grant credits to {who}", {"Credits": "250"})
    press(dialog.get_by_role("button", name="Grant credits"))
    expect(page.get_by_text(f"250 credits granted to {who}.")).to_be_visible()
    page.goto("/team/budgets/")
    change = f"Change the monthly allowance of {who}"
    dialog = _change(page, press, change, {"Monthly allowance": "300"})
    press(dialog.get_by_role("button", name="Set monthly allowance"))
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=change, exact=True))
    expect(row).to_contain_text("300")
    expect(dialog).to_be_hidden()
    asked = {"credits": 600, "reason": "The launch film", "submission_key": uuid4()}
    product.post(member, "/credits/", **asked)
    page.goto("/team/requests/")
    # Its name goes on with what the credits are for.
    grant = page.get_by_role("button", name=f"Grant 600 credits for {who}: The launch film")
    press(grant)
    expect(grant).to_have_count(0)
    page.goto("/usage/")
    press(page.locator("summary", has_text="More figures"))
    expect(page.get_by_text("Success rate")).to_be_visible()


def _change(page: Page, press: Press, name: str, fields: dict[str, str]) -> Locator:
    """Open the dialog of a row and fill it in."""
    press(page.get_by_role("link", name=name, exact=True))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Reason")).to_be_visible()
    for label, value in fields.items():
        dialog.get_by_role("textbox", name=label).fill(value)
    dialog.get_by_label("Reason").fill("For the journey")
    return dialog


@pytest.mark.parametrize(("press", "device"), WAYS)
def test_a_member_is_told_says_what_tells_them_and_keeps_views_and_projects(
    product: Product, member: Person, open_page: Opener, press: Press, device: dict[str, Any]
) -> None:
    name = f"Foxes of {member.username}"
    product.post(member, "/library/views/", name=name, query="q=fox")
    product.post(member, "/projects/", name=name)
    product.generate(member, "A fox who trips [[fail]]")
    product.settled(member, "failed")
    page = open_page(product, "/trash/", who=member, color_scheme="dark", **device)
    press(page.get_by_role("button", name="Notifications, 1 new"))
    bell = page.get_by_role("dialog", name="Notifications")
    press(bell.get_by_role("link", name="Failed A fox who trips"))
    # Which opens it, and then it is no news any more.
    expect(page.get_by_role("heading", name="A fox who trips")).to_be_visible()
    expect(page.get_by_role("button", name="Notifications, 1 new")).to_have_count(0)
    press(page.get_by_role("button", name="Delete", exact=True))
    expect(page.get_by_text("1 video deleted.")).to_be_visible()
    page.goto("/trash/")
    page.get_by_role("checkbox", name="Select A fox who trips").check()
    press(page.get_by_role("button", name="Restore selected"))
    expect(page.get_by_role("checkbox", name="Select A fox who trips")).to_have_count(0)
    page.goto("/news/settings/")
    sound = page.get_by_label("A video of yours failed: sound")
    sound.uncheck()
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(sound).not_to_be_checked()
    page.goto("/library/views/")
    press(page.locator("summary", has_text=f"Change {name}"))
    page.get_by_role("textbox", name="Name").fill(f"Red {name}")
    press(page.get_by_role("button", name="Save changes"))
    expect(page.get_by_role("link", name=f"Red {name}")).to_be_visible()
    press(page.locator("summary", has_text=f"Delete Red {name}"))
    press(page.get_by_role("button", name="Delete view"))
    expect(page.get_by_role("link", name=f"Red {name}")).to_have_count(0)
    page.goto("/projects/")
    press(page.get_by_role("main").get_by_role("link", name=name, exact=True).first)
    press(page.get_by_role("link", name="Edit", exact=True))
    page.get_by_label("Brief").fill("Red ones only")
    press(page.get_by_role("main").get_by_role("button", name="Save"))
    expect(page.get_by_text("Red ones only")).to_be_visible()
