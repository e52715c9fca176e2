"""Saved views: filters of the library under a name, one's own or the team's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from jobs.forms import NewViewForm, SavedViewForm
from jobs.letters import isolated
from jobs.models import SavedView
from jobs.views import own_names
from jobs.views.access import Request


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """The list of them; of filters that are sent, a new one."""
    if request.method != "POST":
        return _list(request)
    form = NewViewForm(request.POST, owner=request.user)
    view = own_names.one_more(form, **form.cleaned_data) if form.is_valid() else None
    if view is None:
        return _list(request, status=422, form=form)
    messages.success(request, f"{isolated(view.name)} is saved.")
    return redirect(f"{reverse('library')}?{view.query}")


@require_POST
def change(request: Request, view_id: UUID) -> HttpResponse:
    view = _to_change(request, view_id)
    form = SavedViewForm(request.POST, owner=view.owner, row=view)
    if not (form.is_valid() and own_names.changed(form, **form.cleaned_data)):
        return _list(request, status=422, changed=view, change_form=form)
    messages.success(request, f"{isolated(form.cleaned_data['name'])} is saved.")
    return redirect("saved-views")


@require_POST
def delete(request: Request, view_id: UUID) -> HttpResponse:
    view = _to_change(request, view_id)
    view.delete()
    messages.success(request, f"{isolated(view.name)} is deleted. The videos stay.")
    return redirect("saved-views")


def _to_change(request: Request, view_id: UUID) -> SavedView:
    views = SavedView.objects.theirs(request.user).select_related("owner")
    return get_object_or_404(views, pk=view_id)


def _list(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    views = SavedView.objects.visible_to(request.user).select_related("owner")
    mine = {*SavedView.objects.theirs(request.user).values_list("pk", flat=True)}
    context = {"views": [(each, each.pk in mine) for each in views], **more}
    return render(request, "library/views.html", context, status=status)
