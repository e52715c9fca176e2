"""People with the studio in a tab, in a process of their own: each polls as static/js/live.js does.

`python -m tests.tools.bench.tabs.browsing` reads a plan from standard input and writes what
happened to standard output, both as JSON.
"""

from __future__ import annotations

import html
import json
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import brotli

from tests.tools.bench.clients.load import Outcome

CARDS_TOLD = 150
PATIENCE = 30
POLLED, EVERY = re.compile(r'hx-get="([^"]+)"'), re.compile(r'hx-trigger="every (\d+)s')
CARD, VIDEO = re.compile(r'data-job="(\w+)"'), re.compile(r'href="(/jobs/[\w-]{36}/)"')
PAGES = ("/", "/", "/library/", "/credits/", "/projects/")
"""What people open beside the page of a video, which half of them are."""


@dataclass(frozen=True)
class Plan:
    """What is done: for so many seconds, of which the first warm up what is kept."""

    port: int
    cookies: Sequence[str]
    """Of each person."""
    seconds: float
    warm_up: float
    page_seconds: float
    """Between two pages that one person opens."""
    bare: bool = False
    """Only poll, at the address of the bare view."""


@dataclass
class Told:
    """What became of polls and pages."""

    unchanged: Outcome = field(default_factory=Outcome)
    changed: Outcome = field(default_factory=Outcome)
    pages: Outcome = field(default_factory=Outcome)
    polled_bytes: int = 0
    """Of the bodies of all changed polls, as they travel."""
    cards: int = 0
    """That came with them."""

    @property
    def polls(self) -> Outcome:
        both = Outcome()
        both.add(self.unchanged)
        both.add(self.changed)
        both.seconds = self.unchanged.seconds
        return both


def run(plan: Plan) -> Told:
    """Carry a plan out in another process, so that it shares no interpreter with anything."""
    command = [sys.executable, "-m", "tests.tools.bench.tabs.browsing"]
    done = subprocess.run(
        command, input=json.dumps(asdict(plan)), capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    unchanged, changed, pages = (Outcome(**told.pop(n)) for n in ("unchanged", "changed", "pages"))
    return Told(unchanged, changed, pages, **told)


class Tab:
    """One person: a tab that polls, and pages that are opened now and then."""

    def __init__(self, plan: Plan, cookie: str, told: Told, begins: float) -> None:
        self.plan, self.told, self.begins = plan, told, begins
        self.headers = {"Cookie": cookie, "Accept-Encoding": "br"}
        self.travelled = 0
        """The bytes of the latest body."""
        self.counts_from = begins + plan.warm_up
        self.ends = self.counts_from + plan.seconds
        self.url, self.interval = f"/poll/?since={time.time():.6f}", 2.0
        self.cards: list[str] = []
        self.videos: list[str] = []

    def live(self) -> None:
        self.connection = HTTPConnection("127.0.0.1", self.plan.port, timeout=PATIENCE)
        # Nobody comes to work in the same second.
        time.sleep(random.uniform(0, 0.7 * self.plan.warm_up))
        if not self.plan.bare:
            self.open_studio()
        page_at = time.monotonic() + random.uniform(0, self.plan.page_seconds)
        poll_at = time.monotonic() + random.uniform(0, self.interval)
        while (due := poll_at if self.plan.bare else min(poll_at, page_at)) < self.ends:
            time.sleep(max(due - time.monotonic(), 0))
            if due == poll_at:
                self.poll()
                poll_at = time.monotonic() + self.interval
            else:
                self.open_page()
                page_at += random.expovariate(1 / self.plan.page_seconds)
        self.connection.close()

    def open_studio(self) -> None:
        if body := self.ask("/", self.told.pages, expect=(200,)):
            self.cards = CARD.findall(body)
            self.videos = VIDEO.findall(body)
            self.take(body)

    def open_page(self) -> None:
        if self.videos and random.random() < 0.5:
            self.ask(random.choice(self.videos), self.told.pages, expect=(200,))
        elif (path := random.choice(PAGES)) == "/":
            self.open_studio()
        else:
            self.ask(path, self.told.pages, expect=(200,))

    def poll(self) -> None:
        url = self.url
        if self.cards:
            url += "&" + urlencode({"cards": ",".join(self.cards[:CARDS_TOLD])})
        body = self.ask(url, None, expect=(200, 204), **{"HX-Request": "true"})
        if not body:
            return
        brought = CARD.findall(body)
        if time.monotonic() >= self.counts_from:
            self.told.polled_bytes += self.travelled
            self.told.cards += len(brought)
        self.cards = [*(each for each in brought if each not in self.cards), *self.cards]
        self.take(body)

    def take(self, body: str) -> None:
        """The next question, as the page says it."""
        if (url := POLLED.search(body)) and (every := EVERY.search(body)):
            self.url, self.interval = html.unescape(url[1]), float(every[1])

    def keep(self, given: Sequence[str]) -> None:
        """What a browser sends from then on: without it each poll would be given a token anew."""
        if given:
            cookies = SimpleCookie(self.headers["Cookie"])
            for each in given:
                cookies.load(each)
            sent = (f"{name}={cookie.value}" for name, cookie in cookies.items())
            self.headers["Cookie"] = "; ".join(sent)

    def ask(
        self, path: str, outcome: Outcome | None, *, expect: tuple[int, ...], **headers: str
    ) -> str:
        """The body, '' where there is none; counted with polls where no outcome is named."""
        sent = time.monotonic()
        try:
            self.connection.request("GET", path, headers={**self.headers, **headers})
            answer: HTTPResponse = self.connection.getresponse()
            packed = answer.read()
        except (OSError, HTTPException):
            self.connection.close()
            (outcome or self.told.unchanged).bad += 1
            return ""
        self.keep(answer.headers.get_all("Set-Cookie", []))
        self.travelled = len(packed)
        is_packed = answer.getheader("Content-Encoding") == "br"
        body = (brotli.decompress(packed) if is_packed else packed).decode()
        if sent >= self.counts_from:
            is_news = answer.status == 200
            outcome = outcome or (self.told.changed if is_news else self.told.unchanged)
            outcome.bad += answer.status not in expect
            outcome.done += answer.status in expect
            outcome.spans.append(1000 * (time.monotonic() - sent))
        return body if answer.status in expect else ""


def browse(plan: Plan) -> Told:
    begins = time.monotonic()
    told = [Told() for _ in plan.cookies]
    tabs = [
        Tab(plan, cookie, each, begins) for cookie, each in zip(plan.cookies, told, strict=True)
    ]
    threads = [threading.Thread(target=tab.live) for tab in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = Told()
    for each in told:
        for name in ("unchanged", "changed", "pages"):
            getattr(total, name).add(getattr(each, name))
        total.polled_bytes += each.polled_bytes
        total.cards += each.cards
    for name in ("unchanged", "changed", "pages"):
        getattr(total, name).seconds = plan.seconds
    return total


if __name__ == "__main__":
    given: dict[str, Any] = json.load(sys.stdin)
    json.dump(asdict(browse(Plan(**given))), sys.stdout)
