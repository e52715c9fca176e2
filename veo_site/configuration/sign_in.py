"""How django-allauth signs people in: what of it is used here, and what is off.

Only the views that `jobs.urls` names are reachable. Its templates are not even installed (the app
`allauth` itself is missing), so a page that we forgot is an error and never a page in another look.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

APPS = [
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]


def settings_of_allauth() -> dict[str, Any]:
    """The names are allauth's own, the figures ours."""
    return {
        "ACCOUNT_ADAPTER": "jobs.views.accounts.signing_in.adapter.AccountAdapter",
        "SOCIALACCOUNT_ADAPTER": "jobs.views.accounts.signing_in.sso.SingleSignOnAdapter",
        "ACCOUNT_FORMS": {
            "login": "jobs.forms.SignInForm",
            "change_password": "jobs.forms.PasswordForm",
            "reauthenticate": "jobs.forms.ProofForm",
        },
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*", "password2*"],
        # People come by an invitation, or are the first.
        "ACCOUNT_SIGNUP_ENABLED": False,
        # Addresses are for our own mails; whoever invites knows whom.
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        # The cookie lasts as long as the session may; what ends a session is on our side.
        "ACCOUNT_SESSION_REMEMBER": True,
        # Its counts live in the cache, which each web process may have to itself: ours are exact.
        "ACCOUNT_RATE_LIMITS": False,
        "MFA_ADAPTER": "jobs.views.accounts.signing_in.second.adapter.FactorAdapter",
        "MFA_RATE_LIMITS": False,
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        # A phone's clock may be half a minute wrong, no more.
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_RECOVERY_CODE_DIGITS": 10,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        # Asked for by `jobs.views.proof`, which a sign-in of late satisfies as well.
        "MFA_REAUTHENTICATION_REQUIRED": False,
    }


def password_validators(least: int) -> list[dict[str, Any]]:
    """What a new password has to be; `least` characters long."""
    return [
        {
            "NAME": "jobs.people.signing_in.passwords.LengthValidator",
            "OPTIONS": {"min_length": least},
        },
        {"NAME": "jobs.people.signing_in.passwords.LeakedValidator"},
        {"NAME": "jobs.people.signing_in.passwords.KnownWordsValidator"},
    ]


def provider_id(issuer: str) -> str:
    """By what people who come from this issuer are kept apart.

    They are known by the number that it gave them: another issuer may give the same number to
    somebody else.
    """
    return f"sso-{hashlib.sha256(issuer.encode()).hexdigest()[:16]}"


def providers(*, issuer: str, client_id: str, secret: str, scope: list[str]) -> dict[str, Any]:
    """Allauth's setting for the one OpenID Connect provider there may be; none without issuer."""
    if not issuer:
        return {}
    address = urlsplit(issuer)
    if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ImproperlyConfigured(f"OIDC_ISSUER has to be an https address: {issuer}")
    if not (client_id and secret):
        raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
    app = {
        "provider_id": provider_id(issuer),
        "name": "single sign-on",
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "scope": scope, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}
