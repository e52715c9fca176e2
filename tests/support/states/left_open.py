"""Finds tests that left the database open: whoever wants it for himself is refused ever after.

That lasts until garbage is looked for, which is seldom here, and so would hit any test by chance.
A connection outlives its thread, as Django has it refer to itself; a file of SQLite is open for as
long as a cursor is kept of it, as by an error of which the traceback refers to itself.
"""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs import database

_made: WeakKeyDictionary[BaseDatabaseWrapper, tuple[Thread, str]] = WeakKeyDictionary()


def note(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Django's signal of a connection that was just made."""
    if current_thread() is not main_thread():
        _made[connection] = current_thread(), _test()


def by() -> list[str]:
    """The tests that left it open, which it is no longer."""
    threads = [(each, *_made[each]) for each in list(_made) if each.connection is not None]
    ended = [(each, test) for each, thread, test in threads if not thread.is_alive()]
    for each, _ in ended:
        each.inc_thread_sharing()
        each.close()
    left = [test for _, test in ended]
    # Where threads are still at work it is open, and may be.
    if len(ended) == len(threads) and _is_held():
        left.append(_test())
    return left


def _is_held() -> bool:
    """Something has the file open besides our connection."""
    path = database.file()
    if path is None or _times_open(path) <= (connection.connection is not None):
        return False
    # While we hold a lock SQLite puts off closing what others have closed.
    connection.close()
    if not _times_open(path):
        return False
    gc.collect()
    return True


def _times_open(path: Path) -> int:
    ours = path.stat()
    number = 0
    for name in os.listdir("/dev/fd"):  # noqa: PTH208  # in a third of the time
        with suppress(OSError):  # the listing itself is open while it is made
            number += os.path.samestat(os.fstat(int(name)), ours)
    return number


def _test() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
