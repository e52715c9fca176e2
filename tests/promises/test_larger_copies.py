"""To ask about a larger copy may be to order it: what random histories reach too seldom."""

from __future__ import annotations

from uuid import uuid4

import pytest

from jobs import lifecycle
from jobs.models import Job, User
from jobs.times import clock
from tests.support import kie, takes
from tests.support.fakes import Wire
from tests.support.running import drain_queue

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_a_larger_copy_that_was_given_up_is_not_asked_for_again(
    provider: Wire, alice: User
) -> None:
    source = takes.finished(alice)
    job = lifecycle.submit(alice, lifecycle.upgrade_of(source, "upgrade_1080p"), uuid4())
    provider.answer(json=kie.refused(400, "1080P is processing."), path="1080p")
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("running", source.external_id)

    lifecycle.lose(job, "Nothing was heard of it")
    Job.objects.filter(pk=job.pk).update(check_at=clock.after(-1))
    drain_queue()
    assert len(provider.requests) == 1
