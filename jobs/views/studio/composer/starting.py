"""What the composer starts from, where that is neither a video nor the usual choice.

What was composed elsewhere waits in the session under a key of its own, which the studio's address
names: a prompt may be longer than an address, and an address is read by more than its reader.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from jobs.forms import MODES, ComposerForm, digits
from jobs.forms.ordering.images import IDS_MAX
from jobs.forms.ordering.offered import provider_of
from jobs.forms.ordering.possible import possible
from jobs.models import Job, Preset
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.providers.base import Kind, Mode
from jobs.views.access import Request
from jobs.views.studio.composer.images import shape_of_film

SLOT = "composed"
KEPT = 4
"""So many pages back in the browser's history a composed prompt is found again."""


def keep(request: Request, fields: Mapping[str, Any]) -> str:
    """Let these fields of the composer wait for it. Gives back the key to start from."""
    key = str(uuid4())
    kept = dict(request.session.get(SLOT, {}))
    while len(kept) >= KEPT:
        del kept[next(iter(kept))]
    request.session[SLOT] = {**kept, key: dict(fields)}
    return key


def typed(request: Request) -> dict[str, Any]:
    """All that a composer was sent with and that can stand in it again; files cannot."""
    fields: dict[str, Any] = {}
    for name, field in ComposerForm.base_fields.items():
        if isinstance(field, forms.BooleanField):
            fields[name] = name in request.POST
        elif name == "images":
            fields[name] = request.POST.getlist(name)[:IDS_MAX]
        elif name != "submission_key":
            fields[name] = request.POST.get(name, "")
    return fields


def is_kept(request: Request, key: str) -> bool:
    """Something waits under this key."""
    return key in request.session.get(SLOT, {})


def composed(request: Request, fields: Mapping[str, Any]) -> HttpResponse:
    """Lead to the composer with these fields in it."""
    return redirect(f"{reverse('studio')}?from={keep(request, fields)}")


def started(request: Request, keys: Collection[str], prices: PriceList) -> dict[str, Any]:
    """The fields that a composer starts with: the usual ones, or what the address asks for.

    `keys` are the providers that this person has a key for; `prices` know what is offered.
    """
    provider = next((name for name in PROVIDERS if name in keys), "")
    mode, images = request.GET.get("mode", ""), request.GET.getlist("image")
    usual = {
        **ComposerForm.defaults(provider),
        "project": digits(request.GET.get("project", "")),
        **({"mode": mode} if mode in MODES else {}),
        "images": images,
    }
    initial = _with_what_waits(request, usual, keys, prices)
    if mode not in MODES:
        return initial
    if mode == Mode.VIDEO and (shape := shape_of_film(request.user, images)):
        initial["aspect_ratio"] = shape
    # The usual model need not offer it.
    return {**initial, **possible(initial, initial["model"], PROVIDERS, prices)}


def takes_prompt_alone(request: Request) -> bool:
    """The address names a video of which nothing but its prompt is wanted."""
    return request.GET.get("only") == "prompt"


def _with_what_waits(
    request: Request, usual: Mapping[str, Any], keys: Container[str], prices: PriceList
) -> dict[str, Any]:
    asked = _asked_for(request, usual["project"])
    if not asked and usual["model"] not in prices.withdrawn:
        return {**usual}
    wanted = {**usual, **asked}
    usable = keys if provider_of(usual["model"]) in keys else PROVIDERS
    return {**wanted, **possible(wanted, usual["model"], usable, prices)}


def _asked_for(request: Request, project_id: int | None) -> dict[str, Any]:
    try:
        key = UUID(request.GET.get("from", ""))
    except ValueError:
        return _last_used(request, project_id) if project_id else {}
    waiting = request.session.get(SLOT, {})
    below: dict[str, Any] = waiting.get(request.GET.get("with", ""), {})
    if takes_prompt_alone(request):
        jobs = Job.objects.visible_to(request.user).filter(pk=key)
        return below | (jobs.values("prompt").first() or {})
    preset = Preset.objects.filter(owner=request.user, pk=key).select_related("project").first()
    return below | (preset.settings if preset else waiting.get(str(key), {}))


def _last_used(request: Request, project_id: int) -> dict[str, Any]:
    """The settings of this person's last own order in a project; nothing where there is none."""
    own = Job.objects.filter(owner=request.user, project=project_id, kind=Kind.GENERATE)
    names = ("model", "aspect_ratio", "resolution", "duration", "translate", "watermark")
    return own.order_by("-created_at").values(*names).first() or {}
