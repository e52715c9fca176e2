"""Triggers that note on each job whether a file of it was made, and none is kept any more.

Files come to their end in many ways; a list of the videos that lack one is asked for with every
page. So the database itself keeps `Job.is_unkept` in step, whichever way a file's row is written.
Whoever writes one has locked its job before, as `archive.announcing` says.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

EVENTS = {"INSERT": "new", "UPDATE OF state": "new", "DELETE": "old"}
UPDATE = """
    UPDATE jobs_job SET is_unkept = NOT is_unkept
    WHERE id = {row}.job_id AND is_unkept <> (
      EXISTS (
        SELECT 1 FROM jobs_rendition
        WHERE job_id = {row}.job_id AND state IN ('expired', 'rejected')
      ) AND NOT EXISTS (
        SELECT 1 FROM jobs_rendition
        WHERE job_id = {row}.job_id AND state IN ('waiting', 'fetching', 'stored')
      )
    );
"""


def build(connection: BaseDatabaseWrapper) -> None:
    """Have the database keep it."""
    with connection.cursor() as cursor:
        for number, (event, row) in enumerate(EVENTS.items()):
            update = UPDATE.format(row=row)
            action = f"BEGIN {update} END"
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE FUNCTION jobs_note_unkept_{number}() RETURNS trigger AS $$ "
                    f"BEGIN {update} RETURN NULL; END $$ LANGUAGE plpgsql"
                )
                action = f"EXECUTE FUNCTION jobs_note_unkept_{number}()"
            cursor.execute(
                f"CREATE TRIGGER jobs_rendition_unkept_{number} AFTER {event} ON jobs_rendition "
                f"FOR EACH ROW {action}"
            )


def drop(connection: BaseDatabaseWrapper) -> None:
    """Undo `build`."""
    with connection.cursor() as cursor:
        for number in range(len(EVENTS)):
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION jobs_note_unkept_{number} CASCADE")
            else:
                cursor.execute(f"DROP TRIGGER jobs_rendition_unkept_{number}")
