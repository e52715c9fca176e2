"""Whether any file is kept of a video is noted on it, however the rows of its files are written."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from jobs.models import Job, Rendition, User
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]

GONE, THERE = {"expired", "rejected"}, {"waiting", "fetching", "stored"}
STATES = [*GONE, *THERE, "purged"]
WHOLE: dict[str, Any] = {
    "file": "a.mp4",
    "sha256": "0" * 64,
    "bytes": 1,
    "stored_at": "2026-11-29 00:00Z",
}


@pytest.fixture
def job(alice: User) -> Job:
    return factories.job(alice)


def is_unkept(job: Job) -> bool:
    return Job.objects.get(pk=job.pk).is_unkept


def test_a_job_says_so_once_its_last_file_is_gone_and_no_longer_once_one_is_fetched_again(
    job: Job,
) -> None:
    for film, part in product(STATES, STATES):
        expected = bool({film, part} & GONE) and not {film, part} & THERE
        for rows in ({"film": film}, {"film": film, "segment": part}):
            made = [
                Rendition(job=job, part=each, state=state, **WHOLE) for each, state in rows.items()
            ]
            Rendition.objects.bulk_create(made)
            assert is_unkept(job) == (expected if len(rows) > 1 else film in GONE), rows
            Rendition.objects.filter(part="film").update(state=part)
            Rendition.objects.filter(part="film").update(state=film)
            assert is_unkept(job) == (expected if len(rows) > 1 else film in GONE), rows
            Rendition.objects.all().delete()
            assert not is_unkept(job)


@pytest.mark.parametrize(
    ("status", "unkept", "expected"),
    [
        ("succeeded", False, "ready"),
        ("succeeded", True, "attention"),
        ("failed", True, "attention"),
        ("lost", False, "attention"),
        ("uncertain", False, "attention"),
        ("queued", True, ""),
        ("canceled", True, ""),
    ],
)
def test_a_video_is_ready_or_needs_a_look_or_neither(
    job: Job, status: str, unkept: bool, expected: str
) -> None:
    Rendition.objects.create(job=job, state="expired" if unkept else "stored", **WHOLE)
    Job.objects.filter(pk=job.pk).update(status=status)
    found = {
        "ready": Job.objects.ready().exists(),
        "attention": Job.objects.needing_attention().exists(),
    }
    assert [name for name, is_there in found.items() if is_there] == (
        [expected] if expected else []
    )
    counts = Job.objects.counts()
    assert [name for name in ("ready", "attention") if counts[name]] == (
        [expected] if expected else []
    )
