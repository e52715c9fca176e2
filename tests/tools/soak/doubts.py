"""What a person does about the jobs that need a look, once the noise is over."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from jobs import lifecycle
from jobs.models import Job, User
from jobs.times import clock
from tests.tools.soak.reckoning import Books

ATTEMPTS = 5
PAUSE_SECONDS = 1.0
LONG_AGO_SECONDS = -2 * 15 * 60.0


def settle(books: Books, admin: User) -> Mapping[str, int]:
    """Paste the ids from the provider's log; write off what it never made. What came of it."""
    done: Counter[str] = Counter()
    for job in books.of("uncertain"):
        tasks = books.tasks_of(job)
        if tasks:
            done["id pasted" if _paste(job, tasks[0]["id"], admin) else "not provable"] += 1
        else:
            _as_if_later(job)
            lifecycle.write_off(job, admin, "the provider's log shows nothing")
            done["written off"] += 1
    return done


def _paste(job: Job, external_id: str, admin: User) -> bool:
    """As often as a person would, since questions may go wrong."""
    for _ in range(ATTEMPTS):
        try:
            lifecycle.resolve(job, external_id, admin)
        except lifecycle.NotResolved:
            time.sleep(PAUSE_SECONDS)
        else:
            return True
    return False


def _as_if_later(job: Job) -> None:
    """As if the time had passed that an answer is waited for."""
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(LONG_AGO_SECONDS))
