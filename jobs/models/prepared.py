"""Questions whose SQL is put together once: for every page that takes longer than asking."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

Given = int | str | UUID | date
Row = tuple[Any, ...]
Model_ = TypeVar("Model_", bound=Model)
Found = TypeVar("Found")
NUMBERS_FROM = 2**40
"""Stand for the numbers that are given, while a question is put together; nothing has so many."""
MOMENTS_FROM = datetime(1601, 1, 1, tzinfo=UTC)
DAYS_FROM = date(1501, 1, 1)


class _Place(NamedTuple):
    """Where the question takes which of what is given."""

    number: int


class _Question(NamedTuple):
    rows: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, Any]
    """Of what is read into what it is in Python, by column; looked up once as well."""


_questions: dict[Hashable, _Question | None] = {}


def rows(
    shape: Hashable, build: Callable[..., QuerySet[Model_, Found]], *given: Given
) -> list[Found]:
    """The rows of `build(*given)`, as they would be found: models, or tuples of a `values_list`.

    The same `shape` means the same SQL for whatever is given: `build` may decide nothing by that,
    and give it to nothing that computes with it in Python. There is a shape for each line of code
    that asks, and for few things else: they are kept for ever.
    """
    key = connection.vendor, shape
    if key not in _questions:
        _questions[key] = _put_together(build, given)
    question = _questions[key]
    return list(build(*given) if question is None else _asked(question, given))


def padded(ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """These to be asked for by `pk__in`, the last one more than once: since only few numbers of
    them come, each is a shape of its own.
    """
    some = tuple(ids)
    return some + some[-1:] * (2 ** (len(some) - 1).bit_length() - len(some)) if some else ()


def _asked(question: _Question, given: tuple[Given, ...]) -> QuerySet[Any, Any]:
    """Rows that are found in Django's own ways, but by SQL that is there already."""
    params = tuple(
        _adapted(given[each.number]) if isinstance(each, _Place) else each
        for each in question.params
    )
    compiler = copy.copy(question.compiler)
    compiler.as_sql = lambda *_, **__: (question.sql, params)
    compiler.get_converters = lambda _: question.converters
    found = question.rows.all()
    setattr(found.query, "get_compiler", lambda *_, **__: compiler)  # noqa: B010
    return found


def _put_together(
    build: Callable[..., QuerySet[Any, Any]], given: tuple[Given, ...]
) -> _Question | None:
    """None where the database need not be asked, or something given is not seen to get there."""
    stand_ins = [_stand_in(each, number) for number, each in enumerate(given)]
    places = {_adapted(each): _Place(number) for number, each in enumerate(stand_ins)}
    found = build(*stand_ins)
    compiler = found.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    stands = [isinstance(each, Hashable) and each in places for each in params]
    taken = [places[each] if is_one else each for each, is_one in zip(params, stands, strict=True)]
    seen = {each.number for each in taken if isinstance(each, _Place)}
    if len(seen) < len(given):
        return None
    converters = compiler.get_converters([each[0] for each in compiler.select])
    return _Question(found, compiler, sql, tuple(taken), converters)


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


def _adapted(given: Given) -> Any:
    """As the database takes it."""
    if isinstance(given, datetime):
        return connection.ops.adapt_datetimefield_value(given)
    if isinstance(given, date):
        return connection.ops.adapt_datefield_value(given)
    if isinstance(given, UUID) and not connection.features.has_native_uuid_field:
        return given.hex
    return given
