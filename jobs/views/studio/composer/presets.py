"""Somebody's own presets: settings of the composer under a name."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from jobs.forms import PresetForm, PresetNameForm
from jobs.letters import isolated
from jobs.models import Preset
from jobs.views import own_names
from jobs.views.access import Request
from jobs.views.studio.composer import starting


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """One's presets; of what the composer sends, a form to keep it as another one."""
    if request.method != "POST":
        return _list(request)
    if "save" not in request.POST:
        form = PresetForm.of_composer(request.POST, request.user)
        back = "" if request.htmx else starting.keep(request, starting.typed(request))
        return _list(request, form=form, back=back)
    form, back = PresetForm(request.POST, owner=request.user), request.POST.get("back", "")
    preset = own_names.one_more(form, **form.values) if form.is_valid() else None
    if preset is None:
        return _list(request, status=422, form=form, back=back)
    return _done(request, f"{isolated(preset.name)} is saved.", back)


@require_POST
def rename(request: Request, preset_id: UUID) -> HttpResponse:
    preset = get_object_or_404(Preset, owner=request.user, pk=preset_id)
    form = PresetNameForm(request.POST, owner=request.user, row=preset)
    if form.is_valid() and own_names.changed(form, name=form.cleaned_data["name"]):
        return _done(request, f"It is called {isolated(form.cleaned_data['name'])} now.")
    return _list(request, status=422, renamed=preset, rename_form=form)


@require_POST
def delete(request: Request, preset_id: UUID) -> HttpResponse:
    preset = get_object_or_404(Preset, owner=request.user, pk=preset_id)
    preset.delete()
    return _done(request, f"{isolated(preset.name)} is deleted.")


def _list(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    presets = Preset.objects.filter(owner=request.user).select_related("project")
    context = {"presets": [(each, _fields(each)) for each in presets], **more}
    template = "studio/_presets.html" if request.htmx else "studio/presets.html"
    return render(request, template, context, status=status)


def _done(request: Request, said: str, back: str = "") -> HttpResponse:
    """The list again, or with `back` the composer as it was."""
    if request.htmx:
        return _list(request, said=said)
    messages.success(request, said)
    return redirect(
        f"{reverse('studio')}?from={back}" if starting.is_kept(request, back) else "presets"
    )


def _fields(preset: Preset) -> str:
    """What js/tools.js takes of it."""
    return json.dumps(preset.settings)
