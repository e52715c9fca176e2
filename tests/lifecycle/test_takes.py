"""Several takes in one order: all or none of them, and one group."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from jobs.models import Job, User
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.mark.parametrize("place", [{"take": 1}, {"take_group": uuid4()}])
def test_a_take_has_a_group_and_a_place_or_neither(alice: User, place: dict[str, object]) -> None:
    job = factories.job(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**place)


@pytest.mark.parametrize("take", [0, 5])
def test_there_are_four_places_in_a_group(alice: User, take: int) -> None:
    job = factories.job(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(take_group=uuid4(), take=take)


def test_no_two_takes_have_the_same_place(alice: User) -> None:
    group = uuid4()
    jobs = [factories.job(alice) for _ in range(2)]
    Job.objects.filter(pk=jobs[0].pk).update(take_group=group, take=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=jobs[1].pk).update(take_group=group, take=1)
