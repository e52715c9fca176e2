"""What the workers run: load by id, call a verb.

Arguments are ids only, since queue rows are readable by whoever reads the database.
"""

from __future__ import annotations

from uuid import UUID

from jobs import archive, lifecycle, queue

# A cluster that is told to stop still runs what it has dequeued, far more than it can finish. Its
# workers leave that alone: the rows stay due, and the follower wakes the next workers for them.


def start(job_id: str) -> None:
    if not queue.is_stopping():
        lifecycle.start(UUID(job_id))


def store(rendition_id: str) -> None:
    if not queue.is_stopping():
        archive.store(UUID(rendition_id))
