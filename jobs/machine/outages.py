"""Says once that something is away, and once that it is back, however often that is noticed."""

from __future__ import annotations

import logging
import math
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
        lasts: float = math.inf,
    ) -> None:
        """`pause`: seconds in which nobody need try again. `lasts`: seconds without any notice of
        it after which the next one is of another outage; for what nobody sees the end of."""
        self._logger, self._gone, self._back = logger, gone, back
        self._level, self._pause, self._lasts = level, pause, lasts
        self._lock = threading.Lock()
        self._is_on = False
        self._noticed_at = 0.0

    @property
    def holds_off(self) -> bool:
        """It was away a moment ago, so nobody need try, and wait, once more."""
        return self._is_on and time.monotonic() < self._noticed_at + self._pause

    @property
    def is_on(self) -> bool:
        """It was away when this process last had to do with it."""
        return self._is_on

    def noticed(self, *facts: object) -> None:
        """It is away; `facts` are for the line that says so, if this is the first time."""
        now = time.monotonic()
        with self._lock:
            is_news = not self._is_on or now > self._noticed_at + self._lasts
            self._is_on, self._noticed_at = True, now
        if is_news:
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
