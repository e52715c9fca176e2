"""What `allauth.mfa` asks of the house: names that people read, and how secrets are kept."""

from __future__ import annotations

from typing import Any

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from qrcode.image.svg import SvgPathImage

from jobs.models import Team
from jobs.secrets import vault

CONTEXT = "second factor"
PASSKEYS_MAX = 20
"""Of one person; more would be somebody's script."""


class FactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right, or was used already.",
    }

    def encrypt(self, text: str) -> str:
        return vault.seal(text, CONTEXT)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.unseal(encrypted_text, CONTEXT)

    def get_totp_issuer(self) -> str:
        return Team.current().name or "Dailies"

    def build_totp_svg(self, url: str) -> str:
        """The picture as an element of the page: our policy allows no address with data in it."""
        drawn: str = qrcode.make(url, image_factory=SvgPathImage).to_string(encoding="unicode")
        return drawn.replace("<svg ", '<svg class="qr" role="img" aria-label="QR code" ', 1)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}"

    def _get_user_identifier(self, user: Any) -> str:
        """An address of e-mail is for warnings; people sign in by their name."""
        name: str = user.username
        return name

    def _get_site_name(self) -> str:
        return self.get_totp_issuer()
