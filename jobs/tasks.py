"""What the workers run: load by id, call a verb.

Arguments are ids only, since queue rows are readable by whoever reads the database.
"""

from __future__ import annotations

from uuid import UUID

from jobs import archive, lifecycle


def start(job_id: str) -> None:
    lifecycle.start(UUID(job_id))


def store(rendition_id: str) -> None:
    archive.store(UUID(rendition_id))
