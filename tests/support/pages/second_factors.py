"""A second factor, set up as on its page, and the codes that its app shows."""

from __future__ import annotations

import hashlib
import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from jobs.models import User
from tests.support.factories import PASSWORD

PERIOD = 30
STEP = "/login/code/"
SIGN_IN = {"username": "alice", "password": PASSWORD}


def code(secret: str, steps: int = 0) -> str:
    """What the app shows so many half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + steps))


def secret_on(page: str) -> str:
    found = re.search(r'<code class="secret">(\w+)</code>', page)
    assert found
    return found[1]


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """The secret of the app and the recovery codes, of somebody who has just signed in."""
    secret = secret_on(client.get("/security/app/").content.decode())
    answer: Any = client.post("/security/app/", {"code": code(secret)}, follow=True)
    return secret, answer.context["codes"]


def forget_last_use(of: User) -> None:
    """As half a minute later: its app shows a code that nobody has used."""
    app = Authenticator.objects.get(user=of, type="totp")
    Authenticator.objects.filter(pk=app.pk).update(data={"secret": app.data["secret"]})


def passkey(of: User) -> Authenticator:
    """A passkey as a browser on this site would have made it. Nobody has its other half."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    cose: Any = ES256
    made = AttestedCredentialData.create(b"\0" * 16, b"credential", cose.from_cryptography_key(key))
    data = AuthenticatorData.create(
        hashlib.sha256(b"testserver").digest(),
        AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT,
        1,
        made,
    )
    client = CollectedClientData.create("webauthn.create", b"asked", "https://testserver")
    credential = {
        "id": websafe_encode(b"credential"),
        "rawId": websafe_encode(b"credential"),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    kept = Authenticator(user=of, type="webauthn", data={"name": "Ring", "credential": credential})
    kept.save(force_insert=True)
    return kept


def half_way(client: Client | None = None, **more: str) -> Client:
    """A browser in which Alice's password was right."""
    client = client or Client()
    answer = client.post("/login/", {**SIGN_IN, **more})
    assert answer.headers["Location"].startswith(STEP)
    return client


def is_in(client: Client) -> bool:
    return client.get("/projects/").status_code == 200
