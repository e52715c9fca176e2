"""An account at kie.ai, in memory: what it was asked, what it made of that, and what that cost.

It is the truth that the product's books are compared with, so it shares no code with the product.
The shapes are those of docs/contracts.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NoReturn
from uuid import UUID

import pytest

from tests.support.servers.messages import Seen, dump, head

OMNI = "gemini-omni-video"
"""A model of the unified API, which the account answers in its own words."""
CHANGE = "video_list"
"""What the input of an order that changes a film has besides; it has a price of its own."""
UPLOAD = "file-stream-upload"
PRICES = {
    "veo3_lite": 30,
    "veo3_fast": 60,
    OMNI: 105,
    CHANGE: 168,
    "lite": 30,
    "fast": 60,
    "1080p": 5,
    "4k": 120,
}
"""The price list that the product was given (docs/contracts.md, kie 7, market 4)."""
ORDERING = {"generate": "generate", "extend": "extend", "createTask": "generate"}
"""The kind of work that each address orders."""
SIZES = ("1080p", "4k")
STRANGERS = "somebody-elses-work"


class Fate(Enum):
    """What becomes of one request."""

    GOOD = auto()
    LOST_REPLY = auto()
    """It is done, and the connection ends without a word (or, below, with a wrong one)."""
    RESET = auto()
    SLOW_REPLY = auto()
    SERVER_ERROR = auto()
    HTML = auto()
    CUT_SHORT = auto()
    EMPTY = auto()
    """200 with nothing in it: no id for an order, no record for a question."""
    KILLED_AFTER = auto()
    """It is done, and our process is killed before it reads the answer."""
    LOST_REQUEST = auto()
    """It is not done, and nobody can know that."""
    KILLED_BEFORE = auto()
    UNREACHABLE = auto()
    """No connection: from here on it is certain that nothing was done."""
    INSUFFICIENT = auto()
    INVALID = auto()
    TOO_MANY = auto()
    MAINTENANCE = auto()
    BAD_KEY = auto()


REFUSALS: Mapping[Fate, tuple[int, str]] = {
    Fate.INSUFFICIENT: (402, "The current credits are insufficient. Please top up."),
    Fate.INVALID: (422, "Invalid model."),
    Fate.TOO_MANY: (429, "Too many requests."),
    Fate.MAINTENANCE: (455, "Maintenance."),
    Fate.BAD_KEY: (401, "You do not have access permissions"),
}


@dataclass(eq=False)
class Work:
    """One piece of work that the account is charged for."""

    id: str
    kind: str
    job: UUID | None
    """Whose order it was, by the callback address that came with it; None for a stranger's."""
    token: str
    order: Mapping[str, Any]
    price: int
    echoes_address: bool = True
    flag: int = 0
    charge: int | None = None
    """The figure that it reports at the end, where it reports one."""
    is_forgotten: bool = False

    @property
    def cost(self) -> int:
        """What the account paid: kie keeps the charge of a failure only where it says so."""
        if self.charge is not None:
            return self.charge
        return 0 if self.flag > 1 else self.price

    @property
    def is_unified(self) -> bool:
        """It was ordered over the unified API."""
        return "input" in self.order

    @property
    def unified_record(self) -> dict[str, Any]:
        """What recordInfo says of it."""
        param = {"model": self.order["model"], "input": json.dumps(self.order["input"])}
        if self.echoes_address:
            param["callBackUrl"] = self.order["callBackUrl"]
        urls = {"resultUrls": [f"https://tempfile.aiquickdraw.com/{self.id}.mp4"]}
        return {
            "taskId": self.id,
            "state": ("generating", "success", "fail", "fail")[self.flag],
            "param": json.dumps(param),
            "resultJson": json.dumps(urls) if self.flag == 1 else "",
            "failMsg": "The model could not do it." if self.flag > 1 else None,
            **({"creditsConsumed": self.charge} if self.flag else {}),
        }

    @property
    def record(self) -> dict[str, Any]:
        """What record-info says of it."""
        params = {"prompt": self.order.get("prompt"), "seeds": self.order.get("seeds")}
        if self.echoes_address:
            params["callBackUrl"] = self.order.get("callBackUrl")
        url = f"https://tempfile.aiquickdraw.com/{self.id}.mp4"
        urls = {"resultUrls": [url], "fullResultUrls": [url] if self.kind == "extend" else None}
        return {
            "taskId": self.id,
            "paramJson": json.dumps(params),
            "successFlag": self.flag,
            "response": urls if self.flag == 1 else None,
            "errorMessage": "The model could not do it." if self.flag > 1 else "",
            **({"creditsConsumed": self.charge} if self.flag else {}),
        }


@dataclass
class Account:
    """The other end of every connection."""

    whose: Callable[[str], UUID]
    """Told the secret of an order's callback address while the order is here; the job it is of."""
    is_wanted: Callable[[str, str], None]
    """Told the source and the size of each larger copy that is asked for."""
    kill: Callable[[], NoReturn]
    """Ends the process that is talking to us."""
    fate: Fate = Fate.GOOD
    """Of every request until it is changed."""
    meanwhile: Callable[[], None] | None = None
    """What else happens while the next request is here."""
    echoes_address: bool = True
    work: dict[str, Work] = field(default_factory=dict)
    larger: dict[tuple[str, str], Work] = field(default_factory=dict)
    """The upgrades, by the id of their source and their size."""
    orders: list[UUID] = field(default_factory=list)
    """The jobs of all orders that came in and were not refused, one for each time."""

    def __post_init__(self) -> None:
        order = {"prompt": "A stranger's idea", "seeds": 77777, "callBackUrl": "https://x.example/"}
        self.work[STRANGERS] = Work(STRANGERS, "generate", None, "", order, 60, flag=1)

    @property
    def all(self) -> list[Work]:
        """Everything the account is charged for."""
        return [*self.work.values(), *self.larger.values()]

    def dial(self) -> Callable[[Seen], bytes]:
        """Open a connection."""
        if self.fate is Fate.KILLED_BEFORE:
            self.kill()
        if self.fate is Fate.UNREACHABLE:
            raise ConnectionRefusedError
        return self.answer

    def answer(self, seen: Seen) -> bytes:
        fate = self.fate
        answer = self._acted(seen, fate)
        # What is handed over before is no order, and nobody waits for it.
        if self.meanwhile is not None and not seen.path.endswith(UPLOAD):
            others, self.meanwhile = self.meanwhile, None
            others()
        if fate is Fate.KILLED_AFTER:
            self.kill()
        return _spoilt(answer, fate)

    def _acted(self, seen: Seen, fate: Fate) -> bytes:
        if fate in REFUSALS:
            code, words = REFUSALS[fate]
            return _envelope(code, None, words)
        if fate is Fate.LOST_REQUEST:
            self._note_order(seen)
            return b""
        return self._done(seen)

    def _done(self, seen: Seen) -> bytes:
        name = seen.path.rpartition("/")[2]
        if name == "credit":
            return _envelope(200, 5916.25)
        if name in ("record-info", "recordInfo"):
            return self._record_info(seen.query["taskId"], unified=name == "recordInfo")
        if name == UPLOAD:
            return _envelope(200, {"downloadUrl": "https://tempfile.redpandaai.co/a.mp4"})
        if name in ORDERING:
            return self._order(ORDERING[name], seen)
        if name == "get-1080p-video":
            return self._larger(seen.query["taskId"], "1080p")
        if name == "get-4k-video":
            return self._larger(seen.json["taskId"], "4k")
        pytest.fail(f"nobody expected {seen.method} {seen.path}")

    def _record_info(self, task: str, *, unified: bool) -> bytes:
        work = self.work.get(task)
        if work is None or work.is_forgotten or work.is_unified is not unified:
            return _envelope(422, None, "recordInfo is null" if unified else "record is null")
        return _envelope(200, work.unified_record if unified else work.record)

    def _note_order(self, seen: Seen) -> UUID | None:
        """Count an order that nobody can be sure was not taken."""
        if seen.path.rpartition("/")[2] not in ORDERING:
            return None
        job = self.whose(_token(seen.json))
        self.orders.append(job)
        return job

    def _order(self, kind: str, seen: Seen) -> bytes:
        job = self._note_order(seen)
        work = Work(
            f"task-{len(self.work)}",
            kind,
            job,
            _token(seen.json),
            seen.json,
            PRICES[CHANGE if CHANGE in seen.json.get("input", ()) else seen.json["model"]],
            echoes_address=self.echoes_address,
        )
        self.work[work.id] = work
        return _envelope(200, {"taskId": work.id})

    def _larger(self, source: str, size: str) -> bytes:
        """1080p and 4K: asking starts the work, asking again is how to wait for it."""
        self.is_wanted(source, size)
        if source not in self.work or self.work[source].is_forgotten:
            return _envelope(422, None, "record is null")
        if self.work[source].flag != 1:
            return _envelope(422, None, "record status is not success.")
        is_new = (source, size) not in self.larger
        if is_new:
            self.larger[source, size] = Work(f"{source}-{size}", size, None, "", {}, PRICES[size])
        work = self.larger[source, size]
        url = f"https://tempfile.aiquickdraw.com/{work.id}.mp4"
        if size == "1080p":
            done = {"resultUrl": url}
            return (
                _envelope(200, done) if work.flag else _envelope(400, None, "1080P is processing")
            )
        data = {"taskId": work.id, "resultUrls": [url] if work.flag else None, "imageUrls": None}
        if is_new:
            return _envelope(200, data)
        words = "The video has been generated successfully" if work.flag else "4k is processing."
        return _envelope(422, data, words)


def _token(order: Mapping[str, Any]) -> str:
    address: str = order["callBackUrl"]
    return address.rstrip("/").rpartition("/")[2]


def _spoilt(answer: bytes, fate: Fate) -> bytes:
    """What is left of a good answer on its way to us."""
    if fate is Fate.RESET:
        raise ConnectionResetError
    if fate is Fate.SLOW_REPLY:
        raise TimeoutError
    if fate is Fate.SERVER_ERROR:
        return _message(500, b'{"code": 500, "msg": "Internal Error", "data": null}')
    if fate is Fate.HTML:
        return _message(200, b"<html>Bad gateway</html>")
    if fate is Fate.EMPTY:
        return _envelope(200, None)
    if fate is Fate.LOST_REPLY:
        return b""
    return answer[: len(answer) - 8] if fate is Fate.CUT_SHORT else answer


def _envelope(code: int, data: object, words: str = "success") -> bytes:
    return _message(200, dump({"code": code, "msg": words, "data": data}))


def _message(status: int, content: bytes) -> bytes:
    return head(status, content, {}) + content
