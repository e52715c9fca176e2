"""Clicks, through the real verbs, in waves."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import Error as DatabaseProblem
from django.db import connection

from jobs import lifecycle
from jobs.models import Job, User
from tests.tools.soak.faults import Draw
from tests.tools.soak.orders import Orders

WAVE = 12
WAVE_SECONDS = 5.0
CLICKED_TWICE = 0.1
CANCELED = 0.04
AGAIN_SECONDS = 0.3
"""How soon somebody reloads a page that showed an error."""
T = TypeVar("T")


def persistently(action: Callable[[], T], failed: Callable[[], None] = lambda: None) -> T:
    """Do it again, as a reload of the page does, while the database is away."""
    while True:
        try:
            return action()
        except DatabaseProblem:
            failed()
            with suppress(DatabaseProblem):
                connection.close()
            time.sleep(AGAIN_SECONDS)


class Driver:
    """Everybody's clicks, one after the other."""

    def __init__(self, people: list[User], draw: Draw) -> None:
        self.made: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        """What happened besides: clicks twice, cancellations, reloads, refusals."""
        self.twice: list[str] = []
        """Jobs that one click made twice: what must never be."""
        self._people = people
        self._random = draw.random
        self._orders = Orders(draw)

    def run(self, number: int, half_way: Callable[[], None]) -> None:
        """Make that many jobs; call `half_way` when half of them are made."""
        while (before := self.made.total()) < number:
            started = time.monotonic()
            self.wave(min(WAVE, number - before))
            if before < number // 2 <= self.made.total():
                half_way()
            time.sleep(max(0.0, WAVE_SECONDS - (time.monotonic() - started)))

    def wave(self, number: int) -> None:
        """So many clicks, one after the other."""
        for _ in range(number):
            self._click()

    def _click(self) -> None:
        kinds = self._orders.kinds
        wanted = self._random.choices(list(kinds), [share for share, _ in kinds.values()])[0]
        who = self._random.choice(self._people)
        marker = f"soak-{self.made.total():04}"
        order = self._do(lambda: kinds[wanted][1](who, marker))
        if order is None:
            # Nothing is finished yet that could be made longer or larger.
            wanted, order = "text", self._orders.text(who, marker)
        key = uuid4()
        if (job := self._submit(who, order, key)) is None:
            return
        self.made[wanted] += 1
        if self._random.random() < CLICKED_TWICE:
            again = self._submit(who, order, key)
            self.done["clicked twice"] += 1
            if again is None or again.pk != job.pk:
                self.twice.append(f"{job.pk} and {again and again.pk}")
        elif self._random.random() < CANCELED:
            self.done["canceled"] += self._do(lambda: lifecycle.cancel(job, who))

    def _submit(self, who: User, order: lifecycle.Submission, key: UUID) -> Job | None:
        try:
            return self._do(lambda: lifecycle.submit(who, order, key))
        except lifecycle.NotSubmitted as refusal:
            self.done[f"refused: {refusal.cause or refusal.field}"] += 1
            return None

    def _do(self, action: Callable[[], T]) -> T:
        return persistently(action, lambda: self.done.update(["reloads after an error"]))
