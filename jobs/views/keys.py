"""One's own provider keys, and for admins the team's. What is saved is never shown again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jobs import credentials, vault
from jobs.forms import KeyForm, SigningKeyForm
from jobs.models import Credential, User
from jobs.providers import PROVIDERS, errors
from jobs.views.access import Request

TEAM, OWN = "team", "own"


@sensitive_post_parameters("key", "signing_key")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    if request.method != "POST":
        return render(request, "keys/page.html", {"rows": _rows(request)})
    provider, owner = request.POST.get("provider", ""), _owner(request)
    if provider not in PROVIDERS:
        raise Http404
    wants_signing = "signing_key" in request.POST
    form = (SigningKeyForm if wants_signing else KeyForm)(request.POST)
    if form.is_valid():
        try:
            _save(request, provider, owner, form.cleaned_data)
        except credentials.NotUsable as error:
            form.add_error(None if wants_signing else "key", error.user_message)
        else:
            return redirect("keys")
    bound = (provider, owner is None, wants_signing, form)
    return render(request, "keys/page.html", {"rows": _rows(request, bound)}, status=422)


@require_POST
def remove(request: Request, provider: str) -> HttpResponse:
    credential = get_object_or_404(_keys(_owner(request)), provider=provider)
    credentials.remove(credential, actor=request.user)
    messages.success(request, f"The {PROVIDERS[provider].label} key is wiped.")
    return redirect("keys")


@require_POST
def check(request: Request, provider: str) -> HttpResponse:
    """Ask the provider about the key again: does it work, and what is left on the account?"""
    credential = get_object_or_404(_keys(_owner(request)), provider=provider)
    try:
        credentials.refresh_balance(credential)
    except vault.Unreadable:
        messages.error(request, "The stored key cannot be opened. Enter it again.")
    except errors.ProviderError:
        label = PROVIDERS[provider].label
        messages.error(request, f"{label} could not be asked just now. Try again in a minute.")
    return redirect("keys")


def _save(request: Request, provider: str, owner: User | None, data: dict[str, Any]) -> None:
    label = PROVIDERS[provider].label
    if "key" in data:
        saved = credentials.save_key(owner, provider, data["key"], actor=request.user)
        if saved.balance is None:
            told = "is saved. There is no way to try it: your first video shows whether it works."
        else:
            told = f"works and is saved. Balance: {saved.balance:,} credits."
        messages.success(request, f"The {label} key {told}")
        return
    credential = get_object_or_404(_keys(owner), provider=provider)
    credentials.save_signing_key(credential, data["signing_key"], actor=request.user)
    messages.success(request, f"The {label} signing key is saved; unsigned callbacks are refused.")


def _owner(request: Request) -> User | None:
    """Whose key is meant: one's own, or with `scope=team` the team's (admins only)."""
    if request.POST.get("scope") != TEAM:
        return request.user
    if not request.user.is_admin:
        raise Http404
    return None


def _keys(owner: User | None) -> Any:
    return Credential.objects.filter(owner=owner, practice=settings.PRACTICE)


def _rows(request: Request, bound: tuple[Any, ...] | None = None) -> list[dict[str, Any]]:
    own = {c.provider: c for c in _keys(request.user)}
    team = {c.provider: c for c in _keys(None)}

    def form(provider: str, is_team: bool, is_signing: bool) -> Any:
        if bound and bound[:3] == (provider, is_team, is_signing):
            return bound[3]
        kind = SigningKeyForm if is_signing else KeyForm
        scope = TEAM if is_team else OWN
        return kind(auto_id=f"{provider}-{scope}-%s")

    return [
        {
            "provider": provider,
            "credential": own.get(name),
            "team_credential": team.get(name),
            "form": form(name, False, False),
            "signing_form": form(name, False, True),
            "team_form": form(name, True, False) if request.user.is_admin else None,
            "team_signing_form": form(name, True, True) if request.user.is_admin else None,
        }
        for name, provider in PROVIDERS.items()
    ]
