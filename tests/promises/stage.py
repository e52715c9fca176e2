"""Where the histories play: the database, the provider's account, and how to act on them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection, models, transaction
from django.db.models import F, Q
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from jobs import batches, inbox, lifecycle, queue
from jobs.batches import Line
from jobs.models import Batch, Credential, Job, Project, User
from jobs.models.jobs.status import Status
from jobs.secrets.tokens import hash_token
from tests.promises.account import Account, Fate, Work
from tests.promises.books import Books
from tests.promises.connection import Answer, plugged_in
from tests.promises.heritage import Heritage
from tests.promises.trouble import Accident, Trouble
from tests.support.running import _run_on_commit

T = TypeVar("T")
Mishap = tuple[Accident, int] | None
"""An accident, and after how many changing statements it happens."""
WRITES_MOST = 12
"""What a person clicks, or a worker does, has no more changing statements before its last one."""
DECIDING_WRITES_MOST = 40
"""Nor has what admins decide."""

numbers = st.integers(0, 7)
"""Which one of several things: counted from the newest, and round again."""
fates = st.one_of(st.just(Fate.GOOD), st.sampled_from(Fate))
mishaps = st.one_of(st.none(), st.tuples(st.sampled_from(Accident), st.integers(0, WRITES_MOST)))
long_mishaps = st.one_of(
    st.none(), st.tuples(st.sampled_from(Accident), st.integers(0, DECIDING_WRITES_MOST))
)


@dataclass(frozen=True)
class Cast:
    """Who acts: two members with keys of one account, and an admin; and a project of theirs."""

    alice: User
    bob: User
    ada: User
    project: Project


@dataclass(frozen=True)
class Click:
    """One press of a button, which may arrive any number of times."""

    by: User
    submission: lifecycle.Submission
    key: UUID
    job: UUID | None
    """The job that it made, of several takes the first."""
    takes: int = 1


class Stage(RuleBasedStateMachine):
    """What all rules stand on. All it does to the database is undone at the end of a history.

    The verbs' transactions are savepoints here: of a process that dies, what it committed stays
    and what it had open goes, exactly as with transactions, at a fraction of the time.
    """

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        # These are not undone with the database.
        cache.clear()
        get_broker().purge_queue()
        shutil.rmtree(settings.SPOOL_DIR, ignore_errors=True)
        settings.LIFE_FILE.unlink(missing_ok=True)
        Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
        (Path(settings.MEDIA_ROOT) / "a.mp4").write_bytes(b"the film of every video")
        self.people = (self.cast.alice, self.cast.bob)
        self.clicks: list[Click] = []
        self.tables: dict[UUID, list[Line]] = {}
        """What each batch is to order."""
        self._all = transaction.atomic()
        self._all.__enter__()
        self._depth = len(connection.savepoint_ids)
        self.trouble = Trouble()
        self.account = Account(self._whose, self._is_wanted, self.trouble.kill)
        self.books = Books(self.account)
        self.heritage = Heritage()
        self._open = (plugged_in(self._dial), self.trouble.watching())
        for context in self._open:
            context.__enter__()
        # Two hours before summer time ends, and a week before the month does.
        self._travel = time_machine.travel("2026-10-24T23:00Z")
        self.clock = self._travel.start()

    def active(self) -> list[User]:
        """The members who are on the team, as they are now; the admin where none is."""
        members = User.objects.filter(pk__in=[each.pk for each in self.people], is_active=True)
        return list(members.order_by("pk")) or [self.cast.ada]

    def acting(self, job: Job) -> User:
        """Who acts on a job: its owner, or once they are out the admin."""
        return job.owner if job.owner.is_active else self.cast.ada

    def nth(self, items: list[T], number: int) -> T:
        """One of the items, counted from the newest."""
        return items[-1 - number % len(items)]

    def stands(self, *statuses: str) -> bool:
        """Whether any job stands there."""
        return any(status in statuses for status in self.books.statuses.values())

    def job(self, which: int) -> Job | None:
        """The job of one of the clicks, if it made one."""
        made = self.nth(self.clicks, which).job
        return Job.objects.get(pk=made) if made else None

    def made_for(self, job: Job) -> Work | None:
        return next((work for work in self.account.work.values() if work.job == job.pk), None)

    def write_off(self, job: Job) -> None:
        """An admin says that the provider's log shows nothing of it, where that can be said.

        A creation that she overlooked is proved later. A larger copy never is, since whoever asks
        for one may order it: of those she writes off what nobody made. What becomes of one that she
        overlooked all the same, tests/lifecycle/ordering/test_upgrades.py tells.
        """
        source = job.source.external_id if job.source else ""
        if (source, job.kind.removeprefix("upgrade_")) in self.account.larger:
            return
        with suppress(lifecycle.NotResolved):
            lifecycle.write_off(job, self.cast.ada, "Nothing in the log")

    def press(
        self, by: User, submission: lifecycle.Submission, mishap: Mishap, **how: bool
    ) -> None:
        self._press(
            by, submission, mishap, 1, lambda key: [lifecycle.submit(by, submission, key, **how)]
        )

    def press_for_takes(
        self, by: User, submission: lifecycle.Submission, mishap: Mishap, takes: int
    ) -> None:
        def submit(key: UUID) -> list[Job]:
            return lifecycle.submit_takes(by, submission, key, takes)

        self._press(by, submission, mishap, takes, submit)

    def _press(
        self,
        by: User,
        submission: lifecycle.Submission,
        mishap: Mishap,
        takes: int,
        submit: Callable[[UUID], list[Job]],
    ) -> None:
        key, before = uuid4(), self.books.facts()
        room = self.books.room(by, submission.project_id)
        with self.trouble.ahead(*(mishap or ())), suppress(lifecycle.NotSubmitted):
            submit(key)
        made = self._made_by(by, key)
        self.clicks.append(Click(by, submission, key, made[0].pk if made else None, takes))
        if not made:
            assert self.books.facts() == before
            return
        assert len(made) == takes, "some of the takes, and not all"
        [status] = {job.status for job in made}
        if room is not None:
            dear = sum(job.quote for job in made) > room
            assert dear == (status == Status.AWAITING_BUDGET), room
        for take in made[1:]:
            self.remember(take)

    def _made_by(self, by: User, key: UUID) -> list[Job]:
        """The jobs that one press has made, by the key of the first."""
        first = Job.objects.filter(owner=by, submission_key=key).first()
        if first is None:
            return []
        if first.take_group is None:
            return [first]
        return list(Job.objects.filter(take_group=first.take_group).order_by("take"))

    def remember(self, job: Job) -> None:
        if all(click.job != job.pk for click in self.clicks):
            submission = lifecycle.submission_of(job)
            self.clicks.append(Click(job.owner, submission, job.submission_key, job.pk))

    def next_task(self) -> tuple[Any, UUID] | None:
        """The job that a worker is woken for next; files are other tests' business.

        A batch that one is woken for on the way goes on.
        """
        _run_on_commit()
        broker = get_broker()
        while broker.queue_size():
            for receipt, package in broker.dequeue() or []:
                task = SignedPackage.loads(package)
                if task["func"] == queue.START:
                    return receipt, UUID(task["args"][0])
                if task["func"] == queue.ORDER_BATCH:
                    batches.go_on(UUID(task["args"][0]))
                broker.acknowledge(receipt)
        return None

    # What is wrong is told by `pytest.fail`: an AssertionError would be one more error to the code
    # under test, which calls these and handles errors.

    def _dial(self) -> Answer:
        if len(connection.savepoint_ids) != self._depth:
            pytest.fail("a network call inside a transaction")
        return self.account.dial()

    def _whose(self, token: str) -> UUID:
        """The job of an order that is at the provider now: its witness must be committed."""
        job = Job.objects.filter(callback_hash=hash_token(token)).first()
        if job is None or job.status != Status.SUBMITTING or not job.claims:
            pytest.fail(f"an order without its witness: {job!r}")
        return job.pk

    def _is_wanted(self, source: str, size: str) -> None:
        """A request for a larger copy may order it: somebody must be waiting for it."""
        live = Q(status__in=[Status.SUBMITTING, Status.RUNNING])
        wanted = Job.objects.filter(live, kind=f"upgrade_{size}", source__external_id=source)
        if not wanted.exists():
            pytest.fail(f"nobody wants {source} at {size}")

    def receive(self, token: str, body: bytes, mishap: Mishap) -> None:
        """Take a callback in. By itself it changes neither a status nor a credit."""
        before = self.books.facts()
        with self.trouble.ahead(*(mishap or ())):
            inbox.receive(inbox.find("kie", token), {}, body)
        assert self.books.facts() == before, "a callback was believed"

    def age(self, seconds: int) -> None:
        """Make everything older, instead of waiting."""
        for model in (Job, Batch, Credential, OrmQ):
            model._base_manager.update(
                **{
                    moment.name: F(moment.name) - timedelta(seconds=seconds)
                    for moment in model._meta.concrete_fields
                    if isinstance(moment, models.DateTimeField)
                }
            )
        cache.clear()


def callback_of(external_id: str, failure: bool) -> bytes:
    data: dict[str, Any] = {"taskId": external_id}
    if not failure:
        data["info"] = {"resultUrls": ["https://evil.example/x.mp4"]}
    return json.dumps({"code": 501 if failure else 200, "msg": "", "data": data}).encode()
