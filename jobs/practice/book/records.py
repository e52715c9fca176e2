"""A task as a record of plain values, and back again once everything in it is what it should be.

A record comes from a disk: what it says is believed only as far as its types go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from jobs.practice.book.accounts import Account
from jobs.practice.book.tasks import Reason, Task, TaskState
from jobs.practice.faults.tags import Tags
from jobs.practice.film import FilmSpec
from jobs.practice.kinds import TaskKind

Kinds = Mapping[Any, Any]
NUMBER = int | float
MOST = 10**11
"""No time and no price is larger; infinity, and what is not a number at all, are not below it."""
PLAIN: Kinds = {
    **dict.fromkeys(("id", "caption", "ratio", "resolution", "callback_url", "file"), str),
    **dict.fromkeys(("questions", "answers_with_link", "callbacks", "callbacks_taken"), int),
    **dict.fromkeys(("queue_seconds", "seconds", "created"), NUMBER),
    "ended": NUMBER | None,
    "params": dict,
    "images": list,
}
FILM: Kinds = {
    **dict.fromkeys(("caption", "label", "like", "opening"), str),
    **dict.fromkeys(("width", "height", "seconds", "fps"), int),
    "keeps": bool,
}
REASON: Kinds = {"code": int, "message": str, "flag": int}
UNREADABLE = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a record raises, whatever is wrong with it."""


def record_of(task: Task) -> dict[str, Any]:
    """Everything of a task that JSON can hold and ``task_of`` needs."""
    record = {name: getattr(task, name) for name in PLAIN}
    return record | {
        "params": dict(task.params),
        "images": list(task.images),
        "kind": str(task.kind),
        "provider": task.provider,
        "account": task.account.name,
        "source": task.source.file if task.source else None,
        "tags": dict(task.tags.values),
        "film": asdict(task.film),
        "price": str(task.price),
        "charged": str(task.charged),
        "result": task.result,
        "reason": asdict(task.reason) if task.reason else None,
    }


def checked(record: Any, kinds: Kinds = PLAIN) -> dict[Any, Any]:
    """The named values of a record, if each is of its type; else one of ``UNREADABLE``."""
    for name, kind in kinds.items():
        value = record[name]
        if not isinstance(value, kind):
            raise TypeError(f"{name} is {value!r:.80}")
        if isinstance(value, NUMBER):
            _bounded(value)
    return {name: record[name] for name in kinds}


def task_of(
    record: Mapping[str, Any],
    account: Callable[[str, str], Account | None],
    found: Mapping[str, Task],
) -> Task:
    """The task of a record; one of ``UNREADABLE`` where it is none, or belongs to nobody.

    ``account`` finds one by provider and name, ``found`` has what it may have been made from.
    """
    owner = account(record["provider"], record["account"])
    if owner is None:
        raise ValueError(f"no account {record['account']}")
    if not all(isinstance(each, str) for each in record["images"]):
        raise TypeError("an image is no address")
    reason = record["reason"]
    task = Task(
        **checked(record),
        kind=TaskKind(record["kind"]),
        provider=record["provider"],
        account=owner,
        source=None if record["source"] is None else found[record["source"]],
        tags=Tags(checked(record["tags"], dict.fromkeys({**record["tags"]}, str))),
        film=_film(record["film"]),
        price=_price(record["price"]),
        charged=_price(record["charged"]),
        result=None if record["result"] is None else TaskState(record["result"]),
        reason=None if reason is None else Reason(**checked(reason, REASON)),
    )
    # Both need what only some kinds have: a prompt, or a video that the task enlarges.
    _ = task.prompt, task.fingerprint
    return task


def _bounded(number: float | Decimal) -> None:
    if not -MOST <= number <= MOST:
        raise ValueError(f"{number} is too much")


def _price(text: str) -> Decimal:
    price = Decimal(text)
    _bounded(price)
    return price


def _film(record: Mapping[str, Any]) -> FilmSpec:
    before = record["before"]
    return FilmSpec(**checked(record, FILM), before=None if before is None else _film(before))
