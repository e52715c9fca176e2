"""Signing in and out, and one's own password: allauth's views in our own look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import views
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.internal.stagekit import clear_login
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jobs.models import User
from jobs.views.accounts.signing_in.adapter import HeldUp
from jobs.views.accounts.signing_in.forgotten import SIGNS_IN
from jobs.views.accounts.signing_in.second.offered import passkeys_work
from jobs.views.callers import later


class Limited:
    """A form with a password that is not looked at after too many wrong ones."""

    def form_invalid(self, form: Form) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        for errors in form.errors.as_data().values():
            for error in errors:
                if isinstance(error, HeldUp):
                    return later(response, error.too_many)
        return response


class LoginView(Limited, views.LoginView):
    template_name = "accounts/login.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not User.objects.exists():
            return redirect("setup")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if "username" not in request.POST:
            return redirect("login")
        return super().post(request, *args, **kwargs)

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> Any:
        """Whoever sends something means to sign in anew: nobody is kept from it by somebody's
        second step, nor asked for the code of somebody else.
        """
        if request.method != "POST":
            return super()._redirect_to_pending_stage(request, stage)
        clear_login(request)
        return None

    def get_initial(self) -> dict[str, Any]:
        return {"login": self.request.session.get(SIGNS_IN, "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # As allauth repeats it, a foreign address would stand in our page.
        return {
            **super().get_context_data(**kwargs),
            "next": get_next_redirect_url(self.request) or "",
            "passkeys_work": passkeys_work(self.request),
            "sso_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        }


class LogoutView(views.LogoutView):
    # Anew, without allauth's mark that nobody need be signed in.
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        # Drafts, pictures and films, of which browsers keep copies; over https alone they obey.
        # Not "cookies": that would mean those of every other site under the same domain, too.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class PasswordView(Limited, views.PasswordChangeView):
    template_name = "accounts/password.html"

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password has been changed.")
        return super().form_valid(form)


class ProofView(Limited, views.ReauthenticateView):
    """The password again, of somebody who is signed in (see `jobs.views.proof`)."""

    template_name = "accounts/proof.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "is_held": STATE_SESSION_KEY in self.request.session,
        }


def _page(view: type[View]) -> Callable[..., HttpResponseBase]:
    """Everything that is posted is secret: people type passwords into the field for the name."""
    shown = require_http_methods(["GET", "HEAD", "POST"])(view.as_view())
    return sensitive_post_parameters()(shown)


login = _page(LoginView)
proof = _page(ProofView)
logout = require_POST(LogoutView.as_view())
password = _page(PasswordView)
