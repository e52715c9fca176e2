"""Time as the database tells it: the one clock that every process agrees on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.expressions import Combinable
from django.db.models.functions import Now


def after(seconds: float) -> ExpressionWrapper[Any]:
    """The database's now plus `seconds` (which may be negative)."""
    return later(Now(), seconds)


def later(moment: Combinable, seconds: float) -> ExpressionWrapper[Any]:
    """`moment` plus `seconds`."""
    return ExpressionWrapper(
        moment + timedelta(seconds=seconds),
        output_field=DateTimeField(),
    )
