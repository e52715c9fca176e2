"""Pieces of pages that say the same to many: rendered once for all of them."""

from __future__ import annotations

import secrets
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()

KEPT_MAX = 1000
"""Pieces that a process keeps: some 3 MB."""
Plain = str | int | float | Decimal | date | UUID | None
_kept: dict[tuple[object, ...], SafeString] = {}
_TOKEN = f"csrf-token-of-the-reader-{secrets.token_hex(16)}"
"""Stands in a kept piece where its forms get a token of whoever reads it."""


@register.simple_tag(takes_context=True)
def kept(context: template.Context, template_name: str, **shown: Any) -> SafeString:
    """What `include … only` renders. Since the template is given nothing but these values, it says
    the same wherever they are the same.

    They are plain ones, or tuples and frozen records of those: whatever else there is may change
    and be the same.
    """
    key = template_name, *((name, _told(value)) for name, value in shown.items())
    if (html := _kept.get(key)) is None:
        html = render_to_string(template_name, {**shown, "csrf_token": _TOKEN})
        if len(_kept) >= KEPT_MAX:
            _kept.clear()
        if not settings.DEBUG:
            _kept[key] = html
    if _TOKEN not in html:
        return html
    return SafeString(html.replace(_TOKEN, str(context.get("csrf_token", ""))))


def _told(value: Any) -> tuple[object, object]:
    """All that a template could tell apart: 1, True and "1" look different, and so does markup."""
    if isinstance(value, tuple):
        return type(value), tuple(map(_told, value))
    if getattr(getattr(value, "__dataclass_params__", None), "frozen", False):
        return type(value), tuple(_told(getattr(value, each.name)) for each in fields(value))
    if not isinstance(value, Plain):
        raise TypeError(f"{value!r} is nothing that a piece can be kept by")
    return type(value), value
