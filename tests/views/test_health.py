"""What monitors ask, without a login."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from jobs import clock
from jobs.models import Job, User
from jobs.urls import urlpatterns
from jobs.views.health import PROBES
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


class Broken:
    """A database that has gone away."""

    def __call__(self, *_: object) -> None:
        raise OperationalError("server closed the connection")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_fresh_installation_is_well(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_asking_makes_no_session(client: Client, path: str) -> None:
    client.get(path)
    assert not client.cookies


def test_alive_does_not_depend_on_the_database(client: Client) -> None:
    with connection.execute_wrapper(Broken()):
        assert client.get("/healthz").status_code == 200


def test_without_a_database_it_is_not_ready(client: Client) -> None:
    with connection.execute_wrapper(Broken()):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": False})


def test_work_that_nobody_takes_up_is_told(client: Client, alice: User) -> None:
    factories.job(alice)
    Job.objects.update(wake_at=clock.after(-130))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["worker"]) == (503, False)


def test_questions_that_nobody_asks_are_told(client: Client, alice: User) -> None:
    factories.job(alice)
    Job.objects.update(status="running", external_id="task-1", check_at=clock.after(-130))
    assert client.get("/readyz").status_code == 503


def test_work_that_is_just_due_is_no_alarm(client: Client, alice: User) -> None:
    factories.job(alice)
    Job.objects.update(wake_at=clock.after(-60), check_at=clock.after(-60))
    assert client.get("/readyz").json() == {"database": True, "worker": True}


@pytest.mark.parametrize(
    "name", ["10.42.0.17:8000", "[fd00::17]", "localhost", "dailies-7f9c.pod", "_"]
)
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_is_answered_whatever_name_it_asks_by(path: str, name: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["dailies.example"]
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path, headers={"Host": name}).status_code == 200


def test_nothing_else_is_answered_by_a_name_that_is_not_ours(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["dailies.example"]
    client = Client(headers={"Host": "10.42.0.17:8000"})
    paths = [*("/healthz/", "//healthz", "/readyz/x", "/healthz%20", "/HEALTHZ", "/nothing/here/")]
    paths += [f"/{route.pattern}" for route in urlpatterns if str(route.pattern) not in PROBES]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 400)


def test_alive_does_not_depend_on_who_asks(alice_client: Client) -> None:
    with connection.execute_wrapper(Broken()):
        assert alice_client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_monitor_only_reads(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200
