"""Changes and additions whose SQL is put together once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple, cast

from django.db import connection, transaction
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import InsertQuery, UpdateQuery

from jobs.models.prepared.given import Column, Given, filled, places_in, stand_ins


class _Taken(Expression):
    """Stands for such a value, while a change is put together."""

    def __init__(self, column: Column) -> None:
        super().__init__(output_field=column.field)
        self._column = column

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self._column,)


class _Change(NamedTuple):
    sql: str
    params: tuple[Any, ...]


class _Addition(NamedTuple):
    sql: str
    fields: tuple[Field[Any, Any], ...]


changes: dict[Hashable, _Change] = {}
additions: dict[Hashable, _Addition] = {}


def update(
    shape: Hashable,
    build: Callable[..., QuerySet[Any]],
    values: Mapping[str, object],
    *given: Given,
) -> int:
    """Change the rows of `build(*given)` as their `update(**values)` would; how many there were.

    The same `shape` means the same names in `values`, and the same expressions: what is plain may
    be another each time. No other column is computed of those that change.
    """
    empty = tuple(name for name, value in values.items() if value is None)
    key = connection.vendor, shape, empty
    if key not in changes:
        changes[key] = _change(build, values, given)
    change = changes[key]
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.execute(change.sql, filled(change.params, given, values))
        return int(cursor.rowcount)


def add(row: Model) -> None:
    """Add a row of a table that counts its own, as its `save()` would the first time. What its
    columns hold comes from Python, not from defaults of the database.

    It learns nothing of its number, and no signal of Django's tells of it.
    """
    key = connection.vendor, type(row)
    if key not in additions:
        additions[key] = _addition(row)
    addition = additions[key]
    params = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for field in addition.fields
    ]
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.execute(addition.sql, params)


def _change(
    build: Callable[..., QuerySet[Any]], values: Mapping[str, object], given: tuple[Given, ...]
) -> _Change:
    stood_in = stand_ins(given)
    query = cast("UpdateQuery", build(*stood_in).query.chain(UpdateQuery))
    meta = query.get_meta()
    query.add_update_values(
        {
            name: value
            if value is None or hasattr(value, "resolve_expression")
            else _Taken(Column(name, cast("Field[Any, Any]", meta.get_field(name))))
            for name, value in values.items()
        }
    )
    sql, params = query.get_compiler(connection=connection).as_sql()
    places = places_in(params, stood_in)
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
