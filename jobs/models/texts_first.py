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
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from jobs.models import search_index


def ids(jobs: QuerySet[Any, Any], words: Sequence[str], most: int) -> list[UUID] | None:
    """Those of these jobs whose text has all of these words, in no order; None for more of them
    than `most`.

    Words as `computed.words_of` makes them, of which the jobs have the others as well.
    """
    connection = connections[jobs.db]
    texts, given = next(search_index.questions(connection, words))
    if connection.vendor == "sqlite":
        texts = f"SELECT job_id FROM ({texts}) CROSS JOIN jobs_jobtext ON id = hit"  # noqa: S608  # our own
    # A value and not a condition: of that either database would first read all that is seen.
    each = jobs.filter(pk=RawSQL("hits.job_id", ())).order_by().values("pk")[:1]
    try:
        seen, more = each.query.get_compiler(using=jobs.db).as_sql()
    except EmptyResultSet:
        return []
    # A thousand ids that nobody is told of take longer to send than to find.
    listed = "string_agg(job_id::text, ',')"
    if connection.vendor == "sqlite":
        listed = "group_concat(job_id)"
    found = f"SELECT job_id FROM ({texts}) AS hits WHERE ({seen}) IS NOT NULL LIMIT {most + 1}"  # noqa: S608  # our own
    told = f"COUNT(*), CASE WHEN COUNT(*) <= {most} THEN {listed} END"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {told} FROM ({found}) AS seen", [*given, *more])  # noqa: S608  # our own
        number, keys = cursor.fetchone()
    if number > most:
        return None
    return [UUID(key) for key in keys.split(",")] if keys else []
