"""Keys of one account at a provider, as an admin says which those are."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from jobs import credentials
from jobs.forms import JoinKeysForm, key_label
from jobs.models import Credential
from jobs.providers import PROVIDERS
from jobs.views.access import Request, admin_required, missing_when_gone
from jobs.views.proof import proof_required


def joining_of(provider: str) -> dict[str, Any] | None:
    """What an admin sees of a provider's keys and their accounts; None where there is but one."""
    keys = Credential.objects.current().filter(provider=provider)
    if keys.count() < 2:
        return None
    joined = keys.filter(joined_to__isnull=False).select_related("owner", "joined_to__owner")
    return {
        "form": JoinKeysForm(provider=provider, auto_id=f"{provider}-join-%s"),
        "joined": [
            (key, key_label(key), key_label(key.joined_to)) for key in joined if key.joined_to
        ],
    }


@require_POST
@admin_required
@proof_required
@missing_when_gone
def join(request: Request, provider: str) -> HttpResponse:
    if provider not in PROVIDERS:
        raise Http404
    form = JoinKeysForm(request.POST, provider=provider)
    if not form.is_valid():
        messages.error(request, "Choose two keys. Nothing was changed.")
        return redirect("keys")
    try:
        is_news = credentials.join(
            form.cleaned_data["key"], form.cleaned_data["other"], actor=request.user
        )
    except credentials.NotJoined as error:
        messages.error(request, f"{error.user_message} Nothing was changed.")
    else:
        said = "Joined. These keys now share one rate limit." if is_news else "Already joined."
        messages.success(request, said)
    return redirect("keys")


@require_POST
@admin_required
@proof_required
@missing_when_gone
def separate(request: Request, credential_id: int) -> HttpResponse:
    credential = get_object_or_404(Credential.objects.current(), pk=credential_id)
    if credentials.separate(credential, actor=request.user):
        messages.success(request, "Separated. The key counts as an account of its own.")
    return redirect("keys")
