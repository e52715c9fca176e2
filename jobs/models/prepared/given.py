"""What is given to a question or a change, and its places in SQL that is there already."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Field

Given = int | str | UUID | date
NUMBERS_FROM = 2**40
"""Stand for the numbers that are given, while a question is put together; nothing has so many."""
MOMENTS_FROM = datetime(1601, 1, 1, tzinfo=UTC)
DAYS_FROM = date(1501, 1, 1)
MARKS = re.compile("(%s|%%)")
NOTHING: Mapping[str, Any] = {}


class Place(NamedTuple):
    """Where the question takes which of what is given."""

    number: int


class Column(NamedTuple):
    """Where a change takes the new value of a column."""

    name: str
    field: Field[Any, Any]


def stand_ins(given: Iterable[Given]) -> list[Given]:
    """For all that is given, while a question is put together."""
    return [_stand_in(each, number) for number, each in enumerate(given)]


def _stand_in(given: Given, number: int) -> Given:
    """Something of its kind that stands in no question by itself."""
    match given:
        case datetime():
            return MOMENTS_FROM + timedelta(hours=number)
        case date():
            return DAYS_FROM + timedelta(days=number)
        case UUID():
            return UUID(int=number)
        case int():
            return NUMBERS_FROM + number
        case _:
            return f"stand-in {number}"


def places_in(params: Iterable[Any], stood_in: Sequence[Given]) -> tuple[Any, ...] | None:
    """What the SQL takes, with a place for each thing that is given; None where one has none."""
    places = {_adapted(each): Place(number) for number, each in enumerate(stood_in)}
    taken = tuple(
        places[each] if isinstance(each, Hashable) and each in places else each for each in params
    )
    seen = {each.number for each in taken if isinstance(each, Place)}
    return taken if len(seen) == len(stood_in) else None


def stated(sql: str, params: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The SQL with all in its text that is the same each time, and what else it takes.

    PostgreSQL keeps the plans of what it was asked before, for any parameters: not knowing that few
    jobs have some status, it would read them all.
    """
    if connection.vendor != "postgresql":
        return sql, params
    left = iter(params)
    text: list[str] = []
    taken: list[Place] = []
    for piece in MARKS.split(sql):
        if piece != "%s":
            text.append(piece)
        elif isinstance(param := next(left), Place):
            text.append(piece)
            taken.append(param)
        else:
            text.append(_literal(param))
    return "".join(text), tuple(taken)


def _literal(param: Any) -> str:
    ops: Any = connection.ops
    return str(ops.compose_sql("%s", [param])).replace("%", "%%")


def filled(
    params: tuple[Any, ...], given: tuple[Given, ...], values: Mapping[str, Any] = NOTHING
) -> tuple[Any, ...]:
    """The parameters of one execution, with this at those places."""
    return tuple(_param(each, given, values) for each in params)


def _param(param: Any, given: tuple[Given, ...], values: Mapping[str, Any]) -> Any:
    match param:
        case Place(number):
            return _adapted(given[number])
        case Column(name, field):
            return field.get_db_prep_save(values[name], connection)
        case _:
            return param


def _adapted(given: Given) -> Any:
    """As the database takes it."""
    if isinstance(given, datetime):
        return connection.ops.adapt_datetimefield_value(given)
    if isinstance(given, date):
        return connection.ops.adapt_datefield_value(given)
    if isinstance(given, UUID) and not connection.features.has_native_uuid_field:
        return given.hex
    return given
