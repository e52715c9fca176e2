"""What django-allauth asks of the house that it signs people in to."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from jobs import limits
from jobs.machine import threads
from jobs.models import User
from jobs.people import sign_ins
from jobs.people.signing_in import single_sign_on
from jobs.views.accounts.signing_in import known_browsers
from jobs.views.callers import caller

BUSY = "Many people are signing in at this moment. Try again in a few seconds."


class HeldUp(ValidationError):
    """A password that is not looked at now, since too many were wrong."""

    def __init__(self, too_many: limits.TooMany) -> None:
        super().__init__(too_many.user_message, code="too_many_login_attempts")
        self.too_many = too_many


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # One sentence, whether or not there is such a name.
        "username_password_mismatch": "Enter a correct username and password.",
        "incorrect_password": "That is not your password.",
    }

    # ── What a password is tried against ─────────────────────────────────────
    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Whose name and password these are. Raises `HeldUp` where it was tried too often.

        Allauth's own count is not asked: it locks the account, for whoever wants it locked.
        """
        attempt = attempt_of(request, credentials.get("username", ""))
        try:
            # A hash takes its time, and a flood of them would take every thread.
            with threads.one_for("passwords", spared=2):
                sign_ins.begin(attempt)
                person = super().authenticate(request, **credentials)
            if not isinstance(person, User):
                sign_ins.fail(attempt)
                return None
            sign_ins.succeed(attempt)
            sign_ins.count_right_password(person)
        except threads.Busy as busy:
            raise ValidationError(BUSY, code="busy") from busy
        except limits.TooMany as too_many:
            raise HeldUp(too_many) from too_many
        return person

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counted above."""

    # ── Signed in ────────────────────────────────────────────────────────────
    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        records = get_authentication_records(request, user)
        by = " and ".join(dict.fromkeys(map(_in_words, records)))
        sign_ins.note_sign_in(user, request.META.get("REMOTE_ADDR", ""), by=by or "password")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Whoever has a second factor proves it by that: a password alone signs nobody in there."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if factors := [each for each in methods if each["id"].startswith("mfa")]:
            return factors
        if settings.OIDC_ISSUER and single_sign_on.is_connected(user):
            again = f"Use {settings.OIDC_NAME}"
            methods.append({"id": "sso", "description": again, "url": resolve_url("sso")})
        return methods

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        known_browsers.remember(request, response, user)
        return response

    def set_password(self, user: Any, password: str) -> None:
        user.set_password(password)
        sign_ins.keep_password(
            user,
            self.request.META.get("REMOTE_ADDR", ""),
            but=self.request.session.session_key,
        )

    # ── Where to go ──────────────────────────────────────────────────────────
    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("studio")

    def is_safe_url(self, url: str) -> bool:
        """Only where we were called ourselves, and by https where we were."""
        return url_has_allowed_host_and_scheme(
            url, {self.request.get_host()}, require_https=self.request.is_secure()
        )

    def is_ajax(self, request: HttpRequest) -> bool:
        """Never: what a page answers does not hang on a header, and no page asks for JSON."""
        return False


def _in_words(record: dict[str, Any]) -> str:
    method = record["method"]
    second = "a passkey" if record.get("passwordless") else "a second step"
    return str({"socialaccount": settings.OIDC_NAME, "mfa": second}.get(method, method))


def let_in(request: HttpRequest, person: User, to: str = "") -> HttpResponse:
    """Sign in somebody new, who has just chosen their password, and lead them on."""
    record_authentication(request, person, method="password")
    response: HttpResponse = perform_login(request, person, redirect_url=to or None)
    return response


def attempt_of(request: HttpRequest, name: str, *, is_code: bool = False) -> sign_ins.Attempt:
    """What is counted of a password, or a code, that somebody tries for this name."""
    return sign_ins.Attempt(
        name,
        address=request.META.get("REMOTE_ADDR", ""),
        caller=caller(request, bits=48),
        browser=known_browsers.mark_of(request, name),
        inside=request.user if isinstance(request.user, User) else None,
        is_code=is_code,
    )
