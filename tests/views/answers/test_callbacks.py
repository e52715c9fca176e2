"""The way of a callback through the server: short, and by no page of people's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import inbox
from jobs.models import Job
from tests.support import kie
from tests.support.answers.callbacks import job, post, signed
from tests.support.fakes import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.data]

__all__ = ["job", "signed"]  # the fixtures that tests here ask for by name


@pytest.fixture
def path(provider: Wire, job: Job) -> str:
    return kie.callback_path(provider)


@pytest.mark.usefixtures("signed")
def test_nobody_asks_who_is_signed_in(alice_client: Client, path: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert post(alice_client, path).status_code == 401
    assert [each["sql"] for each in queries if "session" in each["sql"]] == []


def test_it_is_one_question_and_two_changes(client: Client, path: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = post(client, path)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "18")
    begun = [each["sql"].split()[0] for each in queries]
    assert [each for each in begun if each not in ("BEGIN", "SAVEPOINT", "RELEASE")] == [
        *("SELECT", "INSERT", "UPDATE")
    ]


def test_it_is_heard_by_our_own_name_alone(client: Client, path: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["dailies.example"]
    assert post(client, path, headers={"host": "other.example"}).status_code == 400
    assert post(client, path, headers={"host": "dailies.example"}).status_code == 200


def test_what_goes_wrong_with_it_is_an_error_of_ours(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(inbox, "receive")
    answer = post(Client(raise_request_exception=False), path)
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.content.decode()


def test_no_address_beside_those_of_callbacks_is_one(client: Client) -> None:
    for address in ("/webhooks/", "/webhooks/kie/", "/webhooks/kie/a/b/"):
        assert client.post(address).status_code == 404
