"""A form that changes one row of a list: in a dialog over it, or without script on its own page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from jobs.views.access import Request
from jobs.views.callers import called_from


def ask(request: Request, form: forms.Form, *, title: str, back: str, **facts: Any) -> HttpResponse:
    """Show the form, with what was typed and what is wrong with it.

    `back`: the address of the list, which takes it; `facts`: what one decides by.
    """
    template = "team/_change.html" if request.htmx else "team/change.html"
    context = {"form": form, "title": title, "back": back, **facts}
    return render(request, template, context, status=422 if form.errors else 200)


def open_page(request: Request) -> str:
    """The path of the page that a dialog stands over."""
    return urlsplit(called_from(request)).path
