"""Addresses that go wrong, for the pages that are shown then."""

from __future__ import annotations

from typing import NoReturn

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest
from django.urls import include, path


def breaks(request: HttpRequest) -> NoReturn:
    raise RuntimeError("canary-detail-of-the-error")


def forbids(request: HttpRequest) -> NoReturn:
    raise PermissionDenied


def objects(request: HttpRequest) -> NoReturn:
    raise BadRequest("canary-detail-of-the-error")


urlpatterns = [
    path("500/", breaks),
    path("403/", forbids),
    path("400/", objects),
    path("", include("jobs.urls")),
]
