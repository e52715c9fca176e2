"""Questions whose SQL is put together once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)

from jobs.models.prepared.given import Given, filled, places_in, stand_ins, stated

Row = tuple[Any, ...]
Model_ = TypeVar("Model_", bound=Model)
Found = TypeVar("Found")
Id = TypeVar("Id", UUID, int)
LISTS: Mapping[type, Callable[[Sequence[Any]], Any]] = {
    ValuesListIterable: tuple,
    FlatValuesListIterable: itemgetter(0),
}


class _Question(NamedTuple):
    rows: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, Any]
    """Of what is read into what it is in Python, by column; looked up once as well."""
    as_found: Callable[[Sequence[Any]], Any] | None
    """What Python has instead of a row of values; None where Django had better say."""


questions: dict[Hashable, _Question | None] = {}


def rows(
    shape: Hashable, build: Callable[..., QuerySet[Model_, Found]], *given: Given
) -> list[Found]:
    """The rows of `build(*given)`, as they would be found: models, or tuples of a `values_list`.

    The same `shape` means the same SQL for whatever is given: `build` may decide nothing by that,
    and give it to nothing that computes with it in Python. There is a shape for each line of code
    that asks, and for few things else: they are kept for ever.
    """
    key = connection.vendor, shape
    if key not in questions:
        questions[key] = _put_together(build, given)
    question = questions[key]
    if question is None:
        return list(build(*given))
    return list(_asked(question, given)) if question.as_found is None else _found(question, given)


def padded(ids: Iterable[Id]) -> tuple[Id, ...]:
    """These to be asked for by `pk__in`, the last one more than once: since only few numbers of
    them come, each is a shape of its own.
    """
    some = tuple(ids)
    return some + some[-1:] * (2 ** (len(some) - 1).bit_length() - len(some)) if some else ()


def _asked(question: _Question, given: tuple[Given, ...]) -> QuerySet[Any, Any]:
    """Rows that are found in Django's own ways, but by SQL that is there already."""
    params = filled(question.params, given)
    compiler = copy.copy(question.compiler)
    compiler.as_sql = lambda *_, **__: (question.sql, params)
    compiler.get_converters = lambda _: question.converters
    found = question.rows.all()
    setattr(found.query, "get_compiler", lambda *_, **__: compiler)  # noqa: B010
    return found


def _found(question: _Question, given: tuple[Given, ...]) -> list[Any]:
    """What Django would find, in fewer steps."""
    with connection.cursor() as cursor:
        cursor.execute(question.sql, filled(question.params, given))
        found: Iterable[Sequence[Any]] = cursor.fetchall()
    if question.converters:
        found = question.compiler.apply_converters(found, question.converters)
    return list(map(question.as_found or tuple, found))


def _put_together(
    build: Callable[..., QuerySet[Any, Any]], given: tuple[Given, ...]
) -> _Question | None:
    """None where the database need not be asked, or something given is not seen to get there."""
    stood_in = stand_ins(given)
    found = build(*stood_in)
    compiler = found.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    if (places := places_in(params, stood_in)) is None:
        return None
    converters = compiler.get_converters([each[0] for each in compiler.select])
    return _Question(found, compiler, *stated(sql, places), converters, _as_found(found, compiler))


def _as_found(found: QuerySet[Any, Any], compiler: Any) -> Callable[[Sequence[Any]], Any] | None:
    """Makes of a row what Django would; None where that takes more than the row."""
    if compiler.has_extra_select:
        return None
    if found._iterable_class is not ModelIterable:  # noqa: SLF001
        return LISTS.get(found._iterable_class)  # noqa: SLF001
    known = found._known_related_objects or found._prefetch_related_lookups  # type: ignore[attr-defined]  # noqa: SLF001
    return None if known else _model_of(compiler)


def _model_of(compiler: Any) -> Callable[[Sequence[Any]], Model]:
    """As `ModelIterable` makes one of each row, but finds out once what is the same for all."""
    select, of, using = compiler.select, compiler.klass_info, connection.alias
    first, last = of["select_fields"][0], of["select_fields"][-1] + 1
    names = [each[0].target.attname for each in select[first:last]]
    related = get_related_populators(of, select, using)  # type: ignore[call-arg]  # 6.1’s stubs
    annotated = tuple((compiler.annotation_col_map or {}).items())

    def model(row: Sequence[Any]) -> Model:
        made: Model = of["model"].from_db(using, names, row[first:last])
        for each in related:
            each.populate(row, made)
        for name, column in annotated:
            setattr(made, name, row[column])
        return made

    return model
