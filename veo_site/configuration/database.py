"""How the database is opened: a file of ours by SQLite, or a PostgreSQL somewhere."""

from __future__ import annotations

from typing import Any

from veo_site.configuration import surroundings

PREPARED: dict[str, Any] = {"server_side_binding": True, "prepare_threshold": 3}
"""To plan a page's questions is more work for PostgreSQL than to answer them: each connection keeps
the plans of what it asked before."""


def is_file(database: dict[str, Any]) -> bool:
    return bool(database["ENGINE"].endswith("sqlite3"))


def opened(database: dict[str, Any]) -> dict[str, Any]:
    """What DATABASE_URL names, with all that Dailies wants of it."""
    options = _of_file() if is_file(database) else _of_server(database.get("OPTIONS", {}))
    more = {"CONN_MAX_AGE": None, "OPTIONS": options}
    if is_file(database):
        # Only `prepare` makes the file: an empty one in the place of ours would pass for a new one.
        return {**database, **more, "NAME": surroundings.existing_file(database["NAME"])}
    # Django's own, which asks less often whether the server is still there.
    return {**database, **more, "ENGINE": "veo_site.postgresql", "CONN_HEALTH_CHECKS": True}


def _of_file() -> dict[str, Any]:
    return {
        # IMMEDIATE takes the write lock at BEGIN, so a writer waits instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            # FULL: with NORMAL, power loss can undo a commit after a paid request was sent on it.
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            # So that REPLACE fires the triggers that keep entries immutable.
            "PRAGMA recursive_triggers=ON;"
            "PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;"
        ),
    }


def _of_server(given: dict[str, Any]) -> dict[str, Any]:
    # Of a machine that is off, or behind a broken line, nothing is heard: without these each page
    # would wait for it for minutes, and one that had asked it already for a quarter of an hour.
    return {
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        **given,
    }
