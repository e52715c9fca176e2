"""Coming in: by password, by a link for a new one, and by the account that one has elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Opener
from tests.support import product as products
from tests.support.pages.seen import set_up, sign_in
from tests.support.product import Person, Product
from tests.support.servers.issuer import CLIENT_ID, CLIENT_SECRET, Issuer

NEW = "lantern sparrow nine"
AT_THE_ISSUER = "^outside: http://127.0.0.1"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def company(
    browser: Browser, prepared: Path, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer
) -> Iterator[Product]:
    """The pages of an installation whose people have an account elsewhere."""
    var = tmp_path_factory.mktemp("company") / "var"
    known = {"OIDC_CLIENT_ID": CLIENT_ID, "OIDC_CLIENT_SECRET": CLIENT_SECRET}
    with products.web_alone(
        prepared, var, OIDC_ISSUER=issuer.url, OIDC_NAME="Studio ID", **known
    ) as product:
        page = browser.new_page()
        set_up(page, product)
        page.context.close()
        yield product


def is_in(page: Page) -> None:
    expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()


def test_guesses_are_held_up_and_a_colleague_comes_in(company: Product, open_page: Opener) -> None:
    ben, cleo = company.member(), company.member()
    page = open_page(company, "/login/", may_fail="429")
    for _ in range(6):
        sign_in(page, Person(ben.username, 0, "", "not the password"))
    expect(page.get_by_text("There were too many wrong passwords. Try again in")).to_be_visible()
    expect(page.get_by_role("textbox", name="Username")).to_have_value(ben.username)
    sign_in(page, cleo)
    is_in(page)


def test_an_admin_helps_somebody_who_forgot_their_password(
    company: Product, open_page: Opener
) -> None:
    ben = company.member()
    page = open_page(company, "/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_text("Ask an admin of your team for a link.")).to_be_visible()

    office = open_page(company, f"/team/people/{ben.number}/", who=company.admin)
    office.get_by_text("Link for a new password…").click()
    office.get_by_role("button", name="Make a link").click()
    page.goto(office.locator("#password-link").inner_text())
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password confirmation").fill(NEW)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("Your new password is set. Sign in with it.")).to_be_visible()
    sign_in(page, Person(ben.username, 0, "", NEW))
    is_in(page)
    page.goto("/confirm/")
    page.get_by_label("Password").fill(NEW)
    page.get_by_role("button", name="Continue").click()
    is_in(page)


def test_a_form_found_wrong_after_the_password_stands_at_its_page_and_loads_anew_as_that(
    company: Product, open_page: Opener
) -> None:
    page = open_page(company, "/confirm/", who=company.member(), may_fail="422")

    def answer(route: Route) -> None:
        """As `jobs.views.proof` does with a form that waited for an old session's password."""
        html = route.fetch(url=f"{company.url}/keys/", method="GET").text()
        marked = html.replace("<html", '<html data-stands-at="/keys/?a=b"', 1)
        route.fulfill(status=422, body=marked, content_type="text/html")

    page.route("**/confirm/", answer)
    page.get_by_label("Password").fill("whatever")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()
    expect(page).to_have_url(f"{company.url}/keys/?a=b")
    with page.expect_request("**/keys/?a=b") as asked:
        page.reload()
    assert asked.value.method == "GET"
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()


def test_somebody_connects_the_account_they_have_elsewhere_and_signs_in_with_it(
    company: Product, open_page: Opener, issuer: Issuer
) -> None:
    ben = company.member()
    issuer.who = {"sub": "3001", "preferred_username": "ben.elsewhere"}
    page = open_page(company, "/security/", who=ben, may_fail=AT_THE_ISSUER)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("From now on you can sign in with Studio ID.")).to_be_visible()

    other = open_page(company, "/keys/", may_fail=AT_THE_ISSUER)
    other.get_by_role("button", name="Sign in with Studio ID").click()
    expect(other.get_by_role("heading", name="API keys")).to_be_visible()


def test_an_invited_person_joins_with_the_account_they_have_elsewhere(
    company: Product, open_page: Opener, issuer: Issuer
) -> None:
    issuer.who = {"sub": "3002", "preferred_username": "hedy"}
    office = open_page(company, "/team/invitations/", who=company.admin)
    office.get_by_role("button", name="Create invitation").click()
    page = open_page(company, office.locator("#join-link").inner_text(), may_fail=AT_THE_ISSUER)
    page.get_by_role("button", name="Join with Studio ID").click()
    is_in(page)
    office.goto("/team/")
    expect(office.get_by_role("link", name="hedy", exact=True)).to_be_visible()


def test_a_stranger_is_told_whom_to_ask(
    company: Product, open_page: Opener, issuer: Issuer
) -> None:
    issuer.who = {"sub": "3003", "preferred_username": "mallory"}
    page = open_page(company, "/login/", may_fail=AT_THE_ISSUER)
    page.get_by_role("button", name="Sign in with Studio ID").click()
    expect(page.get_by_text("Nobody here is known by your account at Studio ID.")).to_be_visible()
