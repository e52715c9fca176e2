"""Lets a line that comes again and again into the log once a minute."""

import logging
import time

from jobs.machine.outages import described

SECONDS = 60
KNOWN_MAX = 200
"""Different lines; above that all are forgotten, so that none is kept for ever."""


class OnceAMinute(logging.Filter):
    """Of lines that say the same the first in each minute, with the error and no traceback.

    Of a library, whose inside tells nobody anything, and whose processes come and go.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[int, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1]:
            record.msg, record.args = "%s: %s", (record.getMessage(), described(record.exc_info[1]))
            record.exc_info = record.exc_text = None
        line, now = (record.levelno, record.getMessage()), time.monotonic()
        if now < self._said.get(line, -SECONDS) + SECONDS:
            return False
        if len(self._said) >= KNOWN_MAX:
            self._said.clear()
        self._said[line] = now
        return True
