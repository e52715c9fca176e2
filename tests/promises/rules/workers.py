"""What workers and the follower do, and what else happens while they do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum, auto
from uuid import UUID

import pytest
from django_q.brokers import get_broker
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from jobs import credentials, follower, ledger, lifecycle
from jobs.models import Job
from jobs.models.jobs.status import UNREACHABLE, Status
from jobs.readiness import restored
from jobs.times import clock
from tests.promises.account import Fate
from tests.promises.stage import Mishap, Stage, callback_of, fates, mishaps, numbers
from tests.support import factories


class Meanwhile(Enum):
    """What others do while a paid request is at the provider."""

    CALLBACK = auto()
    LEASE_RUNS_OUT = auto()
    SECOND_WORKER = auto()
    CANCEL = auto()
    POLL = auto()
    END_OF_WORK = auto()
    WRITE_OFF = auto()


class Change(Enum):
    """What happens now and then."""

    LIMIT = auto()
    KEY = auto()
    SHAPE_OF_RECORDS = auto()
    TWO_WEEKS = auto()
    RECORDS_ARE_DROPPED = auto()
    RESTORE = auto()
    """Of a backup that was made just now: it does not know that, and puts in doubt what waits."""


others = st.lists(st.sampled_from(Meanwhile), max_size=3)


class Workers(Stage):
    """Processes of ours, in any state of health."""

    @precondition(lambda self: self.stands(Status.QUEUED))
    @rule(fate=fates, others=others, mishap=mishaps, acknowledged=st.booleans())
    def work(self, fate: Fate, others: list[Meanwhile], mishap: Mishap, acknowledged: bool) -> None:
        """A worker takes the next task; one that is not acknowledged comes again."""
        task = self.next_task()
        if task is None:
            follower.sweep()
            return
        receipt, job_id = task
        self.start(job_id, fate, others, mishap)
        if acknowledged:
            get_broker().acknowledge(receipt)

    @rule(which=numbers, fate=fates, others=others, mishap=mishaps)
    def task_comes_again(
        self, which: int, fate: Fate, others: list[Meanwhile], mishap: Mishap
    ) -> None:
        if job := self.job(which):
            self.start(job.pk, fate, others, mishap)

    @precondition(lambda self: self.stands(Status.RUNNING, Status.UNCERTAIN))
    @rule(fate=fates, mishap=mishaps)
    def poll(self, fate: Fate, mishap: Mishap) -> None:
        self.account.fate = fate
        with self.trouble.ahead(*(mishap or ())):
            for job in follower.allowed(follower.claim_due()):
                follower.ask(job)
        self.account.fate = Fate.GOOD

    @rule(fate=fates, mishap=mishaps)
    def probe(self, fate: Fate, mishap: Mishap) -> None:
        """It is tried whether the provider answers again, where it did not."""
        self.account.fate = fate
        with self.trouble.ahead(*(mishap or ())):
            for key in follower.claim_probes():
                follower.probe(key)
        self.account.fate = Fate.GOOD

    @precondition(lambda self: self.stands(Status.QUEUED))
    @rule(hours=st.sampled_from([0, 1, 5, 26]), mishap=mishaps)
    def the_provider_is_away(self, hours: int, mishap: Mishap) -> None:
        """Nobody gets a connection for so long, and everybody tries: only a day gives up."""
        self.account.fate = Fate.UNREACHABLE
        for _ in range(3):
            if task := self.next_task():
                self.start(task[1], Fate.UNREACHABLE, [], mishap)
                get_broker().acknowledge(task[0])
                self.account.fate = Fate.UNREACHABLE
            for job in follower.allowed(follower.claim_due()):
                follower.ask(job)
            for key in follower.claim_probes():
                follower.probe(key)
            follower.sweep()
            self.age(hours * 1200)
        self.account.fate = Fate.GOOD
        given_up = Job.objects.filter(status=Status.FAILED, error_code=UNREACHABLE)
        assert not given_up.exclude(unreached_since__lte=clock.after(-24 * 3600)).exists()

    @rule(seconds=st.sampled_from([0, 11, 95, 700, 4000]), sweeps=st.booleans(), mishap=mishaps)
    def time_passes(self, seconds: int, sweeps: bool, mishap: Mishap) -> None:
        if seconds:
            self.age(seconds)
        if sweeps:
            with self.trouble.ahead(*(mishap or ())):
                follower.sweep()

    @rule(change=st.sampled_from(Change), which=numbers)
    def something_changes(self, change: Change, which: int) -> None:
        """What happens now and then, in one rule so that it stays rare."""
        by = self.nth(self.active(), which)
        if change is Change.LIMIT:
            with suppress(ledger.NotEnough):
                ledger.grant(by, (-200, -30, 45, 300)[which % 4], reason="A change", actor=by)
        elif change is Change.KEY:
            credentials.save_key(by, "kie", factories.CANARY_KEY, actor=by)
        elif change is Change.RESTORE:
            restored.begin_anew("It was restored by dice.")
            going = [Status.QUEUED, Status.SUBMITTING]
            assert not Job.objects.filter(status__in=going).exists()
        elif change is Change.SHAPE_OF_RECORDS:
            self.account.echoes_address = not self.account.echoes_address
        else:
            self.age(15 * 24 * 3600)
            for work in self.account.work.values():
                work.is_forgotten |= change is Change.RECORDS_ARE_DROPPED
            follower.give_up()

    def start(self, job_id: UUID, fate: Fate, others: list[Meanwhile], mishap: Mishap) -> None:
        self.account.fate = fate
        self.account.meanwhile = lambda: self._meanwhile(job_id, others)
        with self.trouble.ahead(*(mishap or ())):
            lifecycle.start(job_id)
        self.account.fate, self.account.meanwhile = Fate.GOOD, None

    def _meanwhile(self, job_id: UUID, others: list[Meanwhile]) -> None:
        fate, self.account.fate = self.account.fate, Fate.GOOD
        with self.trouble.elsewhere():
            for other in others:
                try:
                    ACTS[other](self, Job.objects.get(pk=job_id))
                except Exception as error:  # noqa: BLE001  # else the worker would handle it
                    pytest.fail(f"meanwhile, {other}: {error!r}")
        self.account.fate = fate

    def lease_runs_out(self, job: Job) -> None:
        self.age(95)
        follower.sweep()

    def callback_overtakes(self, job: Job) -> None:
        if work := self.made_for(job):
            work.flag = 1
            self.receive(work.token, callback_of(work.id, False), None)

    def cancel_too_late(self, job: Job) -> None:
        assert not lifecycle.cancel(job, job.owner)

    def ends_at_once(self, job: Job) -> None:
        if work := self.made_for(job):
            work.flag = 1

    def ask(self, job: Job) -> None:
        for due in follower.allowed(follower.claim_due()):
            follower.ask(due)

    def write_off_early(self, job: Job) -> None:
        self.age(1000)
        follower.sweep()
        self.write_off(job)


ACTS: Mapping[Meanwhile, Callable[[Workers, Job], None]] = {
    Meanwhile.CALLBACK: Workers.callback_overtakes,
    Meanwhile.LEASE_RUNS_OUT: Workers.lease_runs_out,
    Meanwhile.SECOND_WORKER: lambda _, job: lifecycle.start(job.pk),
    Meanwhile.CANCEL: Workers.cancel_too_late,
    Meanwhile.POLL: Workers.ask,
    Meanwhile.END_OF_WORK: Workers.ends_at_once,
    Meanwhile.WRITE_OFF: Workers.write_off_early,
}
