"""What django-allauth asks of the house that it signs people in to."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from jobs.models import User


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # One sentence, whether or not there is such a name.
        "username_password_mismatch": "Enter a correct username and password.",
    }

    def is_ajax(self, request: HttpRequest) -> bool:
        """Never: what a page answers does not hang on a header, and no page asks for JSON."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only where we were called ourselves, and by https where we were."""
        return url_has_allowed_host_and_scheme(
            url, {self.request.get_host()}, require_https=self.request.is_secure()
        )

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("studio")

    def set_password(self, user: Any, password: str) -> None:
        """The one door that every new password of an existing person comes through."""
        user.set_password(password)
        User.objects.filter(pk=user.pk).update(password=user.password)
