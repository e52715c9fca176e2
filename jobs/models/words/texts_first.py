"""Jobs with words that very many have, found from their texts: for whoever wants them all.

A page of them is soon full among the newest, so it is read from there. Whoever counts them so reads
as many rows as there are between one that has the words and the next, a thousand times.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup, QuerySet
from django.db.models.expressions import RawSQL

from jobs.models import search_index

SORTED_MAX = 5000
"""To read and sort so many takes no longer than to pass by twenty thousand."""
WORDS_ARE_MET = "words_are_met"
"""Of a query: it asks of jobs whose texts were found by the words it is narrowed down by."""


def are_found_at_once(words: Sequence[str]) -> bool:
    """One question to the index finds the texts with all of these words, and no others."""
    return all(len(word) >= search_index.TRIGRAM for word in words)


def ids(jobs: QuerySet[Any, Any], words: Sequence[str], most: int) -> list[UUID] | None:
    """Those of these jobs whose text has all of these words, in no order; None for more of them
    than `most`.

    Words as `letters.words_of` makes them, of which the jobs have the others as well.
    """
    connection = connections[jobs.db]
    texts, given = _texts_with(connection, words)
    # A value and not a condition: of that either database would first read all that is seen.
    each = jobs.filter(pk=RawSQL("hits.job_id", ())).order_by().values("pk")[:1]
    setattr(each.query, WORDS_ARE_MET, are_found_at_once(words))
    try:
        seen, more = each.query.get_compiler(using=jobs.db).as_sql()
    except EmptyResultSet:
        return []
    found = f"SELECT job_id FROM ({texts}) AS hits WHERE ({seen}) IS NOT NULL"  # noqa: S608  # our own
    keys = search_index.named(connection, found, [*given, *more], most)
    return None if keys is None else [UUID(key) for key in keys]


class Among(Lookup):
    """One of thousands of ids, said as one value: as many, or a question of which it knows not how
    much it finds, take either database twice as long.
    """

    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, given = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::uuid[])", [*given, f"{{{','.join(self.rhs)}}}"]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, given = self.process_lhs(compiler, connection)
        each = "SELECT value FROM json_each(%s)"
        return f"{column} IN ({each})", [*given, json.dumps(self.rhs)]


def jobs_to_sort(using: str, words: Sequence[str]) -> list[str] | None:
    """The ids of all jobs whose text has these words, for `Among`; None for more of them than
    SORTED_MAX, and without a word.
    """
    if not words:
        return None
    connection = connections[using]
    texts, given = _texts_with(connection, words)
    return search_index.named(connection, texts, given, SORTED_MAX)


def _texts_with(connection: BaseDatabaseWrapper, words: Sequence[str]) -> tuple[str, list[Any]]:
    """A question for the ids of the jobs whose texts have these words, with its values."""
    texts, given = next(search_index.questions(connection, words))
    if connection.vendor == "sqlite":
        texts = f"SELECT job_id FROM ({texts}) CROSS JOIN jobs_jobtext ON id = hit"  # noqa: S608  # our own
    return texts, given
