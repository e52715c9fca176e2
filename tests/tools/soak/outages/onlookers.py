"""People and monitors that look on: whatever they are answered is noted, and judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from uuid import UUID

import requests

from tests.tools.soak.machines.background import Background
from tests.tools.soak.outages.acts import Act

GOOD: Mapping[str, tuple[int, ...]] = {
    "page": (200,),
    "poll": (200, 204),
    "film": (200, 206, 302),
    "order": (302,),
    "healthz": (200,),
    "readyz": (200,),
    "statusz": (200,),
}
"""Of each part what it answers when all is well."""
SAYS_WHY: Mapping[str, str] = {"page": "<h1", "film": "<h1", "order": "<h1"}
"""What stands in an answer that is for people to read."""
PAGES = ("/", "/library/", "/projects/", "/credits/", "/usage/", "/team/requests/", "/team/system/")
LONG_SECONDS = 10
PATIENCE = 90
NOBODY = 0
"""The status where no answer came."""
QUIET = Act("", lambda _: None)


@dataclass(frozen=True, slots=True)
class Answer:
    act: str
    part: str
    status: int
    seconds: float
    wrong: str
    """Why it should not have been this one; '' for what is well."""


@dataclass
class Notes:
    """What was answered so far, and what is away at the moment."""

    act: Act = QUIET
    answers: list[Answer] = field(default_factory=list)
    films: Sequence[UUID] = ()
    """Some that are kept."""


class Browser:
    """Somebody who is signed in, or a monitor that is not; where one machine does not answer, at
    the next, as a load balancer has it.
    """

    def __init__(self, urls: Sequence[str], notes: Notes, session: str = "") -> None:
        self._urls, self._notes = cycle(urls), notes
        self._url = next(self._urls)
        self._session = requests.Session()
        if session:
            self._session.cookies["sessionid"] = session

    def ask(self, part: str, path: str, **headers: str) -> requests.Response | None:
        return self._noted(
            part, lambda: self._session.get(self._url + path, headers=headers, **_HOW)
        )

    def send(self, part: str, path: str, fields: Mapping[str, object]) -> requests.Response | None:
        token = {"csrfmiddlewaretoken": self._session.cookies.get("csrftoken", "")}
        form = {**fields, **token}
        return self._noted(part, lambda: self._session.post(self._url + path, form, **_HOW))

    def _noted(self, part: str, ask: Callable[[], requests.Response]) -> requests.Response | None:
        act, asked = self._notes.act, time.monotonic()
        answer: requests.Response | None = None
        said = ""
        try:
            answer = ask()
        except requests.RequestException as error:
            said = type(error).__name__
        seconds, url = time.monotonic() - asked, self._url
        if answer is None:
            self._url = next(self._urls)
        # What was asked before it went, or while it was away, may be answered after that.
        acts = {act.name: act, self._notes.act.name: self._notes.act}
        wrong = [
            ""
            if answer is None and url in each.web_ends
            else _wrong(each, part, answer, seconds, said)
            for each in acts.values()
        ]
        status = answer.status_code if answer is not None else NOBODY
        self._notes.answers.append(
            Answer(act.name, part, status, seconds, wrong[0] if all(wrong) else "")
        )
        return answer


_HOW: Mapping[str, Any] = {"timeout": PATIENCE, "allow_redirects": False}


def _wrong(act: Act, part: str, answer: requests.Response | None, seconds: float, said: str) -> str:
    if answer is None:
        return f"nobody answered: {said}"
    if seconds > LONG_SECONDS and not act.hangs:
        return f"{answer.status_code} after {seconds:.0f} s"
    if answer.status_code in GOOD[part]:
        return ""
    if part not in act.lacks or answer.status_code not in (422, 503):
        return f"{answer.status_code}"
    return _silence(part, answer)


def _silence(part: str, answer: requests.Response) -> str:
    """What it does not say of why it can't be done."""
    if answer.status_code == 503 and part in SAYS_WHY:
        if "Retry-After" not in answer.headers:
            return "503 without Retry-After"
        if SAYS_WHY[part] not in answer.text:
            return "503 without a sentence"
    return ""


@contextmanager
def onlookers(url: str, notes: Notes, member: str, admin: str) -> Iterator[None]:
    """Monitors of one machine, an admin who opens pages and films there, and a member with a tab,
    until the block ends.

    `member`, `admin`: the keys of their sessions.
    """
    monitor, reader = Browser([url], notes), Browser([url], notes, admin)
    tab, viewer = Browser([url], notes, member), Browser([url], notes, admin)
    pages, probes = cycle(PAGES), cycle(("healthz", "readyz", "statusz"))
    numbers = iter(range(10**9))

    def look_at_film() -> None:
        if films := notes.films:
            place = next(numbers)
            kind = ("mp4", "webp")[place % 2]
            viewer.ask("film", f"/renditions/{films[place // 2 % len(films)]}.{kind}")

    def probe() -> None:
        part = next(probes)
        monitor.ask(part, f"/{part}")

    since = f"{time.time():.6f}-"
    turns: Sequence[tuple[Callable[[], object], float, str]] = (
        (probe, 0.4, "monitor"),
        (lambda: reader.ask("page", next(pages)), 0.5, "reader"),
        (lambda: tab.ask("poll", f"/live/?since={since}", **{"HX-Request": "true"}), 1, "tab"),
        (look_at_film, 0.7, "viewer"),
    )
    with ExitStack() as stack:
        for turn, pause, name in turns:
            stack.enter_context(Background(_silent(turn), pause, name))
        yield


def _silent(turn: Callable[[], object]) -> Callable[[], None]:
    def act() -> None:
        turn()

    return act
