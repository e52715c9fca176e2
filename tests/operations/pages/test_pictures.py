"""The command that takes pictures of every page knows every page there is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress

from django.urls import Resolver404, resolve

from tests import ROOT
from tests.access.addresses import ROWS

TOOLS = ("shots", "doors", "letters")
BEHIND_ANSWERS = {"batch", "join", "new-password", "confirm-address", "stop-mail"}
"""Pages whose address something sent there answers with; a picture has their name."""
OF_LINKS = {"shared-compare", "shared-embed"}
NO_PAGES = {
    *("healthz", "readyz", "statusz", "metrics", "oembed", "tags", "file-name-example"),
    # Parts of pages, and what they ask for by themselves.
    *("live", "library-live", "batch-live", "news-live", "bell", "frames"),
    # Files.
    *("video", "poster", "image", "public-image", "stray-video", "stray-poster", "videos-zip"),
    *("contact-sheet", "markers", "link-markers", "review-csv", "usage-csv", "audit-csv"),
    *("batch-csv", "batch-template", "statement-csv", "statements-csv", "reconciliation-evidence"),
    *("shared-video", "shared-poster", "shared-picture", "shared-download", "shared-zip"),
    # They lead on: to what it is about, to who signs in elsewhere, to where it stands by now.
    *("notice", "sso", "sso-callback", "outstanding"),
    # The same pages under the names of a library.
    *("account_login", "mfa_login_webauthn", "mfa_reauthenticate_webauthn"),
}
SAMPLES = ("1", "00000000-0000-4000-8000-000000000000", "2026-11")


def addresses(source: str) -> Iterator[str]:
    """Every path that stands in this source, with samples where values go in."""
    for node in ast.walk(ast.parse(source)):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        texts = [each.value if isinstance(each, ast.Constant) else None for each in parts]
        for sample in SAMPLES:
            path = "".join(sample if text is None else str(text) for text in texts)
            if path.startswith("/"):
                yield path.partition("?")[0].partition("#")[0]


def names(source: str) -> Iterator[str]:
    """Of the pages that these lead to."""
    for path in addresses(source):
        with suppress(Resolver404):  # of a sample of another kind
            yield resolve(path).view_name


def test_every_page_is_in_the_pictures() -> None:
    sources = [(ROOT / f"tests/tools/{name}.py").read_text() for name in TOOLS]
    seen = {name for source in sources for name in names(source)}
    seen |= {name for name in BEHIND_ANSWERS | OF_LINKS if f'"{name}"' in "".join(sources)}
    pages = {name for name, row in ROWS.items() if "get" in row.methods} - NO_PAGES
    assert "studio" in pages
    assert pages - seen == set()
    assert NO_PAGES - set(ROWS) == set()
