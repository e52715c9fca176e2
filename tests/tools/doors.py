"""Pages that somebody comes to by a link or on the way in, for tests.tools.shots."""

from __future__ import annotations

import base64
import hmac
import re
import time
from dataclasses import replace
from urllib.parse import urlsplit

import requests

from tests.support.product import Person, Product

APP = "/security/app/"


def behind_links(product: Product, admin: Person) -> dict[str, str]:
    """What opens for who has the link, signed in nowhere."""
    invited = product.post(admin, "/team/invitations/", role="member", note="Eve").text
    address = re.search(r"https?://[^/\s]+(/join/[\w-]+/)", invited)
    assert address
    return {"join": address[1]}


def set_up(product: Product, who: Person) -> dict[str, str]:
    """The pages of somebody who has just set up an app for their codes."""
    page = requests.get(product.url + APP, cookies={"sessionid": who.session}, timeout=20).text
    secret = re.search(r'<code class="secret">(\w+)</code>', page)
    assert secret
    answer = product.post(who, APP, code=_code(secret[1]))
    assert urlsplit(answer.url).path != APP, "the code was refused"
    return {"security-codes": "/security/codes/", "confirm-code": "/confirm/code/"}


def half_in(product: Product, who: Person) -> Person:
    """The same in another browser, where the password was right and the code is asked for."""
    session = requests.Session()
    session.get(f"{product.url}/login/", timeout=20)
    sent = {"username": who.username, "password": who.password}
    sent["csrfmiddlewaretoken"] = session.cookies["csrftoken"]
    answer = session.post(f"{product.url}/login/", sent, timeout=20)
    assert urlsplit(answer.url).path == "/login/code/", answer.url
    return replace(who, session=session.cookies["sessionid"])


def _code(secret: str) -> str:
    """What an app shows now (RFC 6238); without Django, as all of this program."""
    mac = hmac.digest(base64.b32decode(secret), (int(time.time()) // 30).to_bytes(8), "sha1")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4]) & 0x7FFFFFFF) % 10**6:06}"
