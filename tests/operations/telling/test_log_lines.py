"""A line of the log is one line, whatever somebody sends (case H101), and says what it is about."""

from __future__ import annotations

import ast
import io
import json
import logging
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from structlog.contextvars import bound_contextvars

from jobs import ledger
from jobs.models import AuditEvent, User
from jobs.views.studio import page
from tests import ROOT
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue
from tests.support.typed_forms import text
from veo_site.telling.log_lines import LogFormatter

FORGED = "ada\n2026-11-29 12:00:00 WARNING jobs: mallory is an admin now"


def written(message: str, *arguments: object, as_json: bool = False) -> str:
    record = logging.LogRecord("jobs", logging.WARNING, "", 0, message, arguments, None)
    return LogFormatter(as_json=as_json).format(record)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What stands in the log, as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogFormatter(as_json=True))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_nobody_adds_a_line(end: str, as_json: bool) -> None:
    line = written("No such user: %s", FORGED.replace("\n", end), as_json=as_json)
    assert line.splitlines() == [line]
    assert "mallory" in line


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x00", "\x08", "\x9b2J", "\u202e"])
def test_nor_does_anything_to_the_terminal_it_is_read_in(sign: str) -> None:
    assert sign[0] not in written("No such user: %s", f"ada{sign}")


def test_words_in_any_script_stay_as_they_are_and_a_traceback_keeps_its_lines() -> None:
    assert written("נועה 田中 é 🦊").endswith(" WARNING jobs: נועה 田中 é 🦊")
    record = logging.LogRecord("jobs", logging.ERROR, "", 0, "Broken", (), None)
    record.exc_info = (ValueError, ValueError("x"), None)
    assert LogFormatter().format(record).splitlines()[-1] == "ValueError: x"
    found = json.loads(LogFormatter(as_json=True).format(record))
    assert (found["event"], found["exception"]) == ("Broken", "ValueError: x")


def test_a_line_says_when_in_utc_and_what_it_is_about() -> None:
    record = logging.LogRecord("jobs", logging.WARNING, "", 0, "Odd", (), None)
    record.created = 1795953600.25
    with bound_contextvars(request="ab12", job="9f"):
        assert LogFormatter().format(record) == (
            "2026-11-29T12:00:00.250Z WARNING jobs: Odd job=9f request=ab12"
        )
        assert json.loads(LogFormatter(as_json=True).format(record)) == {
            "timestamp": "2026-11-29T12:00:00.250Z",
            "level": "warning",
            "logger": "jobs",
            "event": "Odd",
            "request": "ab12",
            "job": "9f",
        }


@pytest.mark.parametrize("host", ["scanner.example", "x" * 5000, "10.0.0.1:99999", "a b"])
def test_whoever_calls_us_by_another_name_gets_one_short_line_and_no_traceback(
    caplog: pytest.LogCaptureFixture, host: str
) -> None:
    assert Client().get("/login/", headers={"Host": host}).status_code == 400
    (record,) = caplog.records
    line = LogFormatter().format(record)
    assert " WARNING django.security.DisallowedHost: Invalid HTTP_HOST header" in line
    assert (len(line.splitlines()), len(line) < 450) == (1, True)


def test_every_line_of_a_request_names_it_its_address_and_who_was_signed_in(
    alice: User, alice_client: Client, log: io.StringIO
) -> None:
    answer = alice_client.get("/team/", REMOTE_ADDR="203.0.113.9")
    (line,) = lines(log)
    assert line["event"] == "Not Found: /team/"
    assert line["request"] == answer.headers["X-Request-ID"]
    assert (line["person"], line["address"]) == (alice.pk, "203.0.113.9")
    Client().get("/nowhere/", REMOTE_ADDR="203.0.113.7")
    assert lines(log)[-1].get("person") is None


@pytest.mark.parametrize(("address", "kept"), [("127.0.0.1", True), ("203.0.113.9", False)])
def test_a_number_that_a_proxy_of_ours_gave_is_kept_and_nobody_elses(
    address: str, kept: bool
) -> None:
    told = {"X-Request-ID": "proxy-number-1"}
    answer = Client().get("/healthz", headers=told, REMOTE_ADDR=address)
    assert (answer.headers["X-Request-ID"] == "proxy-number-1") is kept
    odd = Client().get("/healthz", headers={"X-Request-ID": "a b\tc<d>" * 9}, REMOTE_ADDR=address)
    assert re.fullmatch("[0-9a-f]{16}", odd.headers["X-Request-ID"])


def test_who_meets_a_fault_of_ours_reads_the_number_to_tell(
    alice_client: Client, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "StudioFilters", lambda *_, **__: 1 // 0)
    alice_client.raise_request_exception = False
    answer = alice_client.get("/")
    number = answer.headers["X-Request-ID"]
    assert (answer.status_code, number in text(answer)) == (500, True)
    (line,) = lines(log)
    assert line["request"] == number
    assert "ZeroDivisionError" in line["exception"]


@pytest.mark.django_db
def test_what_needs_a_person_is_a_line_that_names_the_job(
    provider: Wire, alice: User, log: io.StringIO
) -> None:
    provider.answer(json=kie.refused(401, "You do not have access permissions"), path="generate")
    job = factories.job(alice)
    drain_queue()
    (line,) = (each for each in lines(log) if each["logger"] == "jobs.credentials.states")
    assert (line["job"], line["level"]) == (str(job.pk), "warning")
    assert line["event"].startswith(f"key {job.credential_id} is not accepted")


@pytest.mark.django_db
def test_a_change_of_credits_keys_or_roles_is_a_line_without_what_was_said(
    alice: User, admin: User, log: io.StringIO, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ledger.grant(alice, 5, reason="For the secret film", actor=admin)
    event = AuditEvent.objects.latest("pk")
    (line,) = lines(log)
    assert line["event"] == f"{event.action}: by=ada audit={event.pk} job=-"


# ── What the manual says of lines ────────────────────────────────────────────
ALARMS = re.findall(
    r"`(?:ERROR|WARNING) (jobs\.[\w.]+): ([^`]*\w[^`]*)`", (ROOT / "docs/operating.md").read_text()
)


@pytest.mark.parametrize(("module", "line"), ALARMS, ids=[line[:30] for _, line in ALARMS])
def test_a_line_that_is_worth_an_alarm_is_written_by_its_module(module: str, line: str) -> None:
    tree = ast.parse(Path(import_module(module).__file__ or "").read_text())
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    patterns = [re.escape(text).replace("%s", ".*") for text in texts if isinstance(text, str)]
    # What the manual leaves out stands for what the code fills in.
    assert any(re.fullmatch(each, line) for each in patterns if re.search(r"[a-z]{2}", each))
