"""How a line of the log looks: for whoever reads it, or as JSON for what collects logs.

Modules write to the loggers of Python's own library. What a line is about (request, person,
address, job) is bound where it is known, with `structlog.contextvars`, and stands in every line
that is written meanwhile, also in those of libraries.
"""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog

from veo_site.telling.masking import mask

# What ends a line, steers a terminal, or turns the letters around.
NOT_OF_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

MESSAGE_MAX = 300
"""Characters that a client gets into one line of ours."""

Line = MutableMapping[str, Any]


class LogFormatter(structlog.stdlib.ProcessorFormatter):
    """Writes a record as one line, a traceback below it or in it, and masks the finished text."""

    def __init__(self, *, as_json: bool = False) -> None:
        super().__init__(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.format_exc_info,
            ],
            processors=[
                _add_time,
                self.remove_processors_meta,
                _escape,
                structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else _as_text,
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class OneLine(logging.Filter):
    """Makes one line of what a client made up: it is no error of ours, with a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        message = record.getMessage()
        short = f"{message[:MESSAGE_MAX]}…" if len(message) > MESSAGE_MAX else message
        record.msg, record.args = short, ()
        return True


def _add_time(_logger: Any, _method: str, line: Line) -> Line:
    """When it was written, not when it is formatted; in UTC, and saying so."""
    written = datetime.fromtimestamp(line["_record"].created, UTC)
    line["timestamp"] = written.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return line


def _escape(_logger: Any, _method: str, line: Line) -> Line:
    """Let nobody begin a line of their own, by what they are called or ask for."""
    line["event"] = NOT_OF_A_LINE.sub(_escaped, line["event"])
    return line


def _as_text(_logger: Any, _method: str, line: Line) -> str:
    time, level, logger, said = map(line.pop, ("timestamp", "level", "logger", "event"))
    traceback = line.pop("exception", "")
    about = "".join(f" {name}={line[name]}" for name in sorted(line))
    return f"{time} {level.upper()} {logger}: {said}{about}" + (traceback and f"\n{traceback}")


def _escaped(sign: re.Match[str]) -> str:
    return sign[0].encode("unicode_escape").decode()
