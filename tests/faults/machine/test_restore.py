"""A restore in the middle of everything: nothing is bought twice (540)."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from jobs import follower, ledger, lifecycle
from jobs.models import Credential, Job, Life, Stray, User
from jobs.models.jobs.status import FINISHED
from jobs.providers.http import Http
from jobs.providers.kie.client import Kie
from jobs.readiness import restored
from jobs.secrets.tokens import hash_token
from tests.promises.account import SIZES, Account, Work
from tests.promises.connection import plugged_in
from tests.support import factories
from tests.support.answers.declaring import declare
from tests.support.running import drain_queue, purge_queue

pytestmark = [pytest.mark.django_db, pytest.mark.data]

MOMENTS = 10
JOBS, STEPS = 10, 16


class Studio:
    """A member who orders, a worker who sends, and the provider, in an order thrown by dice."""

    def __init__(self, owner: User, dice: random.Random) -> None:
        self.owner, self.dice = owner, dice
        self.account = Account(self._whose, lambda *_: None, lambda: pytest.fail("nobody dies"))
        self.acts = [*["order"] * JOBS, *["send"] * JOBS, *["finish"] * STEPS, *["ask"] * STEPS]
        dice.shuffle(self.acts)

    def _whose(self, token: str) -> UUID:
        return Job.objects.get(callback_hash=hash_token(token)).pk

    def play(self, acts: list[str]) -> None:
        for act in acts:
            getattr(self, act)()

    def order(self) -> None:
        done = list(Job.objects.filter(status="succeeded", kind="generate").order_by("pk"))
        with suppress(lifecycle.NotSubmitted):
            if done and self.dice.random() < 0.4:
                take = self.dice.choice(done)
                if self.dice.random() < 0.5:
                    factories.upgrade(take)
                else:
                    factories.extension(take)
            else:
                factories.job(self.owner, prompt=f"Shot {self.dice.random()}")

    def send(self) -> None:
        queued = list(Job.objects.filter(status="queued").order_by("created_at"))
        if queued:
            lifecycle.start(self.dice.choice(queued).pk)

    def finish(self) -> None:
        if going_on := [work for work in self.account.all if not work.flag]:
            self.dice.choice(going_on).flag = 1

    def ask(self) -> None:
        Job.objects.filter(check_at__isnull=False).update(check_at="2000-01-01T00:00Z")
        Credential.objects.update(asks_until=None)
        for job in follower.allowed(follower.claim_due()):
            follower.ask(job)

    def end(self) -> None:
        """Until nothing goes on by itself any more."""
        for _ in range(30):
            Job.objects.filter(status="queued").update(wake_at="2000-01-01T00:00Z")
            follower.sweep()
            drain_queue()
            for work in self.account.all:
                work.flag = work.flag or 1
            self.ask()
            if not Job.objects.exclude(status__in=(*FINISHED, "uncertain")).exists():
                return
        pytest.fail(f"never ended: {Counter(Job.objects.values_list('status', flat=True))}")

    def bought(self, job: Job) -> Work | None:
        return next((work for work in self.account.work.values() if work.job == job.pk), None)


@pytest.fixture
def owner(settings: Any, monkeypatch: pytest.MonkeyPatch) -> User:
    settings.CALLBACK_BASE = "https://dailies.example"
    settings.ARCHIVE_HOSTS = []
    kie = Kie(base_url="http://kie.example", http=Http(sleep=lambda _: None))
    rates = {"creations_per_10s": 10_000, "asks_per_second": 10_000}
    declare(monkeypatch, "kie", client=lambda **_: kie, **rates)
    return factories.member("alice", credits=5000)


class PutBack(Exception):
    """Takes the database back to where a transaction began: what a restore does to it."""


def put_back(studio: Studio) -> int:
    """Play it with a restore to some moment; how much had been bought by then."""
    moment = studio.dice.randrange(len(studio.acts) // 4, len(studio.acts))
    restored.recognize()
    studio.play(studio.acts[:moment])
    with suppress(PutBack), transaction.atomic():
        studio.play(studio.acts[moment:])
        studio.end()
        raise PutBack
    bought_meanwhile = len(studio.account.orders)
    purge_queue()
    # The follower's first act, and each worker's.
    restored.recognize()
    studio.end()
    return bought_meanwhile


@pytest.mark.parametrize("seed", range(MOMENTS))
def test_nothing_is_bought_twice_whatever_the_moment_of_the_dump(
    owner: User, admin: User, seed: int
) -> None:
    studio = Studio(owner, random.Random(seed))
    with plugged_in(lambda: studio.account.answer):
        bought_meanwhile = put_back(studio)
        assert max(Counter(studio.account.orders).values()) == 1, "ordered twice"
        assert len(studio.account.orders) == bought_meanwhile, "sent by itself"
        assert ledger.audit() == []
        in_doubt = list(Job.objects.filter(status="uncertain"))
        assert len(in_doubt) == sum(life.doubted for life in Life.objects.all())

        # The provider's log brings back what it has, and that is what it cost.
        for job in in_doubt:
            if work := studio.bought(job):
                lifecycle.resolve(job, work.id, admin)
        studio.end()
        for job in in_doubt:
            job.refresh_from_db()
            assert (job.status == "succeeded") == (studio.bought(job) is not None)
        videos = Job.objects.filter(kind__in=["generate", "extend"])
        made = [work for job in videos if (work := studio.bought(job))]
        assert sum(job.charged or 0 for job in videos) == sum(work.cost for work in made)
        assert ledger.audit() == []


@pytest.mark.parametrize("seed", range(3))
def test_after_a_restore_and_adoption_every_film_that_was_paid_for_is_there_again(
    owner: User, admin: User, seed: int
) -> None:
    studio = Studio(owner, random.Random(seed))
    key = Credential.objects.get(owner=owner, provider="kie")
    with plugged_in(lambda: studio.account.answer):
        put_back(studio)
        bought, before = list(studio.account.orders), ledger.standing_of(owner)
        paid = [work for work in studio.account.all if work.job and work.kind not in SIZES]
        films = {work.id for work in paid}
        gone = films - set(Job.objects.values_list("external_id", flat=True))
        for number in gone:
            stray = Stray.objects.create(provider="kie", external_id=number, credential=key)
            terms = lifecycle.Adoption(owner, None, "Found again", "kie", "veo3_fast")
            whose = studio.account.work[number].job
            if doubtful := Job.objects.filter(pk__in=[whose], status="uncertain").first():
                # It waits for its id, and pays for it.
                with pytest.raises(lifecycle.NotAdopted, match="needs a look"):
                    lifecycle.adopt(stray, terms, admin)
                lifecycle.resolve(doubtful, number, admin)
            else:
                lifecycle.adopt(stray, terms, admin)
        studio.end()
        assert gone, "nothing was lost"
        videos = Job.objects.filter(status="succeeded", kind__in=["generate", "extend"])
        assert set(videos.values_list("external_id", flat=True)) == films
        assert studio.account.orders == bought
        assert ledger.audit() == []
        adopted = Job.objects.filter(external_id__in=gone, events__text__startswith="Adopted")
        assert not adopted.exclude(charged=0).exists()
        assert ledger.standing_of(owner).balance <= before.balance
