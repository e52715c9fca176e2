"""Longer: the stitched film is the result, and the door to it can shut."""

from __future__ import annotations

from uuid import uuid4

import pytest

from jobs import lifecycle
from jobs.models import Job, User
from jobs.models.jobs.rendition import to_play
from tests.support import kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow
from tests.support.takes import finished

pytestmark = [pytest.mark.django_db, pytest.mark.data]

FILM, SEGMENT = "https://files.example/film.mp4", "https://files.example/segment.mp4"


def extend(source: Job, prompt: str = "And then the sun comes out", model: str = "") -> Job:
    fresh = Job.objects.get(pk=source.pk)
    order = lifecycle.extension_of(fresh, prompt, model or fresh.model)
    return lifecycle.submit(fresh.owner, order, uuid4())


@pytest.mark.parametrize(("model", "price"), [("veo3_fast", 60), ("veo3", 250), ("veo3_lite", 30)])
def test_an_extension_costs_what_its_own_model_costs(alice: User, model: str, price: int) -> None:
    assert extend(finished(alice), model=model).quote == price


def test_the_stitched_film_is_the_result_and_the_segment_is_kept(
    provider: Wire, alice: User
) -> None:
    job = extend(finished(alice, external_id="veo-1"))
    provider.answer(json=kie.accepted("veo-2"), path="extend")
    drain_queue()
    assert provider.posts[0].json["taskId"] == "veo-1"
    response = {"resultUrls": [SEGMENT], "fullResultUrls": [FILM]}
    provider.answer(json=kie.record(1, "veo-2", response=response), path="record-info")
    provider.answer(404, path=".mp4", always=True)
    follow()
    job.refresh_from_db()
    kept = dict(job.renditions.values_list("part", "source_url"))
    assert (job.status, kept) == ("succeeded", {"film": FILM, "segment": SEGMENT})
    file = to_play(job)
    assert file is not None
    assert file.part == "film"


def test_a_lost_answer_to_an_extension_is_never_sent_again(provider: Wire, alice: User) -> None:
    job = extend(finished(alice))
    provider.rst()
    drain_queue()
    follow()
    job.refresh_from_db()
    assert (job.status, len(provider.posts)) == ("uncertain", 1)


def test_an_extension_can_be_extended(alice: User) -> None:
    first = finished(alice)
    second = finished(alice, kind="extend", source_id=str(first.pk))
    assert extend(second).source == second


def test_veo4_extends_through_generate(provider: Wire, alice: User) -> None:
    job = extend(finished(alice, provider="veo4", external_id="veo4-1"), model="veo-4")
    provider.answer(json={"task_id": "veo4-2", "status": "queued"}, path="generate")
    drain_queue()
    assert provider.posts[0].json["extend_task_id"] == "veo4-1"
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("running", "veo4-2")


def test_what_went_through_1080p_is_not_extended(alice: User) -> None:
    source = finished(alice)
    lifecycle.submit(alice, lifecycle.upgrade_of(source, "upgrade_1080p"), uuid4())
    with pytest.raises(lifecycle.NotSubmitted, match="Upgraded to 1080p"):
        extend(source)


def test_a_canceled_1080p_leaves_the_door_open(alice: User) -> None:
    source = finished(alice)
    upgrade = lifecycle.submit(alice, lifecycle.upgrade_of(source, "upgrade_1080p"), uuid4())
    lifecycle.cancel(upgrade, alice)
    assert extend(source).status == "queued"


def test_what_was_made_larger_from_the_start_is_not_extended(alice: User) -> None:
    with pytest.raises(lifecycle.NotSubmitted, match="larger than 720p"):
        extend(finished(alice, resolution="1080p"))


def test_1080p_is_known_to_shut_the_door(alice: User) -> None:
    source = finished(alice)
    assert lifecycle.shuts_the_door(source, "upgrade_1080p")
    assert not lifecycle.shuts_the_door(source, "upgrade_4k")


def test_a_retry_of_an_extension_extends_the_same_video(provider: Wire, alice: User) -> None:
    source = finished(alice, external_id="veo-1")
    job = extend(source)
    provider.answer(json=kie.refused(400, "Your prompt was flagged by Website"), path="extend")
    drain_queue()
    job.refresh_from_db()
    again = lifecycle.retry(job, alice)
    assert (again.kind, again.source, again.prompt) == ("extend", source, job.prompt)
