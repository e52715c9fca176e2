"""How django-allauth signs people in: what of it is used here, and what is off.

Only the views that `jobs.urls` names are reachable. Its templates are not even installed (the app
`allauth` itself is missing), so a page that we forgot is an error and never a page in another look.
"""

from __future__ import annotations

from typing import Any

APPS = [
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]


def settings_of_allauth() -> dict[str, Any]:
    """The names are allauth's own, the figures ours."""
    return {
        "ACCOUNT_ADAPTER": "jobs.views.accounts.adapter.AccountAdapter",
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
    }
