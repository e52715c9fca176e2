"""The team's prompt templates: written, changed, and filled in for the composer."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import limits
from jobs.forms import FillForm, TemplateForm, digits, search_words
from jobs.letters import isolated, variables
from jobs.limits import Limit, TooMany
from jobs.models import PromptTemplate
from jobs.views.access import Request
from jobs.views.callers import later
from jobs.views.studio.composer import starting

PAGE_SIZE = 50


@require_safe
def page(request: Request) -> HttpResponse:
    """All templates of the team, or with htmx their list alone."""
    words = search_words(request.GET.get("q", ""))
    number = min(digits(request.GET.get("page", "")) or 1, 10_000)
    found = PromptTemplate.objects.matching(words).select_related("author", "project")
    start = (number - 1) * PAGE_SIZE
    shown = list(found[start : start + PAGE_SIZE + 1])
    context = {
        "templates": [(each, _changes(request, each)) for each in shown[:PAGE_SIZE]],
        "words": words,
        "next_page": number + 1 if len(shown) > PAGE_SIZE else None,
    }
    template = "studio/_templates.html" if request.htmx else "studio/templates.html"
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """The form of a new template."""
    form, too_many = TemplateForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            limits.take(Limit.TEMPLATES, request.user.pk)
            with transaction.atomic():
                made = PromptTemplate.objects.create(author=request.user, **form.values)
        except IntegrityError:
            form.say_taken()
        except TooMany as error:
            too_many = error
            form.add_error(None, error.user_message)
        else:
            messages.success(request, f"{isolated(made.name)} is ready for the whole team.")
            return redirect("templates")
    response = render(
        request, "studio/template.html", {"form": form}, status=422 if form.errors else 200
    )
    return later(response, too_many)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, template_id: int) -> HttpResponse:
    """The form of a template, for its author and admins."""
    template = get_object_or_404(PromptTemplate.objects.theirs(request.user), pk=template_id)
    form = TemplateForm(request.POST if request.method == "POST" else None, template=template)
    status = 200
    if form.is_bound:
        status = _changed(form, template) if form.is_valid() else 422
    if form.is_bound and status == 200:
        messages.success(request, f"{isolated(form.values['name'])} is saved.")
        return redirect("templates")
    context = {"form": form, "template": template}
    return render(request, "studio/template.html", context, status=status)


@require_POST
def delete(request: Request, template_id: int) -> HttpResponse:
    template = get_object_or_404(PromptTemplate.objects.theirs(request.user), pk=template_id)
    template.delete()
    messages.success(request, f"{isolated(template.name)} is deleted.")
    return redirect("templates")


@require_http_methods(["GET", "HEAD", "POST"])
def use(request: Request, template_id: int) -> HttpResponse:
    """The variables of a template; filled in they lead to the composer, and order nothing."""
    template = get_object_or_404(PromptTemplate.objects.select_related("project"), pk=template_id)
    text = _read(template)
    form = FillForm(request.POST if request.method == "POST" else None, text=text)
    if form.is_valid():
        fields = {**template.settings, "prompt": form.prompt}
        if not request.htmx:
            return starting.composed(request, fields)
        return render(request, "studio/_taken.html", {"fields": json.dumps(fields)})
    pieces = [
        {"variable": text.variables[each]} if isinstance(each, int) else {"words": each}
        for each in text.pieces
    ]
    context = {"template": template, "form": form, "pieces": pieces}
    name = "studio/_use.html" if request.htmx else "studio/use.html"
    return render(request, name, context, status=422 if form.errors else 200)


def _read(template: PromptTemplate) -> variables.Text:
    """Its text; one that came in by no form of ours stands as it is, without variables."""
    try:
        return variables.parse(template.text)
    except variables.Broken:
        return variables.Text((), (template.text,))


def _changes(request: Request, template: PromptTemplate) -> bool:
    """Whether this person may change it."""
    return request.user.is_admin or template.author_id == request.user.pk


def _changed(form: TemplateForm, template: PromptTemplate) -> int:
    """Store a valid form. The status of the answer: 200 for done, 422 or 409 with what is wrong."""
    values: dict[str, Any] = form.values
    if all(getattr(template, name) == value for name, value in values.items()):
        return 200
    rows = PromptTemplate.objects.filter(pk=template.pk, version=form.cleaned_data["version"])
    try:
        with transaction.atomic():
            is_done = rows.update(**values, version=F("version") + 1, changed_at=Now())
    except IntegrityError:
        form.say_taken()
        return 422
    if is_done:
        return 200
    form.add_error(
        None, "Somebody else changed this template meanwhile. Save again to replace their version."
    )
    # What was typed stays; only the number of what it replaces is new.
    data = QueryDict(mutable=True)
    data.update(form.data)
    data["version"] = str(template.version)
    form.data = data
    return 409
