"""Saved views: filters of the library under a name, one's own or the team's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from jobs.forms import NewViewForm, SavedViewForm
from jobs.letters import isolated
from jobs.models import SavedView, User
from jobs.models.studio.saved_view import VIEWS_MAX
from jobs.views.access import Request


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """The list of them; of filters that are sent, a new one."""
    if request.method != "POST":
        return _list(request)
    form = NewViewForm(request.POST, owner=request.user)
    view = _saved(form, request.user) if form.is_valid() else None
    if view is None:
        return _list(request, status=422, form=form)
    messages.success(request, f"{isolated(view.name)} is saved.")
    return redirect(f"{reverse('library')}?{view.query}")


@require_POST
def change(request: Request, view_id: UUID) -> HttpResponse:
    view = _to_change(request, view_id)
    form = SavedViewForm(request.POST, owner=view.owner, view=view)
    if not (form.is_valid() and _changed(form, view)):
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


def _saved(form: NewViewForm, owner: User) -> SavedView | None:
    """Store a valid form; None where it cannot be, with the reason on the form."""
    try:
        with transaction.atomic():
            # One after the other, or two at once would both be the last that there may be.
            User.objects.filter(pk=owner.pk).update(theme=F("theme"))
            if SavedView.objects.filter(owner=owner).count() < VIEWS_MAX:
                return SavedView.objects.create(owner=owner, **form.cleaned_data)
    except IntegrityError:
        form.say_taken()
        return None
    form.add_error(None, f"You have {VIEWS_MAX} views, which is the most. Delete one first.")
    return None


def _changed(form: SavedViewForm, view: SavedView) -> bool:
    try:
        with transaction.atomic():
            SavedView.objects.filter(pk=view.pk).update(**form.cleaned_data)
    except IntegrityError:
        form.say_taken()
        return False
    return True
