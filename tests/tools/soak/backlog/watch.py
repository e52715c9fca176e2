"""How a backlog goes down: looked at every second."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.db.models.functions import Now

from jobs import carrier
from jobs.models import Job, Rendition
from tests.tools.soak.driver import persistently
from tests.tools.soak.machines.surroundings import Stage


@dataclass
class Watch:
    """The worst of what was seen."""

    stage: Stage
    unread: int = 0
    """Wake-ups at once."""
    behind: float = 0.0
    """Seconds for which a question to a provider was overdue."""
    megabytes: dict[str, float] = field(default_factory=dict)
    """Of each process with its children."""
    began: float = field(default_factory=time.monotonic)
    ended_at: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since it began, and how many jobs had neither ended nor their files stored."""

    def turn(self) -> None:
        left = persistently(_left)
        self.ended_at.append((time.monotonic() - self.began, left))
        self.unread = max(self.unread, carrier.length() or 0)
        self.behind = max(self.behind, persistently(_behind))
        for name, process in {**self.stage.services(), "provider": self.stage.practice}.items():
            self.megabytes[name] = max(self.megabytes.get(name, 0), process.megabytes())

    @property
    def left(self) -> int:
        return self.ended_at[-1][1] if self.ended_at else -1

    def seconds_until(self, left: int) -> float:
        """Until so many were left; infinite where that never was."""
        return next((when for when, number in self.ended_at if number <= left), float("inf"))


def _left() -> int:
    return Job.objects.in_progress().count() + Rendition.objects.on_their_way().count()


def _behind() -> float:
    """Seconds for which the oldest question is due."""
    due = Job.objects.due().order_by("check_at").annotate(now=Now())
    now, since = due.values_list("now", "check_at").first() or (None, None)
    return (now - since).total_seconds() if now and since else 0.0
