"""Two steps to sign in, in a real browser: an app's code, a recovery code, and passkeys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Opener
from tests.support import product as products
from tests.support.pages.second_factors import code
from tests.support.pages.seen import sign_in
from tests.support.product import Product


@pytest.fixture(scope="module")
def at_a_name(browser: Browser, prepared: Path, tmp_path_factory: Any) -> Iterator[Product]:
    """Its pages at http://localhost: a passkey belongs to a name, and 127.0.0.1 is none."""
    var = tmp_path_factory.mktemp("second") / "var"
    with products.web_alone(prepared, var, ALLOWED_HOSTS="127.0.0.1,localhost") as web:
        web.url = web.url.replace("127.0.0.1", "localhost")
        yield web


@contextmanager
def authenticator(page: Page) -> Iterator[Any]:
    """A passkey provider in the browser, whose owner always agrees."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield lambda yes: devtools.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": made["authenticatorId"], "isUserVerified": yes},
    )


def sign_out(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Sign in to Dailies")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_app_is_set_up_and_asked_for_and_a_recovery_code_stands_in(
    at_a_name: Product, open_page: Opener, scripts: bool
) -> None:
    who = at_a_name.member()
    page = open_page(at_a_name, "/login/", java_script_enabled=scripts, may_fail="422")
    sign_in(page, who)
    page.goto("/security/")
    page.get_by_role("link", name="Set up an authenticator app").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_text("Can’t scan it?").click()
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("That code is not right")).to_be_visible()
    page.get_by_label("Code", exact=True).fill(code(secret))
    page.get_by_role("button", name="Set up").click()
    codes = page.locator("#codes").inner_text().split()
    assert len(codes) == 10
    with page.expect_download() as kept:
        page.get_by_role("link", name="Download").click()
    assert Path(kept.value.path()).read_text().split() == codes
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 left")).to_be_visible()
    sign_out(page, who.username)
    sign_in(page, who)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    shown = code(secret, 1)
    page.get_by_label("Code", exact=True).fill(shown)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{at_a_name.url}/")
    sign_out(page, who.username)
    sign_in(page, who)
    page.get_by_label("Code", exact=True).fill(shown)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("was used already")).to_be_visible()
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{at_a_name.url}/")


def test_a_passkey_signs_in_alone_and_as_the_second_step(
    at_a_name: Product, open_page: Opener
) -> None:
    who = at_a_name.member()
    page = open_page(at_a_name, "/login/")
    with authenticator(page) as agrees:
        sign_in(page, who)
        page.goto("/security/")
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("Name", exact=True).fill("Ring")
        expect(page.get_by_text("That did not work.")).to_be_hidden()
        agrees(False)
        page.get_by_role("button", name="Add passkey").click()
        expect(page.get_by_text("That did not work.")).to_be_visible()
        agrees(True)
        page.get_by_role("button", name="Add passkey").click()
        expect(page.get_by_text("Your passkey is set up.")).to_be_visible()
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_text("Ring", exact=True).first).to_be_visible()
        sign_out(page, who.username)
        page.goto("/login/?next=/keys/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page).to_have_url(f"{at_a_name.url}/keys/")
        sign_out(page, who.username)
        sign_in(page, who)
        page.get_by_role("button", name="Use a passkey").click()
        expect(page).to_have_url(f"{at_a_name.url}/")
        page.goto("/security/")
        page.locator("summary", has_text="Remove the passkey").click()
        page.get_by_role("button", name="Remove passkey").click()
        expect(page.get_by_text("no longer signs you in")).to_be_visible()
        sign_out(page, who.username)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("That passkey was not taken.")).to_be_visible()
