"""The last resort for a paid id: a synced file, when the database cannot take it.

Between a provider's acceptance and our commit lies the only moment in which a paid job could be
forgotten. If the commit fails then, the id is written here, and this machine's follower replays it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseProblem

from jobs.machine import disk

logger = logging.getLogger(__name__)


def write(job_id: str, external_id: str, credits: str | None) -> None:
    """Keep the id of an accepted job on disk, synced; as a last line, in the log."""
    record = json.dumps({"job_id": job_id, "external_id": external_id, "credits": credits})
    try:
        folder = Path(settings.SPOOL_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{job_id}.tmp"
        with temporary.open("w") as file:
            file.write(record)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(folder / f"{job_id}.json")
        disk.sync(folder)
    except OSError:
        logger.critical("cannot store an accepted job anywhere: %s", record, exc_info=True)


def replay(accept: Callable[[str, str, str | None], bool]) -> int:
    """Hand each kept record (job id, external id, credits) to `accept`; forget those it took.

    Returns how many were taken.
    """
    folder = Path(settings.SPOOL_DIR)
    if not folder.is_dir():
        return 0
    taken = 0
    for path in sorted(folder.glob("*.json")):
        try:
            record = json.loads(path.read_text())
            done = accept(record["job_id"], record["external_id"], record["credits"])
        except DatabaseProblem:
            raise
        except Exception:
            done = False
            logger.exception("cannot read %s", path)
        if done:
            path.unlink()
            taken += 1
        else:
            # Kept for a person to look at; the records after it must not wait for that.
            path.rename(path.with_suffix(".bad"))
            logger.critical("the accepted job in %s fits no job of ours", path.with_suffix(".bad"))
    return taken
