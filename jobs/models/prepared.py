"""Questions whose SQL is put together once: for every page that takes longer than asking."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Given = int | datetime
Row = tuple[Any, ...]
NUMBERS_FROM = 2**40
"""Stand for the numbers that are given, while a question is put together; nothing has so many."""
MOMENTS_FROM = datetime(1601, 1, 1, tzinfo=UTC)


class _Place(NamedTuple):
    """Where the question takes which of what is given."""

    number: int


class _Question(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    compiler: Any


_questions: dict[Hashable, _Question | None] = {}


def rows(shape: Hashable, build: Callable[..., QuerySet[Any, Row]], *given: Given) -> list[Row]:
    """The rows of `build(*given)`, a `values_list`.

    The same `shape` means the same SQL for whatever is given: `build` may decide nothing by that,
    and give it to nothing that computes with it in Python.
    """
    key = connection.vendor, shape
    if key not in _questions:
        _questions[key] = _put_together(build, given)
    question = _questions[key]
    if question is None:
        return list(build(*given))
    params = [
        _adapted(given[each.number]) if isinstance(each, _Place) else each
        for each in question.params
    ]
    with connection.cursor() as cursor:
        cursor.execute(question.sql, params)
        found = cursor.fetchall()
    return list(question.compiler.results_iter(results=[found], tuple_expected=True))


def _put_together(
    build: Callable[..., QuerySet[Any, Row]], given: tuple[Given, ...]
) -> _Question | None:
    """None where the database need not be asked at all."""
    stand_ins: list[Given] = [
        MOMENTS_FROM + timedelta(hours=number)
        if isinstance(each, datetime)
        else NUMBERS_FROM + number
        for number, each in enumerate(given)
    ]
    places = {_adapted(each): _Place(number) for number, each in enumerate(stand_ins)}
    compiler = build(*stand_ins).query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    stands = [isinstance(each, Hashable) and each in places for each in params]
    taken = [places[each] if is_one else each for each, is_one in zip(params, stands, strict=True)]
    return _Question(sql, tuple(taken), compiler)


def _adapted(given: Given) -> Any:
    """As the database takes it."""
    if isinstance(given, datetime):
        return connection.ops.adapt_datetimefield_value(given)
    return given
