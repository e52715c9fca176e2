"""Pictures of the e-mails that people get, as pages and as plain text, for tests.tools.shots."""

from __future__ import annotations

import base64
import html
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import requests
from playwright.sync_api import Browser

from tests import ROOT
from tests.support import product as products
from tests.support.product import Person, Product

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = {"680": 680, "390": 390}
OPTIONS = "--seconds 2 --queue-seconds 0 --fps 24 --renderers 2"
PATIENCE = 60
READER = "mara.lindqvist"
KINDS = ("ready", "failed", "look", "decision", "comment", "pick", "budget")
TROUBLE = """
import django; django.setup()
from jobs.models import Trouble
from jobs.troubles.looking import Found
from jobs.troubles.noticing import note
note(Found(Trouble.Kind.RESTORED, "shown", "The database was restored to 29 Nov, 23:00."))
"""
"""Of a kind that no round of the follower finds over."""
LOSABLE = """
import django; django.setup()
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from jobs.models import User
TOTP.activate(User.objects.get(username={username!r}), generate_totp_secret())
"""
"""An app that somebody can lose."""
UNLISTED = """
import django; django.setup()
from django.db import transaction
from jobs.archive.results import hosts
from jobs.models import Rendition
host = "cdn.elsewhere.example"
films = Rendition.objects.filter(state="stored")
Rendition.objects.filter(pk=films[0].pk).update(state="waiting", try_at=None, missing_host=host)
with transaction.atomic():
    hosts.note(host)
"""
"""A finished video lies where nothing is fetched from."""


def settings(mailbox: Path) -> dict[str, Any]:
    """Those by which the product puts its letters there."""
    mailbox.mkdir()
    return {
        # The library takes the first slash for its own.
        "EMAIL_URL": f"filemail:///{mailbox}",
        "PUBLIC_URL": "http://dailies.example",
        "PRACTICE_OPTIONS": OPTIONS,
    }


def written(product: Product, mailbox: Path) -> list[EmailMessage]:
    """Have a small team get every letter there is."""
    product.names = ["ada.okafor", READER]
    ada, mara = product.admin, product.member()
    _write_to(product, ada, mara)
    _wish(product, mara, "now")
    news = (made, failed, asked, reviewed, spent, troubled, digested)
    for happen in (*news, unlisted, of_the_account, lost):
        before = len(letters_in(mailbox, 0))
        more = happen(product, ada, mara)
        _send(product)
        letters_in(mailbox, before + more)
    return letters_in(mailbox, 0)


def pages_behind(letters: Iterable[EmailMessage]) -> dict[str, str]:
    """Where those lead to who have only the letter, by what a picture is called."""
    ways = {"stop-mail": "news/mail", "new-password": "password/new", "confirm-address": "address"}
    text = "\n".join(text_of(letter) for letter in letters)
    found = {name: re.search(rf"//[^/\s]+(/\S*{way}/\S+)", text) for name, way in ways.items()}
    return {name: match[1] for name, match in found.items() if match}


def shoot(browser: Browser, letters: Iterable[EmailMessage], folder: Path) -> None:
    for number, letter in enumerate(letters):
        _picture(browser, letter, folder, number)


# ── What people are told of, and how many letters it makes ───────────────────
def made(product: Product, _ada: Person, mara: Person) -> int:
    product.generate(mara, "Aurora over a still fjord at midnight, slow dolly forward")
    product.settled(mara, "succeeded")
    return 1


def failed(product: Product, _ada: Person, mara: Person) -> int:
    """One video fails, of one nobody knows whether it was taken, and one is ready."""
    product.generate(mara, "Silk ribbon in zero gravity, studio black [[fail]]")
    product.generate(mara, "Sand dunes, wind drawing lines [[accept-then-drop]] [[no-callback]]")
    product.generate(mara, "Birch forest in first snow", aspect_ratio="9:16")
    product.settled(mara, "succeeded", "succeeded", "failed", "uncertain")
    return 1


def asked(product: Product, ada: Person, mara: Person) -> int:
    """Credits are asked for, and an admin answers."""
    wanted = {"credits": 600, "reason": "The launch film", "submission_key": uuid4()}
    product.post(mara, "/credits/", **wanted)
    _send(product)
    answer = {"action": "decline", "answer": "Not this month: the launch film comes first."}
    product.post(ada, "/team/requests/", request=1, **answer)
    return 2


def reviewed(product: Product, _ada: Person, mara: Person) -> int:
    """A client comments on a video, and picks it."""
    film = str(UUID(_row(product, "SELECT id FROM jobs_rendition WHERE state = 'stored'")))
    terms = {"expires": "30", "takes_notes": "on", "title": "Opening", "submission_key": uuid4()}
    answer = product.post(mara, "/shares/new/", take=film, download="", **terms)
    address = re.search(r'id="address">https?://[^/]+(/s/[^<]+)<', answer.text)
    assert address
    comment = {"kind": "comment", "at": "0:03", "text": "A little slower, please.\nAnd darker."}
    for said in (comment, {"kind": "pick"}):
        path = f"{product.url}{address[1]}{film}/review"
        sent = requests.post(path, {"name": "Tomas Ek", **said}, timeout=20)
        assert sent.ok, sent.status_code
    return 1


def spent(product: Product, ada: Person, mara: Person) -> int:
    """A budget comes to its end, of which the admins are told as well."""
    for back in (-4700, -60):
        product.post(ada, "/team/", user=mara.number, credits=back, reason="Over to the launch")
    product.generate(mara, "Origami crane unfolds itself on a dark table")
    return 1


def troubled(product: Product, _ada: Person, _mara: Person) -> int:
    _run(product, TROUBLE)
    return 1


def digested(product: Product, ada: Person, mara: Person) -> int:
    """What of a day waits for its digest."""
    product.post(ada, "/team/", user=mara.number, credits=600, reason="For the end of the month")
    _wish(product, mara, "digest")
    product.generate(
        mara, "Lighthouse keeper climbs the stairs, lantern in hand", model="veo3_lite"
    )
    product.generate(mara, "Espresso pouring in extreme macro [[fail-policy]]", model="veo3_lite")
    deadline = time.monotonic() + PATIENCE
    while int(_row(product, "SELECT count(*) FROM jobs_notice WHERE is_digest")) < 2:
        assert time.monotonic() < deadline, "nothing waits for the digest"
        time.sleep(0.5)
    return 1


def of_the_account(product: Product, ada: Person, mara: Person) -> int:
    """A new address, a forgotten password, and whether mail arrives at all."""
    product.post(mara, "/profile/", email="mara@elsewhere.example")
    product.post(mara, "/password/forgot/", who=mara.username)
    product.post(ada, "/team/system/mail/")
    return 3


def unlisted(product: Product, _ada: Person, _mara: Person) -> int:
    _run(product, UNLISTED)
    return 1


def lost(product: Product, ada: Person, mara: Person) -> int:
    """A second step is removed, which ends sessions, and an admin wants no more mail."""
    _run(product, LOSABLE.format(username=mara.username))
    path = f"/team/people/{mara.number}/second-factor/remove/"
    product.post(ada, path, reason="Lost with the phone")
    product.post(ada, "/profile/", email="")
    return 2


# ── The mailbox ──────────────────────────────────────────────────────────────
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
        return text_of(letter)
    shown: str = page.get_content()
    for part in letter.walk():
        if name := part["Content-ID"]:
            data = base64.b64encode(part.get_payload(decode=True)).decode()  # type: ignore[arg-type]
            shown = shown.replace(f"cid:{name.strip('<>')}", f"data:image/jpeg;base64,{data}")
    return shown


def text_of(letter: EmailMessage) -> str:
    """Its plain text, as a mail program shows that."""
    text = letter.get_body(("plain",))
    said = html.escape(text.get_content() if text else "")
    scheme = '<meta name="color-scheme" content="light dark">'
    return f'{scheme}<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{said}'


def _picture(browser: Browser, letter: EmailMessage, folder: Path, number: int) -> None:
    """Its page in both themes and at both widths, and its text once."""
    words = "".join(each if each.isalnum() else "-" for each in str(letter["Subject"])[:40].lower())
    name = f"mail-{number:02}-{words}"
    for theme in THEMES:
        for width, pixels in WIDTHS.items():
            file = folder / f"{name}-{theme}-{width}.png"
            _take(browser, page_of(letter), file, theme, pixels)
    _take(browser, text_of(letter), folder / f"{name}-text.png", "light", WIDTHS["680"])


def _take(
    browser: Browser, content: str, file: Path, theme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 500})
    page = context.new_page()
    page.set_content(content)
    page.screenshot(path=file, full_page=True)
    context.close()


# ── Rows that no page changes so quickly ─────────────────────────────────────
def _run(product: Product, code: str) -> None:
    """Have this happen beside the product's own processes, which mail what comes of it."""
    environment = products.environment(product.var, EMAIL_URL="consolemail://")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


def _wish(product: Product, who: Person, mail: str) -> None:
    wishes = {f"{kind}-{way}": "on" for kind in KINDS for way in ("bell", "browser", "sound")}
    wishes |= {f"{kind}-mail": mail for kind in KINDS}
    product.post(who, "/news/settings/", **wishes)


def _write_to(product: Product, *people: Person) -> None:
    with closing(_database(product)) as database, database:
        for each in people:
            database.execute(
                "UPDATE jobs_user SET email = ? WHERE username = ?",
                (f"{each.username}@studio.example", each.username),
            )


def _send(product: Product) -> None:
    """Let nothing wait for company, and nobody rest."""
    with closing(_database(product)) as database, database:
        database.execute("UPDATE jobs_notice SET mail_at = '2000-01-01' WHERE mail_at IS NOT NULL")
        database.execute("UPDATE jobs_mailing SET made_at = '2000-01-01'")
    time.sleep(4)


def _row(product: Product, question: str) -> str:
    with closing(_database(product)) as database:
        return str(database.execute(question).fetchone()[0])


def _database(product: Product) -> sqlite3.Connection:
    return sqlite3.connect(product.var / "db.sqlite3", timeout=20)
