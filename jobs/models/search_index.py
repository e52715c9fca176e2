"""The indexes by which words are found within texts, in each database by its own means.

The words of jobs stand in a table apart, which triggers keep in step whichever way a row is
written: a job changes often and its words hardly ever, so its many moves renew no index of words.
SQLite finds them by FTS5's trigrams, PostgreSQL by those of pg_trgm. Words that are shorter than
three letters, as most are in Chinese, are found by what trigrams begin with, and by pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import (
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    connections,
    transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs import letters

HITS_MAX = 1000
"""Of words that more jobs have, none are named: they are soon met among the newest."""
TRIGRAM = 3
LISTED = {"sqlite": "group_concat(key)", "postgresql": "string_agg(key::text, ',')"}
LAST = chr(0x10FFFF)
"""Comes after all that any text goes on with."""

SQLITE = (
    """
    CREATE TABLE jobs_jobtext (
      id integer PRIMARY KEY, job_id char(32) NOT NULL UNIQUE, text text NOT NULL
    )
    """,
    """
    CREATE VIRTUAL TABLE jobs_jobtext_words USING fts5 (
      text, content='jobs_jobtext', content_rowid='id', tokenize='trigram case_sensitive 1'
    )
    """,
    "CREATE VIRTUAL TABLE jobs_jobtext_starts USING fts5vocab(jobs_jobtext_words, 'instance')",
    """
    CREATE TRIGGER jobs_jobtext_added AFTER INSERT ON jobs_jobtext BEGIN
      INSERT INTO jobs_jobtext_words (rowid, text) VALUES (new.id, new.text);
    END
    """,
    """
    CREATE TRIGGER jobs_jobtext_removed AFTER DELETE ON jobs_jobtext BEGIN
      INSERT INTO jobs_jobtext_words (jobs_jobtext_words, rowid, text)
      VALUES ('delete', old.id, old.text);
    END
    """,
    # Two lines after each text: its last letters begin a trigram as well.
    """
    CREATE TRIGGER jobs_job_text_added AFTER INSERT ON jobs_job BEGIN
      INSERT INTO jobs_jobtext (job_id, text)
      VALUES (new.id, new.searchable || char(10) || char(10));
    END
    """,
    """
    CREATE TRIGGER jobs_job_text_changed AFTER UPDATE OF searchable ON jobs_job
    WHEN new.searchable IS NOT old.searchable BEGIN
      DELETE FROM jobs_jobtext WHERE job_id = old.id;
      INSERT INTO jobs_jobtext (job_id, text)
      VALUES (new.id, new.searchable || char(10) || char(10));
    END
    """,
    """
    CREATE TRIGGER jobs_job_text_removed AFTER DELETE ON jobs_job BEGIN
      DELETE FROM jobs_jobtext WHERE job_id = old.id;
    END
    """,
    """
    INSERT INTO jobs_jobtext (job_id, text)
    SELECT id, searchable || char(10) || char(10) FROM jobs_job
    """,
)
POSTGRESQL = (
    # In one pass: asking for the n-th letter of a text counts from its beginning.
    """
    CREATE FUNCTION jobs_pairs(of text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
      SELECT coalesce(array_agg(DISTINCT start), '{}')
      FROM (
        SELECT each, each || lead(each, 1, '') OVER (ORDER BY place) AS pair
        FROM unnest(string_to_array(of, NULL)) WITH ORDINALITY AS letters (each, place)
      ) AS found, LATERAL (VALUES (each), (pair)) AS starts (start)
      WHERE start !~ '\\s'
    $$
    """,
    """
    CREATE TABLE jobs_jobtext (job_id uuid PRIMARY KEY, text text COLLATE "C" NOT NULL)
    """,
    """
    CREATE FUNCTION jobs_keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE jobs_jobtext;
      ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM jobs_jobtext WHERE job_id = OLD.id;
      ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO jobs_jobtext (job_id, text) VALUES (NEW.id, NEW.searchable);
      ELSE
        UPDATE jobs_jobtext SET text = NEW.searchable
        WHERE job_id = NEW.id AND text <> NEW.searchable;
      END IF;
      RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER jobs_job_text AFTER INSERT OR DELETE OR UPDATE OF searchable ON jobs_job
    FOR EACH ROW EXECUTE FUNCTION jobs_keep_text()
    """,
    """
    CREATE TRIGGER jobs_job_text_emptied AFTER TRUNCATE ON jobs_job
    FOR EACH STATEMENT EXECUTE FUNCTION jobs_keep_text()
    """,
    "INSERT INTO jobs_jobtext (job_id, text) SELECT id, searchable FROM jobs_job",
    "CREATE INDEX jobs_jobtext_pairs ON jobs_jobtext USING gin (jobs_pairs(text))",
)
TRIGRAMS = (
    "CREATE INDEX jobs_jobtext_words ON jobs_jobtext USING gin (text gin_trgm_ops)",
    "CREATE INDEX jobs_auditevent_words ON jobs_auditevent USING gin (searchable gin_trgm_ops)",
)


def build(connection: BaseDatabaseWrapper) -> None:
    """Build them: they speed searches up, and change no answer."""
    statements: Sequence[str] = SQLITE
    if connection.vendor == "postgresql":
        statements = POSTGRESQL + (TRIGRAMS if _has_trigrams(connection) else ())
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def ask_for_pairs_by_index(connection: BaseDatabaseWrapper) -> None:
    """Let PostgreSQL find a letter or two by their index, however many texts have them.

    It would sooner make the pairs of one text after another, which it takes for cheap.
    A second process to read the index with takes longer to begin than the reading.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER FUNCTION jobs_pairs(text) COST 10000 PARALLEL RESTRICTED")


def drop(connection: BaseDatabaseWrapper) -> None:
    """Undo `build`."""
    if connection.vendor == "postgresql":
        statements = [
            "DROP FUNCTION jobs_keep_text CASCADE",
            "DROP TABLE jobs_jobtext",
            "DROP FUNCTION jobs_pairs",
            "DROP INDEX IF EXISTS jobs_auditevent_words",
        ]
    else:
        triggers = [
            f"DROP TRIGGER jobs_job_text_{name}" for name in ("added", "changed", "removed")
        ]
        statements = triggers + [
            f"DROP TABLE jobs_jobtext{name}" for name in ("_starts", "_words", "")
        ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _has_trigrams(connection: BaseDatabaseWrapper) -> bool:
    try:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            # Trusted, so that whoever may create tables in a database of their own may do this.
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except (ProgrammingError, NotSupportedError, OperationalError):
        return False
    return True


def jobs_with(words: Sequence[str], using: str) -> list[UUID] | None:
    """The jobs whose text has all of these words, or None for more of them than HITS_MAX.

    Words as `letters.words_of` makes them.
    """
    connection = connections[using]
    for question, params in questions(connection, words):
        hits = named(connection, question, params, HITS_MAX)
        # Only now are texts read: of what very many have they need not be.
        if hits is not None:
            texts = _texts(connection, hits)
            found = (key for key, text in texts if letters.has_words(text, words))
            return [key if isinstance(key, UUID) else UUID(key) for key in found]
    return None


def named(
    connection: BaseDatabaseWrapper, question: str, params: Sequence[Any], most: int
) -> list[str] | None:
    """The keys that a question gives, or None for more of them than `most`.

    A thousand keys that nobody is told of take longer to send than to find.
    """
    listed = LISTED[connection.vendor]
    told = f"SELECT COUNT(*), CASE WHEN COUNT(*) <= {most} THEN {listed} END FROM found"  # noqa: S608  # our own
    with connection.cursor() as cursor:
        cursor.execute(f"WITH found (key) AS ({question} LIMIT {most + 1}) {told}", params)
        number, keys = cursor.fetchone()
    if number > most:
        return None
    return keys.split(",") if keys else []


def questions(
    connection: BaseDatabaseWrapper, words: Sequence[str]
) -> Iterator[tuple[str, list[Any]]]:
    """Each gives the keys of all texts with these words and perhaps of more: those with the long
    ones, or with one of the short ones. The first of some is soon answered.
    """
    long = [word for word in words if len(word) >= TRIGRAM]
    short = [word for word in words if len(word) < TRIGRAM]
    if connection.vendor == "postgresql":
        select = "SELECT job_id FROM jobs_jobtext WHERE"
        if long:
            patterns = [f"%{connection.ops.prep_for_like_query(word)}%" for word in long]
            yield f"{select} {' AND '.join(['text LIKE %s'] * len(long))}", patterns
        for word in short:
            yield f"{select} jobs_pairs(text) @> ARRAY[%s]", [word]
        return
    if long:
        quoted = [f'"{word.replace(chr(34), chr(34) * 2)}"' for word in long]
        hits = "SELECT rowid AS hit FROM jobs_jobtext_words WHERE jobs_jobtext_words MATCH %s"
        yield hits, [" ".join(quoted)]
    for word in short:
        starts = "SELECT DISTINCT doc AS hit FROM jobs_jobtext_starts"
        yield f"{starts} WHERE term >= %s AND term < %s", [word, word + LAST]


def _texts(connection: BaseDatabaseWrapper, keys: list[str]) -> list[tuple[Any, str]]:
    """Each of these texts, with its job."""
    if not keys:
        return []
    among, given = "id IN (SELECT value FROM json_each(%s))", f"[{','.join(keys)}]"
    if connection.vendor == "postgresql":
        among, given = "job_id = ANY(%s::uuid[])", f"{{{','.join(keys)}}}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT job_id, text FROM jobs_jobtext WHERE {among}", [given])  # noqa: S608
        return list(cursor.fetchall())
