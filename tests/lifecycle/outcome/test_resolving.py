"""A person finds the id of a job whose answer was lost: attached if the provider proves it."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.models import AuditEvent, Job, User
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.sending import sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def uncertain(provider: Wire, alice: User) -> Job:
    provider.rst()
    return sent(alice)


def paste(who: User, job: Job, external_id: str) -> str:
    answer: Any = factories.signed_in(who).post(
        f"/jobs/{job.pk}/resolve/", {"external_id": external_id}, follow=True
    )
    job.refresh_from_db()
    return str(answer.content.decode())


def test_the_right_id_is_attached_and_noted(provider: Wire, uncertain: Job, alice: User) -> None:
    echo = kie.echo(uncertain.prompt, uncertain.seed)
    provider.answer(json=kie.running("found", **echo))
    page = paste(alice, uncertain, " found ")
    assert (uncertain.status, uncertain.external_id) == ("running", "found")
    assert "as if its answer had never been lost" in page
    noted = AuditEvent.objects.get(action="id attached")
    assert (noted.actor, noted.job) == (alice, uncertain)


@pytest.mark.parametrize("echo", [kie.echo("Another prompt", 33333), kie.echo("", 0)])
def test_the_id_of_another_job_is_refused_with_the_reason(
    provider: Wire, uncertain: Job, alice: User, echo: dict[str, str]
) -> None:
    provider.answer(json=kie.running("foreign", **echo))
    page = paste(alice, uncertain, "foreign")
    assert (uncertain.status, uncertain.external_id) == ("uncertain", "")
    assert "belongs to another video" in page
    assert 'value="foreign"' in page


def test_an_id_that_the_provider_does_not_know_is_refused(
    provider: Wire, uncertain: Job, alice: User
) -> None:
    provider.answer(json=kie.refused(422, "record is null"))
    assert "doesn’t know this ID" in paste(alice, uncertain, "unknown")


def test_what_cannot_be_an_id_is_not_asked_about(
    provider: Wire, uncertain: Job, alice: User
) -> None:
    assert "only letters, digits" in paste(alice, uncertain, "../x y")
    assert len(provider.requests) == 1


def test_where_nothing_can_be_proved_nothing_is_attached(provider: Wire, alice: User) -> None:
    provider.rst()
    job = sent(alice, provider="veo4")
    provider.answer(json={"task_id": "v1", "status": "processing"})
    assert "proves which video an ID belongs to" in paste(alice, job, "v1")
    assert job.status == "uncertain"
