"""The product and a browser, started once for all of a worker's journeys; a watch on each page."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.support import product as products
from tests.support.pages.seen import set_up
from tests.support.product import Person, Product
from tests.support.states.put_states import put_states

UNUSED = (
    # What Playwright turns off itself: a second list replaces the first.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
    # Each window would load two pages for an address bar that nobody sees, and a spare process.
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
)
WITH_WINDOWS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NAMES = ("chromium-headless-shell", *WITH_WINDOWS)
"""The same engine without the windows around it loads a page with half the work."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    # One process draws all pages of a test: to start one costs as much as half a page.
    "--renderer-process-limit=1",
    f"--disable-features={','.join(UNUSED)}",
)
DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
MINE = "/?scope=me"
"""The studio without what others filed under a project, which everybody sees."""
PATIENCE = 15_000
"""Milliseconds until what must come counts as missing: a film takes 2 s, this machine its time."""


class EveryState(NamedTuple):
    """Whose cards they are, and their prompts, the oldest first."""

    product: Product
    member: Person
    prompts: list[str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def find_browser(names: Sequence[str] = NAMES) -> str | None:
    """Where the system's Chromium is."""
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = find_browser()
    if executable is None:
        why = f"no browser: none of {', '.join(NAMES)} is installed"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def layouter(browser: Browser) -> Iterator[Browser]:
    """Lays pages out and paints none, in two thirds of the time: to measure, and not to click."""
    arguments = [*ARGUMENTS, "--disable-threaded-compositing"]
    layouter = browser.browser_type.launch(executable_path=find_browser(), args=arguments)
    yield layouter
    layouter.close()


@pytest.fixture(scope="package")
def prepared() -> Path:
    """A data folder as `manage.py prepare` leaves it."""
    return products.prepared()


@pytest.fixture(scope="package")
def product(
    browser: Browser, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """The whole product, set up in the browser by its first admin, Ada."""
    var = tmp_path_factory.mktemp("running") / "var"
    shutil.copytree(prepared, var)
    # One process serves the pages; that several agree is shown by test_operations.py.
    with products.started(var, WEB_CONCURRENCY=1) as product:
        page = browser.new_page()
        set_up(page, product)
        page.context.close()
        yield product


@pytest.fixture
def pages_alone(browser: Browser, prepared: Path, tmp_path: Path) -> Iterator[Product]:
    """Its pages, before anybody has seen them."""
    with products.web_alone(prepared, tmp_path / "var") as product:
        yield product


@pytest.fixture(scope="module")
def every_state(
    browser: Browser, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EveryState]:
    """Pages alone with a card in every state, for a module that adds none and takes none away."""
    with products.web_alone(prepared, tmp_path_factory.mktemp("states") / "var") as product:
        yield EveryState(product, *put_states(product))


@pytest.fixture
def member(product: Product) -> Person:
    """Somebody with 5,000 credits and an empty studio, signed in."""
    return product.member()


Opener = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opener]:
    """Opens a page as somebody: see `opener`."""
    with opener(browser) as open_:
        yield open_


@contextmanager
def opener(browser: Browser) -> Iterator[Opener]:
    """Opens a page as somebody: `open_page(product, "/keys/", who=member, viewport=PHONE)`.

    At the end no page may have logged an error, broken the content policy or asked another host;
    `may_fail` is a pattern of errors that a test brings about itself. With `has_clock` the test
    can make the page's time pass.
    """
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def open_(
        product: Product,
        path: str = "/",
        *,
        who: Person | None = None,
        may_fail: str = "$^",
        has_clock: bool = False,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            **{"base_url": product.url, "viewport": DESKTOP, "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if who is not None:
            context.add_cookies(product.cookies(who))

        def note(text: str) -> None:
            if not re.search(may_fail, text):
                trouble.append(text)

        context.on("console", lambda said: note(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: note(str(error.error)))
        context.on(
            "request",
            lambda asked: (
                None if products.is_ours(asked.url, product) else note(f"outside: {asked.url}")
            ),
        )
        page = context.new_page()
        if has_clock:
            page.clock.install()
        page.goto(path)
        return page

    try:
        yield open_
    finally:
        for context in contexts:
            context.close()
    assert trouble == []
