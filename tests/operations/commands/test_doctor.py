"""`manage.py doctor`: what whoever has the first real key runs, and may send to us as it is."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from jobs.models import Credential, User
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.takes import finished

pytestmark = [pytest.mark.django_db, pytest.mark.data]

BALANCE = {"code": 200, "msg": "success", "data": 5916.25}


@pytest.fixture(autouse=True)
def answers(provider: Wire, settings: Any) -> Wire:
    """A kie.ai that answers every free question; nobody calls back."""
    settings.CALLBACK_BASE = ""
    link = f"{provider.url}/uploads/a.png"
    provider.answer(json=BALANCE, path="/api/v1/chat/credit", always=True)
    provider.answer(
        json={"code": 200, "msg": "success", "data": {"downloadUrl": link}},
        path="/api/file-stream-upload",
        always=True,
    )
    provider.answer(
        json={"code": 200, "msg": "success", "data": link},
        path="/api/v1/common/download-url",
        always=True,
    )
    return provider


def printed(wire: Wire) -> str:
    """All that it prints; to what nothing was said of, the provider answers 404."""
    wire.answer(404, json={"code": 404}, path="/", always=True)
    out = StringIO()
    call_command("doctor", stdout=out)
    return out.getvalue()


def test_what_is_as_the_contracts_say_is_said(answers: Wire, alice: User) -> None:
    text = printed(answers)
    for line in (
        "ok       clock of the database: ",
        "ok       kie.ai: key 1 of 1: works; its balance is not empty",
        "ok       kie.ai: upload: a link at 127.0.0.1",
        "unknown  veo4api.net: key 1 of 1: this provider tells no balance",
        "unknown  callbacks: PUBLIC_URL isn’t set",
        "unknown  kie.ai: records of Veo 3.1 Fast: no finished video to ask about",
    ):
        assert line in text


def test_nothing_that_costs_is_sent(answers: Wire, alice: User) -> None:
    finished(alice)
    printed(answers)
    paid = ("/generate", "/extend", "/createTask", "video")
    assert [seen.path for seen in answers.requests if seen.path.endswith(paid)] == []


def test_the_records_of_finished_videos_are_counted_by_what_they_carry(
    answers: Wire, alice: User
) -> None:
    job = finished(alice, external_id="task-1")
    told = kie.succeeded(f"{answers.url}/a.mp4", **kie.echo(job.prompt, job.seed))
    answers.answer(json=told, path="/api/v1/veo/record-info", always=True)
    line = next(line for line in printed(answers).splitlines() if "records of Veo 3.1 Fast" in line)
    assert line.startswith("ok ")
    for said in ("a film 1/1", "the seed as sent 1/1", "the charge 0/1"):
        assert said in line


def test_what_differs_from_the_contracts_is_said(answers: Wire, alice: User) -> None:
    finished(alice, external_id="task-1")
    told = kie.succeeded(f"{answers.url}/a.mp4")
    answers.forget()
    answers.answer(json=told, path="/api/v1/veo/record-info", always=True)
    answers.answer(json=kie.refused(401), path="/api/v1/chat/credit", always=True)
    link = {"downloadUrl": "https://elsewhere.example/a.png"}
    answers.answer(json={"code": 200, "data": link}, path="/api/file-stream-upload", always=True)
    text = printed(answers)
    assert "differs  kie.ai: key 1 of 1: refused (key-rejected" in text
    assert "differs  kie.ai: upload: a link at elsewhere.example" in text
    assert "differs  kie.ai: records of Veo 3.1 Fast: a film 1/1, the prompt as sent 0/1" in text


def test_a_key_of_another_machine_is_told_apart(answers: Wire, alice: User) -> None:
    Credential.objects.filter(owner=alice, provider="kie").update(sealed_key="gAAAAABspoilt")
    assert "key 1 of 1: the CREDENTIAL_KEYS of this machine do not open it" in printed(answers)


def test_no_secret_is_in_what_it_prints(answers: Wire, alice: User) -> None:
    job = finished(alice, prompt="A secret campaign", external_id="task-secret")
    told = kie.succeeded(f"{answers.url}/a.mp4", "task-secret", **kie.echo(job.prompt, job.seed))
    answers.answer(json=told, path="/api/v1/veo/record-info", always=True)
    text = printed(answers)
    for secret in (factories.CANARY_KEY, "campaign", "task-secret", str(job.seed), "alice"):
        assert secret not in text
