"""Pictures of the e-mails that people get, as pages and as plain text, for tests.tools.shots."""

from __future__ import annotations

import base64
import html
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from playwright.sync_api import Browser

from tests.support import product as products
from tests.support.product import Person, Product

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = {"680": 680, "390": 390}
OPTIONS = "--seconds 2 --queue-seconds 0 --fps 24 --renderers 2"
PATIENCE = 60


def shoot(browser: Browser, var: Path, folder: Path) -> None:
    """Have a small team get every letter there is, and take its picture."""
    products.prepare(var)
    mailbox = var / "letters"
    mailbox.mkdir()
    settings: dict[str, Any] = {
        # The library takes the first slash for its own.
        "EMAIL_URL": f"filemail:///{mailbox}",
        "PUBLIC_URL": "http://dailies.example",
        "PRACTICE_OPTIONS": OPTIONS,
    }
    with products.started(var, **settings) as product:
        product.names = ["ada.okafor", "mara.lindqvist"]
        ada, mara = product.admin, product.member()
        _write_to(product, ada, mara)
        happen(product, mara)
        found = letters_in(mailbox, 4)
    for letter in found:
        _picture(browser, letter, folder)


def happen(product: Product, mara: Person) -> None:
    """Something of each kind, which people are told of at once."""
    wishes = {f"{kind}-{way}": "on" for kind in KINDS for way in ("bell", "browser", "sound")}
    wishes |= {f"{kind}-mail": "now" for kind in KINDS}
    product.post(mara, "/news/settings/", **wishes)
    product.generate(mara, "Aurora over a still fjord at midnight, slow dolly forward")
    product.settled(mara, "succeeded")
    _send(product)
    product.generate(mara, "Silk ribbon in zero gravity, studio black [[fail]]")
    product.generate(mara, "Birch forest in first snow, camera glides between the trunks")
    product.settled(mara, "succeeded", "succeeded", "failed")
    asked = {"credits": 600, "reason": "The launch film", "submission_key": uuid4()}
    product.post(mara, "/credits/", **asked)
    _send(product)
    product.post(mara, "/profile/", email="mara@elsewhere.example")


KINDS = ("ready", "failed", "look", "decision", "comment", "pick", "budget")


def letters_in(mailbox: Path, number: int) -> list[EmailMessage]:
    """The letters that lie there, once there are so many."""
    deadline = time.monotonic() + PATIENCE
    while len(found := list(_read(mailbox))) < number:
        assert time.monotonic() < deadline, [letter["Subject"] for letter in found]
        time.sleep(0.5)
    return found


def _read(mailbox: Path) -> Iterator[EmailMessage]:
    for file in sorted(mailbox.iterdir()):
        for raw in file.read_bytes().split(b"-" * 79 + b"\n"):
            if raw.strip():
                yield message_from_bytes(raw, policy=policy.default)


def page_of(letter: EmailMessage) -> str:
    """The letter as a mail program shows it: its page with its pictures, else its text."""
    page = letter.get_body(("html",))
    if page is None:
        text = letter.get_body(("plain",))
        said = html.escape(text.get_content() if text else "")
        scheme = '<meta name="color-scheme" content="light dark">'
        return f'{scheme}<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{said}'
    shown: str = page.get_content()
    for part in letter.walk():
        if name := part["Content-ID"]:
            data = base64.b64encode(part.get_payload(decode=True)).decode()  # type: ignore[arg-type]
            shown = shown.replace(f"cid:{name.strip('<>')}", f"data:image/jpeg;base64,{data}")
    return shown


def _picture(browser: Browser, letter: EmailMessage, folder: Path) -> None:
    words = "".join(each if each.isalnum() else "-" for each in str(letter["Subject"])[:40].lower())
    for theme in THEMES:
        for name, width in WIDTHS.items():
            context = browser.new_context(
                color_scheme=theme, viewport={"width": width, "height": 500}
            )
            page = context.new_page()
            page.set_content(page_of(letter))
            page.screenshot(path=folder / f"mail-{words}-{theme}-{name}.png", full_page=True)
            context.close()


def _write_to(product: Product, *people: Person) -> None:
    with closing(sqlite3.connect(product.var / "db.sqlite3", timeout=20)) as database, database:
        for each in people:
            database.execute(
                "UPDATE jobs_user SET email = ? WHERE username = ?",
                (f"{each.username}@studio.example", each.username),
            )


def _send(product: Product) -> None:
    """Let nothing wait for company, and nobody rest."""
    with closing(sqlite3.connect(product.var / "db.sqlite3", timeout=20)) as database, database:
        database.execute("UPDATE jobs_notice SET mail_at = '2000-01-01' WHERE mail_at IS NOT NULL")
        database.execute("UPDATE jobs_mailing SET made_at = '2000-01-01'")
    time.sleep(4)
