"""At most one billable submission per confirmation; settled exactly once; nothing silently lost."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from jobs import follower, ledger
from jobs.models import Job, Project, User
from jobs.providers.http import Http
from jobs.providers.kie.client import Kie
from tests.promises.account import Fate
from tests.promises.machine import Histories
from tests.promises.stage import Cast
from tests.support import factories
from tests.support.answers.declaring import declare

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
COMMON: dict[str, Any] = {
    "deadline": None,
    "report_multiple_bugs": False,
    "suppress_health_check": list(HealthCheck),
    "stateful_step_count": 40,
}
PROFILES = {
    # A history that fails is told as it is: one that was being shortened once ran into the time
    # limit of the test, which was then all that was told. The long profile shortens it.
    "quick": settings(
        max_examples=40, derandomize=True, phases=[Phase.explicit, Phase.generate], **COMMON
    ),
    "long": settings(max_examples=5000, **COMMON),
    # For the mutants: that something is found counts, not how short it can be told.
    "hunt": settings(
        max_examples=150,
        derandomize=True,
        phases=[Phase.generate],
        **COMMON,
    ),
}

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def cast(settings: Any, monkeypatch: pytest.MonkeyPatch, admin: User) -> Iterator[Cast]:
    settings.CALLBACK_BASE = "https://dailies.example"
    here = "http://kie.example"
    kie = Kie(base_url=here, upload_url=here, http=Http(sleep=lambda _: None))
    # Rates are other tests' business; here real seconds must not decide what happens.
    rates = {"creations_per_10s": 10_000, "asks_per_second": 10_000}
    declare(monkeypatch, "kie", client=lambda **_: kie, **rates)
    settings.TIME_ZONE = "Europe/Berlin"
    alice, bob = factories.member("alice", 400), factories.member("bob", 400)
    project = Project.objects.create(name="Launch film", created_by=alice)
    # Thousands of accidents leave thousands of tracebacks, which nobody reads.
    logging.disable(logging.CRITICAL)
    yield Cast(alice, bob, admin, project)
    logging.disable(logging.NOTSET)


# A hunt that takes long has found nothing, and must not look as if it had.
@pytest.mark.timeout(300 if PROFILE == "quick" else 0)
def test_the_promises_hold_whatever_happens(cast: Cast) -> None:
    Histories.cast = cast
    run_state_machine_as_test(Histories, settings=PROFILES[PROFILE])
    assert Histories.ends


@pytest.mark.parametrize("fate", Fate)
def test_they_hold_for_a_changed_film_whatever_becomes_of_its_order(cast: Cast, fate: Fate) -> None:
    """Its film has to be handed over first, which random histories come to see too seldom."""
    Histories.cast = cast
    history = Histories()
    try:
        history.begin([0])
        history.work(Fate.GOOD, [], None, True)
        for work in history.account.all:
            work.flag = 1
        history.age(60)
        for job in follower.allowed(follower.claim_due()):
            follower.ask(job)
        history.files_arrive()
        history.change_it(0, None)
        history.work(Fate.GOOD, [], None, True)
        history.work(fate, [], None, True)
        changed = Job.objects.get(mode="video")
        assert (changed.quote, changed.images.get().handed_at is not None) == (168, True)
        history.nothing_is_wrong()
    finally:
        history.teardown()
    assert sum(work.price == 168 for work in history.account.all) <= 1
    assert ledger.audit() == []
