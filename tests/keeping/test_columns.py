"""What the rows themselves hold: titles are searched, and only what is over is in the trash."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from jobs.models import Job, Project, User
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_what_is_in_the_trash_nobody_sees_among_the_others(
    alice: User, bob: User, admin: User
) -> None:
    project = Project.objects.create(name="Autumn")
    thrown, kept = factories.succeeded(alice), factories.succeeded(alice, project_id=project.pk)
    Job.objects.filter(pk=thrown.pk).update(trashed_at=Now(), trashed_by=alice)
    seen = [set(Job.objects.visible_to(who)) for who in (alice, bob, admin)]
    assert seen == [{kept}, {kept}, {kept}]
    trash = [set(Job.objects.trash_of(who)) for who in (alice, bob, admin)]
    assert trash == [{thrown}, set(), {thrown}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"trashed_at": Now()},
        {"trashed_at": Now(), "trashed_by": 1, "status": "running", "external_id": "x"},
        {"trashed_by": 1},
        {"purged_at": Now()},
    ],
    ids=["by nobody", "unfinished", "never", "purged outside"],
)
def test_only_somebody_throws_away_and_only_what_is_over(
    wrong: dict[str, Any], alice: User
) -> None:
    job = factories.succeeded(alice)
    if "trashed_by" in wrong:
        wrong = {**wrong, "trashed_by": alice}
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**wrong)


def test_a_video_is_found_by_its_title_as_well(alice: User) -> None:
    job = factories.job(alice, prompt="A fox in the snow")
    Job.objects.filter(pk=job.pk).update(prompt=job.prompt, title="Épisode 3")
    assert list(Job.objects.matching("episode fox")) == [job]
