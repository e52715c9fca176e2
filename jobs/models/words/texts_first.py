"""Jobs with words that very many have, found from their texts: for whoever wants them all.

A page of them is soon full among the newest, so it is read from there. Whoever counts them so reads
as many rows as there are between one that has the words and the next, a thousand times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
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


def jobs_to_sort(using: str, words: Sequence[str]) -> RawSQL | None:
    """The ids of all jobs whose text has these words, for a condition; None for more of them than
    SORTED_MAX, and without a word.
    """
    if not words:
        return None
    connection = connections[using]
    texts, given = _texts_with(connection, words)
    with connection.cursor() as cursor:
        found = f"SELECT COUNT(*) FROM ({texts} LIMIT {SORTED_MAX + 1}) AS found"  # noqa: S608  # our own
        cursor.execute(found, given)
        (number,) = cursor.fetchone()
    if number > SORTED_MAX:
        return None
    if connection.vendor == "postgresql":
        # As an array: a plan for the texts themselves would go through the order after all.
        texts = f"SELECT unnest(ARRAY({texts}))"
    return RawSQL(texts, given)  # noqa: S611  # our own


def _texts_with(connection: BaseDatabaseWrapper, words: Sequence[str]) -> tuple[str, list[Any]]:
    """A question for the ids of the jobs whose texts have these words, with its values."""
    texts, given = next(search_index.questions(connection, words))
    if connection.vendor == "sqlite":
        texts = f"SELECT job_id FROM ({texts}) CROSS JOIN jobs_jobtext ON id = hit"  # noqa: S608  # our own
    return texts, given
