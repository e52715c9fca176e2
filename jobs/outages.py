"""Says once that something is away, and once that it is back, however often that is noticed."""

from __future__ import annotations

import logging
import threading
import time


class Outage:
    """Of one thing that this process can do without for a while; for all of its threads."""

    def __init__(
        self,
        logger: logging.Logger,
        gone: str,
        back: str,
        *,
        level: int = logging.WARNING,
        pause: float = 0,
    ) -> None:
        self._logger, self._gone, self._back = logger, gone, back
        self._level, self._pause = level, pause
        self._lock = threading.Lock()
        self._is_on = False
        self._again_at = 0.0

    @property
    def holds_off(self) -> bool:
        """It was away a moment ago, so nobody need try, and wait, once more."""
        return self._is_on and time.monotonic() < self._again_at

    def noticed(self, *facts: object) -> None:
        """It is away; `facts` are for the line that says so, if this is the first time."""
        with self._lock:
            was_on, self._is_on = self._is_on, True
            self._again_at = time.monotonic() + self._pause
        if not was_on:
            self._logger.log(self._level, self._gone, *facts)

    def over(self) -> None:
        """It is there."""
        if not self._is_on:
            return
        with self._lock:
            was_on, self._is_on = self._is_on, False
        if was_on:
            self._logger.warning(self._back)


def described(error: BaseException) -> str:
    """An error on one line, for the line that says that something is away."""
    return f"{type(error).__name__}: {error}".rstrip(": ").splitlines()[0]
