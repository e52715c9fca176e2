"""What a template of names comes to, for whoever types one."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs import file_names
from jobs.forms.file_names import FileNamesField
from jobs.views.access import Request, admin_required


@require_safe
@admin_required
def example(request: Request) -> HttpResponse:
    """The name of an example by this template, or what is wrong with it."""
    name = problem = ""
    try:
        typed = FileNamesField(required=False).clean(request.GET.get("file_names", ""))
    except forms.ValidationError as error:
        problem = " ".join(error.messages)
    else:
        name = file_names.example_of(typed or file_names.AT_FIRST)
    return render(request, "files/_example.html", {"example": name, "problem": problem})
