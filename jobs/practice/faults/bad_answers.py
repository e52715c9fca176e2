"""Bad answers to an accepted submission (the stage AFTER of the table of faults)."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from jobs.practice.faults.table import FaultStage
from jobs.practice.faults.tags import Tags
from jobs.practice.http.messages import Reply, as_html, as_json

Shape = Callable[[Any], dict[str, Any]]
HUGE_BYTES = 5_000_000
NESTING = 10_000
BOMB_BLOCK, BOMB_BLOCKS = 10_000_000, 100
BAD_IDS: dict[str, Any] = {"null": None, "zero": 0, "list": ["a"], "long": "x" * 10_000}


@dataclass(frozen=True)
class Accepted:
    """An accepted submission; ``shape(id)`` is the provider's proper payload for an id."""

    tags: Tags
    task_id: str
    shape: Shape

    @property
    def proper(self) -> Reply:
        """The answer as it should be."""
        return as_json(self.shape(self.task_id))

    def answer(self) -> Reply:
        """The answer as the tags ask for it."""
        fault = self.tags.first(FaultStage.AFTER)
        return self.proper if fault is None else MANGLERS[fault](self)


def _manner(name: str) -> "Mangler":
    return lambda case: replace(case.proper, manner=name)


def _status(case: Accepted) -> Reply:
    code = int(case.tags.number("accept-then-500", 500))
    problem = {"code": code, "msg": "Server Error", "error": {"message": "Server Error"}}
    return as_json(problem, code)


def _html(_case: Accepted) -> Reply:
    return as_html("<html><h1>502 Bad Gateway</h1></html>", 502)


def _slow(case: Accepted) -> Reply:
    return replace(case.proper, manner="trickle", pace=case.tags.number("slow-answer", 1.0))


def _truncated(case: Accepted) -> Reply:
    body = case.proper.body
    return replace(case.proper, body=body[: len(body) // 2])


def _huge(case: Accepted) -> Reply:
    return as_json({"padding": "x" * HUGE_BYTES, **case.shape(case.task_id)})


def _deep(case: Accepted) -> Reply:
    return _with_member(case, b'"deep":' + b"[" * NESTING + b"]" * NESTING)


def _odd(case: Accepted) -> Reply:
    kind = case.tags.text("odd-json", "nan")
    if kind == "bom":
        return replace(case.proper, body=b"\xef\xbb\xbf" + case.proper.body)
    return _with_member(case, b'"note":"\xe9\xe8"' if kind == "latin1" else b'"note":NaN')


def _with_member(case: Accepted, member: bytes) -> Reply:
    return replace(case.proper, body=b"{" + member + b"," + case.proper.body[1:])


def _bomb(case: Accepted) -> Reply:
    # A gzip stream may consist of members one after the other: one is packed and repeated.
    body = gzip.compress(b" " * BOMB_BLOCK) * BOMB_BLOCKS
    headers = {**case.proper.headers, "Content-Encoding": "gzip"}
    return replace(case.proper, body=body, headers=headers)


def _no_id(case: Accepted) -> Reply:
    payload = case.shape(None)
    payload.pop("task_id", None)
    if "data" in payload:
        payload["data"] = {}
    return as_json(payload)


def _bad_id(case: Accepted) -> Reply:
    kind = case.tags.text("bad-task-id", "../x")
    return as_json(case.shape(BAD_IDS.get(kind, kind)))


Mangler = Callable[[Accepted], Reply]
MANGLERS: dict[str, Mangler] = {
    "accept-then-drop": _manner("reset"),
    "accept-then-eof": _manner("eof"),
    "accept-then-500": _status,
    "accept-then-502-html": _html,
    "accept-hang": _manner("hang"),
    "slow-answer": _slow,
    "truncated": _truncated,
    "cut-body": _manner("cut"),
    "huge": _huge,
    "deep-nesting": _deep,
    "odd-json": _odd,
    "gzip-bomb": _bomb,
    "no-task-id": _no_id,
    "bad-task-id": _bad_id,
}


def answer_dropped(fault: str, tags: Tags, location: str) -> Reply:
    """The answer to a submission that makes nothing (the stage BEFORE)."""
    if fault == "redirect":
        status = int(tags.number("redirect", 307))
        return Reply(status, b"", {"Location": location})
    return Reply(manner="reset" if fault == "drop-before" else "eof")
