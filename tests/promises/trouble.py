"""Accidents of a process, at any statement that would change something in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum, auto
from pathlib import Path
from typing import Any, NoReturn

from django.db import OperationalError, connection
from django.test import override_settings


class Killed(BaseException):
    """The process is gone at this moment: none of its handlers may do anything more."""


class TimeUp(SystemExit):
    """The queue's time limit struck."""


class DatabaseGone(OperationalError):
    """The connection broke."""


class Accident(Enum):
    """How a process fails."""

    KILLED = auto()
    """SIGKILL, or no power: it does nothing more, and nothing that is open is committed."""
    TIME_UP = auto()
    """The queue's time limit: a SystemExit, whose handlers still run."""
    DATABASE_GONE = auto()
    """One statement cannot be executed."""


class Trouble:
    """Watches every statement, and lets the accident happen at the one it was set for."""

    def __init__(self) -> None:
        self._accident: Accident | None = None
        self._left = 0
        self._aftermath = ExitStack()

    @contextmanager
    def watching(self) -> Iterator[None]:
        with connection.execute_wrapper(self._before):
            yield

    @contextmanager
    def ahead(self, accident: Accident | None = None, after: int = 0) -> Iterator[None]:
        """A process that meets with the accident after so many changing statements, if it does."""
        self._accident, self._left = accident, after
        pending = len(connection.run_on_commit)
        with self._aftermath:
            try:
                yield
            except Killed:
                # What it meant to do after its commit is not done.
                del connection.run_on_commit[pending:]
            except (TimeUp, DatabaseGone):
                pass
            finally:
                if accident:
                    # No statement failed in earnest, so the example's own transaction is sound.
                    connection.needs_rollback = False
                self._accident = None

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """What is done in here is done by another process."""
        before, self._accident = self._accident, None
        try:
            yield
        finally:
            self._accident = before

    def kill(self) -> NoReturn:
        """End the process here. Our handlers do run, so what they write must get nowhere."""
        self._accident, self._left = Accident.KILLED, 0
        self._aftermath.enter_context(override_settings(SPOOL_DIR=Path("/dev/null/spool")))
        raise Killed

    def _before(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if self._accident is not None and sql.startswith(("INSERT", "UPDATE", "DELETE")):
            self._left -= 1
            if self._left < 0:
                self._strike()
        return execute(sql, params, many, context)

    def _strike(self) -> NoReturn:
        accident = self._accident
        if accident is Accident.KILLED:
            self.kill()
        self._accident = None
        raise TimeUp if accident is Accident.TIME_UP else DatabaseGone
