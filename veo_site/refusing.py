"""Ends a process that cannot begin, with one line that says why, written as the log is."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, TextIO

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import OutputWrapper

from veo_site.configuration.environment import env
from veo_site.telling.log_lines import LogFormatter

LOGGER = "dailies"


def refuse(reason: object) -> NoReturn:
    """End with code 1."""
    sys.exit(line(str(reason)))


def line(text: str) -> str:
    """What is said at a start: bare for whoever typed a command, or as what collects logs reads."""
    if not is_json():
        return text
    record = logging.LogRecord(LOGGER, logging.CRITICAL, "", 0, "%s", (text,), None)
    return LogFormatter(as_json=True).format(record)


def is_json() -> bool:
    """By the environment: it is asked before there are settings, and because there are none."""
    return env.text("LOG_FORMAT") == "json"


@contextmanager
def settings_said() -> Iterator[None]:
    """Refuse for a setting that cannot be, found while they are read here."""
    try:
        yield
    except ImproperlyConfigured as error:
        refuse(error)


class Lines(OutputWrapper):
    """The standard error of a command, each text that is written to it a line of the log."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)

    def write(  # type: ignore[override]  # as Django's own has it
        self, msg: str = "", style_func: object = None, ending: str | None = None
    ) -> None:
        for text in msg.splitlines():
            super().write(line(text), ending="\n")
