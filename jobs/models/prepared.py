"""Questions, and changes, whose SQL is put together once: that often takes longer than asking."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Field, Model, QuerySet
from django.db.models.query import FlatValuesListIterable, ValuesListIterable
from django.db.models.sql import InsertQuery, UpdateQuery

Given = int | str | UUID | date
Row = tuple[Any, ...]
Model_ = TypeVar("Model_", bound=Model)
Found = TypeVar("Found")
Id = TypeVar("Id", UUID, int)
LISTS: Mapping[type, Callable[[Sequence[Any]], Any]] = {
    ValuesListIterable: tuple,
    FlatValuesListIterable: itemgetter(0),
}
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
    as_found: Callable[[Sequence[Any]], Any] | None
    """What Python has instead of a row of values; None where Django had better say."""


class _Change(NamedTuple):
    sql: str
    params: tuple[Any, ...]


class _Addition(NamedTuple):
    sql: str
    fields: tuple[Field[Any, Any], ...]


_questions: dict[Hashable, _Question | None] = {}
_changes: dict[Hashable, _Change] = {}
_additions: dict[Hashable, _Addition] = {}


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
    if question is None:
        return list(build(*given))
    return list(_asked(question, given)) if question.as_found is None else _values(question, given)


def update(
    shape: Hashable,
    build: Callable[..., QuerySet[Any]],
    values: Mapping[str, object],
    *given: Given,
) -> int:
    """Change the rows of `build(*given)` as their `update(**values)` would; how many there were.

    The same `shape` means the same `values` too: what is another thing each time stands in `build`.
    No other column is computed of those that change.
    """
    key = connection.vendor, shape
    if key not in _changes:
        _changes[key] = _change(build, values, given)
    change = _changes[key]
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.execute(change.sql, _filled(change.params, given))
        return int(cursor.rowcount)


def add(row: Model) -> None:
    """Add a row of a table that counts its own, as its `save()` would the first time.

    It learns nothing of its number, and no signal of Django's tells of it.
    """
    key = connection.vendor, type(row)
    if key not in _additions:
        _additions[key] = _addition(row)
    addition = _additions[key]
    params = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for field in addition.fields
    ]
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.execute(addition.sql, params)


def padded(ids: Iterable[Id]) -> tuple[Id, ...]:
    """These to be asked for by `pk__in`, the last one more than once: since only few numbers of
    them come, each is a shape of its own.
    """
    some = tuple(ids)
    return some + some[-1:] * (2 ** (len(some) - 1).bit_length() - len(some)) if some else ()


def _asked(question: _Question, given: tuple[Given, ...]) -> QuerySet[Any, Any]:
    """Rows that are found in Django's own ways, but by SQL that is there already."""
    params = _filled(question.params, given)
    compiler = copy.copy(question.compiler)
    compiler.as_sql = lambda *_, **__: (question.sql, params)
    compiler.get_converters = lambda _: question.converters
    found = question.rows.all()
    setattr(found.query, "get_compiler", lambda *_, **__: compiler)  # noqa: B010
    return found


def _values(question: _Question, given: tuple[Given, ...]) -> list[Any]:
    """What Django would find of a `values_list`, in fewer steps."""
    with connection.cursor() as cursor:
        cursor.execute(question.sql, _filled(question.params, given))
        found: Iterable[Sequence[Any]] = cursor.fetchall()
    if question.converters:
        found = question.compiler.apply_converters(found, question.converters)
    return list(map(question.as_found or tuple, found))


def _put_together(
    build: Callable[..., QuerySet[Any, Any]], given: tuple[Given, ...]
) -> _Question | None:
    """None where the database need not be asked, or something given is not seen to get there."""
    stand_ins = _stand_ins(given)
    found = build(*stand_ins)
    compiler = found.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    if (places := _places(params, stand_ins)) is None:
        return None
    converters = compiler.get_converters([each[0] for each in compiler.select])
    as_found = None if compiler.has_extra_select else LISTS.get(found._iterable_class)  # noqa: SLF001
    return _Question(found, compiler, sql, places, converters, as_found)


def _change(
    build: Callable[..., QuerySet[Any]], values: Mapping[str, object], given: tuple[Given, ...]
) -> _Change:
    stand_ins = _stand_ins(given)
    query = cast("UpdateQuery", build(*stand_ins).query.chain(UpdateQuery))
    query.add_update_values(dict(values))
    sql, params = query.get_compiler(connection=connection).as_sql()
    places = _places(params, stand_ins)
    if places is None:
        raise ValueError("something given does not get into the SQL as it is")
    return _Change(sql, places)


def _addition(row: Model) -> _Addition:
    meta = type(row)._meta  # noqa: SLF001 — Django names it so
    fields = [each for each in meta.concrete_fields if each is not meta.auto_field]
    query = InsertQuery(type(row))
    query.insert_values(fields, [row])
    ((sql, _),) = query.get_compiler(connection=connection).as_sql()
    return _Addition(sql, tuple(fields))


def _places(params: Iterable[Any], stand_ins: Sequence[Given]) -> tuple[Any, ...] | None:
    """What the SQL takes, with a place for each thing that is given; None where one has none."""
    places = {_adapted(each): _Place(number) for number, each in enumerate(stand_ins)}
    taken = tuple(
        places[each] if isinstance(each, Hashable) and each in places else each for each in params
    )
    seen = {each.number for each in taken if isinstance(each, _Place)}
    return taken if len(seen) == len(stand_ins) else None


def _filled(params: tuple[Any, ...], given: tuple[Given, ...]) -> tuple[Any, ...]:
    return tuple(
        _adapted(given[each.number]) if isinstance(each, _Place) else each for each in params
    )


def _stand_ins(given: Iterable[Given]) -> list[Given]:
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


def _adapted(given: Given) -> Any:
    """As the database takes it."""
    if isinstance(given, datetime):
        return connection.ops.adapt_datetimefield_value(given)
    if isinstance(given, date):
        return connection.ops.adapt_datefield_value(given)
    if isinstance(given, UUID) and not connection.features.has_native_uuid_field:
        return given.hex
    return given
