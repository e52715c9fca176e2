"""A line of the log is one line, whatever somebody sends (case H101)."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from veo_site.masking import MaskingFormatter

FORGED = "ada\n2026-11-29 12:00:00 WARNING jobs: mallory is an admin now"


def written(message: str, *arguments: object, error: BaseException | None = None) -> str:
    info = (type(error), error, None) if error else None
    record = logging.LogRecord("jobs", logging.WARNING, "", 0, message, arguments, info)
    return MaskingFormatter("{levelname} {name}: {message}", style="{").format(record)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_nobody_adds_a_line(end: str) -> None:
    line = written("No such user: %s", FORGED.replace("\n", end))
    assert line.splitlines() == [line]
    assert "mallory" in line


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x00", "\x08", "\x9b2J", "\u202e"])
def test_nor_does_anything_to_the_terminal_it_is_read_in(sign: str) -> None:
    assert sign[0] not in written("No such user: %s", f"ada{sign}")


def test_words_in_any_script_stay_as_they_are_and_a_traceback_keeps_its_lines() -> None:
    assert written("נועה 田中 é 🦊") == "WARNING jobs: נועה 田中 é 🦊"
    assert written("Broken", error=ValueError("x")).splitlines()[-1] == "ValueError: x"


@pytest.mark.parametrize("host", ["scanner.example", "x" * 5000, "10.0.0.1:99999", "a b"])
def test_whoever_calls_us_by_another_name_gets_one_short_line_and_no_traceback(
    caplog: pytest.LogCaptureFixture, host: str
) -> None:
    assert Client().get("/login/", headers={"Host": host}).status_code == 400
    (record,) = caplog.records
    line = MaskingFormatter("{levelname} {name}: {message}", style="{").format(record)
    assert line.startswith("WARNING django.security.DisallowedHost: Invalid HTTP_HOST header")
    assert (len(line.splitlines()), len(line) < 400) == (1, True)
