"""`python -m tests.tools.pages [--tries 5]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, PHONE, WITH_WINDOWS, find_browser
from tests.support import product as products
from tests.support.pages.weight import BUDGET_KIB, weigh
from tests.support.product import Person, Product
from tests.tools import npm, shots
from tests.tools.npm import Missing, say
from tests.tools.pages import markup
from tests.tools.pages.scores import CATEGORIES, LEAST, Lighthouse

PACKAGES, BEFORE = ("vnu-jar@26.9.27", "lighthouse@12.8.2"), "2026-11-20"
OPTIONS = "--seconds 2 --queue-seconds 0 --fps 4 --reuse-films"
# No public page is for search engines, on purpose: a link is for whoever was given it.
NOT_FOUND = "is-crawlable"
# A description is shown by chats, and of a link with a password they are told nothing.
NOT_DESCRIBED = "meta-description"
SCORED = {
    "shared": (NOT_FOUND,),
    "shared-takes": (NOT_FOUND,),
    "shared-tall": (NOT_FOUND,),
    "shared-embed": (NOT_FOUND,),
    "shared-door": (NOT_FOUND, NOT_DESCRIBED),
}
"""What clients see, and which audits are skipped there. Lighthouse scores no 404."""


def main() -> int:
    """0 when nothing is to be mended; 1 when something is, or a program is not to be had."""
    parser = argparse.ArgumentParser(prog="make pages")
    parser.add_argument("--tries", type=int, default=5, help="of Lighthouse, for each page")
    tries: int = parser.parse_args().tries
    try:
        chromium, modules = _chromium(), npm.install("pages", *PACKAGES, before=BEFORE)
        with TemporaryDirectory() as folder:
            lighthouse = Lighthouse(modules, chromium, Path(folder), tries)
            return 0 if _judge(lighthouse, Path(folder)) else 1
    except Missing as reason:
        say(f"The pages cannot be judged here: {reason}.")
        return 1


def _chromium() -> str:
    found = find_browser(WITH_WINDOWS)
    if found is None:
        raise Missing("there is no Chromium")
    return found


def _judge(lighthouse: Lighthouse, folder: Path) -> bool:
    """Whether all is good."""
    prepared = folder / "var"
    products.prepare(prepared)
    with products.web_alone(prepared, folder / "fresh") as fresh:
        pages = _read(fresh, {"setup": "/setup/"})
    with products.started(prepared, PRACTICE_OPTIONS=OPTIONS) as product:
        say("A team makes films and shares them …")
        admin, member, *_ = shots.fill(product)
        shared = shots.share(product, member)
        pages |= _read(
            product,
            {"login": "/login/", "forgot": "/password/forgot/", "missing": "/nothing/", **shared},
        )
        pages |= _read(product, shots.pages_of(product) | shots.shared_pages_of(product), member)
        pages |= _read(product, shots.tables(product, member), member)
        pages |= _read(product, shots.admin_pages_of(product), admin)
        clients = {name: product.url + shared[name] for name in SCORED}
        found = markup.check(lighthouse.modules, folder / "html", pages)
        say("\n".join((f"\nW3C's checker: {len(pages)} pages, {len(found)} complaints", *found)))
        # Each says its part, whatever became of the one before.
        return all(
            [not found, _are_light(lighthouse.chromium, clients), _score(lighthouse, clients)]
        )


def _read(
    product: Product, addresses: Mapping[str, str], who: Person | None = None
) -> dict[str, str]:
    """The HTML of these pages, as this person or a stranger is answered."""
    cookies = {"sessionid": who.session} if who else {}
    return {
        name: requests.get(product.url + path, cookies=cookies, timeout=20).text
        for name, path in addresses.items()
    }


def _are_light(chromium: str, addresses: Mapping[str, str]) -> bool:
    say(f"\n{'KiB, compressed':<20}{f'of {BUDGET_KIB}':>10}{'pictures':>10}{'film':>10}")
    kept = True
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for name, address in addresses.items():
            page = browser.new_page(viewport=PHONE, is_mobile=True, has_touch=True)
            weight = weigh(page, address)
            page.close()
            say(f"{name:<20}{weight.own:>10.1f}{weight.pictures:>10.1f}{weight.film:>10.1f}")
            kept &= weight.own <= BUDGET_KIB and not weight.film
        browser.close()
    return kept


def _score(lighthouse: Lighthouse, addresses: Mapping[str, str]) -> bool:
    say(f"\n{f'Lighthouse, of {LEAST}':<20}" + "".join(f"{name:>16}" for name in CATEGORIES))
    good = True
    for name, address in addresses.items():
        told = lighthouse.score(address, *SCORED[name])
        say(f"{name:<20}" + "".join(f"{points:>16}" for points in told.points))
        if not told.are_good:
            say("\n".join(told.lost))
            good = False
    return good


if __name__ == "__main__":
    sys.exit(main())
