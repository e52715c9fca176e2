"""One's own second factor: an app with codes, passkeys, and the codes for when both are lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery_codes
from allauth.mfa.totp.internal import flows as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows as passkeys
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jobs.forms import AppForm, PasskeyForm
from jobs.people.signing_in import second_factor
from jobs.views.access import Request
from jobs.views.accounts.signing_in.second.adapter import PASSKEYS_MAX
from jobs.views.accounts.signing_in.second.offered import passkeys_work
from jobs.views.proof import is_proved

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponse]


def proved_first(view: View[P]) -> View[P]:
    """Ask who it is before the page is shown: a secret stands on it, and a code on it soon ends."""

    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if is_proved(request):
            return view(request, *args, **kwargs)
        (first, *_) = get_account_adapter().get_reauthentication_methods(request.user)
        asked: HttpResponse = suspend_request(request, first["url"])
        return asked

    return guarded


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@proved_first
def app(request: Request) -> HttpResponse:
    """Set up an app that shows a new code every half minute."""
    if second_factor.of(request.user).app:
        return redirect("security")
    form = AppForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        _, codes = totp.activate_totp(request, form)
        second_factor.mark_used(request.user, form.step)
        second_factor.note(request.user, "second factor added", "authenticator app")
        return _go_on(request, "Your authenticator app is set up.", has_codes=bool(codes))
    adapter = get_adapter()
    address = adapter.build_totp_url(request.user, form.secret)
    context = {"form": form, "picture": adapter.build_totp_svg(address), "address": address}
    return render(request, "accounts/app.html", context, status=422 if form.errors else 200)


@require_POST
@proved_first
def remove_app(request: Request) -> HttpResponse:
    if found := second_factor.of(request.user).app:
        totp.deactivate_totp(request, found)
        second_factor.note(request.user, "second factor removed", "authenticator app")
        messages.success(request, "Your authenticator app no longer signs you in.")
    return redirect("security")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@proved_first
def add_passkey(request: Request) -> HttpResponse:
    """Have the browser make a passkey, and keep its public half."""
    if len(second_factor.of(request.user).passkeys) >= PASSKEYS_MAX:
        messages.error(request, f"You have {PASSKEYS_MAX} passkeys. Remove one first.")
        return redirect("security")
    form = PasskeyForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        _, codes = passkeys.add_authenticator(
            request, name=form.cleaned_data["name"], credential=form.cleaned_data["credential"]
        )
        second_factor.note(request.user, "second factor added", "passkey")
        return _go_on(request, "Your passkey is set up.", has_codes=bool(codes))
    options = webauthn.begin_registration(request.user, False)
    context = {
        "form": form,
        "ceremony": {"creation_options": options},
        "passkeys_work": passkeys_work(request),
    }
    return render(request, "accounts/passkey.html", context, status=422 if form.errors else 200)


@require_POST
@proved_first
def remove_passkey(request: Request, passkey_id: int) -> HttpResponse:
    own = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    passkeys.remove_authenticator(request, get_object_or_404(own, pk=passkey_id))
    second_factor.note(request.user, "second factor removed", "passkey")
    messages.success(request, "That passkey no longer signs you in.")
    return redirect("security")


@require_POST
@proved_first
def new_codes(request: Request) -> HttpResponse:
    """Make the older recovery codes worthless."""
    if not second_factor.has_one(request.user):
        return redirect("security")
    recovery_codes.generate_recovery_codes(request)
    second_factor.note(request.user, "recovery codes made")
    return redirect("mfa_view_recovery_codes")


@never_cache
@require_http_methods(["GET", "HEAD"])
@proved_first
def codes(request: Request) -> HttpResponse:
    """Show the recovery codes, once."""
    found, may_be_seen = recovery_codes.view_recovery_codes(request)
    if found is None:
        return redirect("security")
    context = {"codes": found.get_unused_codes() if may_be_seen else []}
    return render(request, "accounts/recovery_codes.html", context)


def _go_on(request: Request, said: str, *, has_codes: bool) -> HttpResponse:
    messages.success(request, said)
    return redirect("mfa_view_recovery_codes" if has_codes else "security")
