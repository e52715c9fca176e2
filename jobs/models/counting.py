"""Counts that stop where nobody counts any more: of a hundred thousand as of a thousand."""

from __future__ import annotations

from typing import Any

from django.db.models import Expression, IntegerField, QuerySet, Subquery, Value

from jobs.letters import counts


class _Counted(Subquery):
    empty_result_set_value = 0
    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"


def up_to(rows: QuerySet[Any], most: int | None = None) -> Subquery:
    """The number of these rows, or `most` + 1 for more: COUNTED_MAX where nothing is said. They may
    name an OuterRef.

    In an order, the first of them are counted: that of the index in which they stand close.
    """
    # Nothing of them is asked for: where an index tells which they are, no row is read.
    last = counts.COUNTED_MAX if most is None else most
    counted = rows.annotate(one=Value(1)).values("one")[: last + 1]
    return _Counted(counted, output_field=IntegerField())


def uncounted(_: QuerySet[Any]) -> Expression:
    """Stands where `up_to` would read too much."""
    return Value(None, output_field=IntegerField())
