"""The first admin of an installation that others can reach."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Opener
from tests.support import product as products
from tests.support.product import PASSWORD

PUBLIC = {"ALLOWED_HOSTS": "127.0.0.1,dailies.lan"}


def test_the_first_admin_types_the_code_that_prepare_prints(
    browser: Browser, prepared: Path, tmp_path: Path, open_page: Opener
) -> None:
    with products.web_alone(prepared, tmp_path / "var", **PUBLIC) as product:
        code = products.setup_code(product.var, **PUBLIC)
        page = open_page(product, "/", may_fail="422")
        expect(page).to_have_url(f"{product.url}/setup/")
        for typed in ("AAAA BBBB CCCC", code.lower().replace("-", " ")):
            page.get_by_label("Setup code").fill(typed)
            page.get_by_label("Username").fill("ada")
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_label("Password confirmation").fill(PASSWORD)
            page.get_by_role("button", name="Create admin").click()
            if typed.startswith("AAAA"):
                expect(page.get_by_label("Setup code")).to_have_value(typed)
                expect(page.get_by_text("This isn’t the code that was printed.")).to_be_visible()
        expect(page.get_by_role("heading", name="Studio")).to_be_visible()
        # It is still loading what it shows, and the server ends here.
        page.close()
