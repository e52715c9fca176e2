"""One's own provider keys, and for admins the team's. What is saved is never shown again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jobs import credentials, limits
from jobs.forms import AccountForm, KeyForm, SigningKeyForm, key_label
from jobs.limits import Limit, TooMany
from jobs.models import Credential, User
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS, errors
from jobs.secrets import vault
from jobs.views.access import Request, missing_when_gone
from jobs.views.accounts.joining import joining_of
from jobs.views.callers import later
from jobs.views.proof import proof_required

TEAM, OWN = "team", "own"
FORMS: dict[str, type[Form]] = {
    "key": KeyForm,
    "signing_key": SigningKeyForm,
    "account": AccountForm,
}


@sensitive_post_parameters("key", "signing_key")
@require_http_methods(["GET", "HEAD", "POST"])
@proof_required
@missing_when_gone
def page(request: Request) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/keys.html", {"rows": _rows(request)})
    provider, owner = request.POST.get("provider", ""), _owner(request)
    if provider not in PROVIDERS:
        raise Http404
    wanted = next((name for name in ("signing_key", "account") if name in request.POST), "key")
    form, too_many = FORMS[wanted](request.POST), None
    if form.is_valid():
        try:
            _save(request, provider, owner, form.cleaned_data)
        except credentials.NotUsable as error:
            form.add_error("key", error.user_message)
        except TooMany as error:
            too_many = error
            form.add_error("key", error.user_message)
        else:
            return redirect("keys")
    bound = (provider, owner is None, wanted, form)
    context = {"rows": _rows(request, bound)}
    return later(render(request, "accounts/keys.html", context, status=422), too_many)


@require_POST
@proof_required
@missing_when_gone
def remove(request: Request, provider: str) -> HttpResponse:
    credential = get_object_or_404(_keys(_owner(request)), provider=provider)
    credentials.remove(credential, actor=request.user)
    messages.success(request, f"The {PROVIDERS[provider].label} key has been removed.")
    return redirect("keys")


@require_POST
@proof_required
@missing_when_gone
def remove_signing(request: Request, provider: str) -> HttpResponse:
    """Take unsigned callbacks again: the account no longer signs them."""
    credential = get_object_or_404(_keys(_owner(request)), provider=provider)
    credentials.save_signing_key(credential, "", actor=request.user)
    messages.success(request, f"The {PROVIDERS[provider].label} signing key has been removed.")
    return redirect("keys")


@require_POST
@missing_when_gone
def check(request: Request, provider: str) -> HttpResponse:
    """Ask the provider about the key again: does it work, and what is left on the account?"""
    credential = get_object_or_404(_keys(_owner(request)), provider=provider)
    try:
        limits.take(Limit.KEY_TRIES, request.user.pk)
        credentials.refresh_balance(credential, by_hand=True)
    except TooMany as error:
        messages.error(request, error.user_message)
    except vault.Unreadable:
        messages.error(request, credentials.why_unreadable())
    except errors.ProviderError:
        label = PROVIDERS[provider].label
        messages.error(request, f"{label} couldn’t be reached just now. Try again in a minute.")
    return redirect("keys")


def _save(request: Request, provider: str, owner: User | None, data: dict[str, Any]) -> None:
    label = PROVIDERS[provider].label
    if "key" in data:
        # Each try asks the provider.
        limits.take(Limit.KEY_TRIES, request.user.pk)
        saved = credentials.save_key(owner, provider, data["key"], actor=request.user)
        if saved.balance is None:
            told = f"The {label} key is saved. Your first video will show whether it works."
        else:
            told = f"The {label} key works and is saved. Balance: {saved.balance:,} credits."
        messages.success(request, told)
        return
    credential = get_object_or_404(_keys(owner), provider=provider)
    if "account" in data:
        credentials.set_account(credential, data["account"], actor=request.user)
        messages.success(request, f"The account name of the {label} key is saved.")
        return
    credentials.save_signing_key(credential, data["signing_key"], actor=request.user)
    messages.success(request, f"The {label} signing key is saved. Unsigned callbacks are refused.")


def _owner(request: Request) -> User | None:
    """The owner of the key that is meant: oneself, or with `scope=team` the team (admins only)."""
    if request.POST.get("scope") != TEAM:
        return request.user
    if not request.user.is_admin:
        raise Http404
    return None


def _keys(owner: User | None) -> Any:
    rows = Credential.objects.filter(owner=owner, practice=settings.PRACTICE)
    return rows.select_related("joined_to__owner")


def _is_low(credential: Credential | None, dearest: int | None) -> bool:
    """The account has less than the dearest work there costs."""
    if credential is None or credential.balance is None:
        return False
    return credential.balance < (dearest or 0)


def _rows(request: Request, bound: tuple[Any, ...] | None = None) -> list[dict[str, Any]]:
    saved = {
        scope: {credential.provider: credential for credential in _keys(owner)}
        for scope, owner in ((OWN, request.user), (TEAM, None))
    }
    prices = PriceList()

    def forms(provider: str, scope: str) -> dict[str, Any]:
        credential = saved[scope].get(provider)
        made = {}
        for name, kind in FORMS.items():
            if bound and bound[:3] == (provider, scope == TEAM, name):
                made[f"{name}_form"] = bound[3]
                continue
            initial = {"account": credential.account} if credential else {}
            made[f"{name}_form"] = kind(auto_id=f"{provider}-{scope}-%s", initial=initial)
        return {
            "credential": credential,
            "shares_with": key_label(lead) if credential and (lead := credential.joined_to) else "",
            "scope": scope,
            "is_low": _is_low(credential, prices.dearest(provider)),
            **made,
        }

    scopes = (OWN, TEAM) if request.user.is_admin else (OWN,)
    return [
        {
            "provider": provider,
            "keys": [forms(name, scope) for scope in scopes],
            "team_credential": saved[TEAM].get(name),
            "joining": joining_of(name) if request.user.is_admin else None,
        }
        for name, provider in PROVIDERS.items()
    ]
