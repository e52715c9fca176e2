"""Random histories: people, workers, the provider and strangers act in any order, and fail."""

from __future__ import annotations

import sys

from django.db import transaction
from django.db.models import F, Q
from django_q.brokers import get_broker
from hypothesis.stateful import invariant

from jobs import credentials, follower, people
from jobs.models import Credential, Job, WebhookEvent
from jobs.models.jobs.status import Status
from tests.promises.account import Fate
from tests.promises.rules.keepers import Keepers
from tests.promises.rules.leavers import Leavers
from tests.promises.rules.outside import Outside
from tests.promises.rules.payers import Payers
from tests.promises.rules.people import People
from tests.promises.rules.readers import Readers
from tests.promises.rules.tables import Tables
from tests.promises.rules.workers import Workers
from tests.promises.stage import callback_of
from tests.support import factories


class Histories(People, Tables, Payers, Leavers, Workers, Outside, Keepers, Readers):
    """One history after the other, each proved right after every step and at its end."""

    ends = 0

    def teardown(self) -> None:
        try:
            # An example that failed already has nothing to prove.
            if sys.exc_info()[1] is None:
                self._recover()
                Histories.ends += 1
        finally:
            self._travel.stop()
            for context in self._open:
                context.__exit__(None, None, None)
            transaction.set_rollback(True)
            self._all.__exit__(None, None, None)

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.books.check()
        self.heritage.check()

    def _recover(self) -> None:
        """Nothing goes wrong any more: each genuine callback comes once, and the follower runs."""
        for by in {*self.active(), self.cast.ada}:
            credentials.save_key(by, "kie", factories.CANARY_KEY, actor=by)
        for key in Credential.objects.filter(owner__is_active=False, provider="kie"):
            credentials.refresh_balance(key)
        heard = set(
            WebhookEvent.objects.filter(external_id=F("job__external_id")).values_list(
                "job", flat=True
            )
        )
        for work in [work for work in self.account.work.values() if work.job]:
            work.flag = work.flag or 1
            self.receive(work.token, callback_of(work.id, work.flag > 1), None)
        for _ in range(8):
            self.age(730)
            for key in follower.claim_probes():
                follower.probe(key)
            follower.sweep()
            while task := self.next_task():
                self.start(task[1], Fate.GOOD, [], None)
                get_broker().acknowledge(task[0])
            for work in self.account.all:
                work.flag = work.flag or 1
            for job in follower.allowed(follower.claim_due()):
                follower.ask(job)
            self.files_arrive()
            people.finish_leaving()
            going = [Status.QUEUED, Status.SUBMITTING, Status.RUNNING]
            if not Job.objects.filter(Q(status__in=going) | Q(check_at__isnull=False)).exists():
                break
        self.books.check()
        self.books.check_recovered(heard)
        self.books.check_tables_ended()
        self.heritage.check_passed_on()
        self.heritage.check_nothing_waits()
