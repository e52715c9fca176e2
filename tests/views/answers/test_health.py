"""What monitors ask, without a login."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.test import Client

from jobs.models import Belongings, Heartbeat, Job, Rendition, User
from jobs.times import clock
from jobs.urls import urlpatterns
from jobs.views.monitors import health
from jobs.views.monitors.health import PROBES
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

PATHS = [f"/{name}" for name in PROBES]


class Broken:
    """A database that has gone away."""

    def __call__(self, *_: object) -> None:
        raise OperationalError("server closed the connection")


@pytest.fixture
def at_work(db: None) -> None:
    """A worker and a follower that showed just now that they work."""
    for part in Heartbeat.Part:
        Heartbeat.objects.create(part=part, process="here:1")


@pytest.mark.parametrize("path", PATHS)
def test_an_installation_at_work_is_well(client: Client, path: str, at_work: None) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_asking_makes_no_session(client: Client, path: str) -> None:
    client.get(path)
    assert not client.cookies


def test_alive_does_not_depend_on_the_database(client: Client) -> None:
    with connection.execute_wrapper(Broken()):
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/readyz", "/statusz"])
def test_without_a_database_it_is_not_ready(client: Client, path: str) -> None:
    client.get(path)
    with connection.execute_wrapper(Broken()):
        answer = client.get(path)
    assert (answer.status_code, answer.json()) == (503, {"database": False})


def test_with_migrations_before_it_it_is_not_ready(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(health, "_found_prepared", [False])
    rows = MigrationRecorder.Migration.objects.filter(app="jobs")
    done = list(rows)
    rows.delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, False)
    MigrationRecorder.Migration.objects.bulk_create(done)
    assert client.get("/readyz").json() == {"database": True, "migrations": True}


def test_pages_can_be_served_whatever_workers_and_followers_do(client: Client, alice: User) -> None:
    factories.job(alice)
    Job.objects.update(wake_at=clock.after(-4000), check_at=clock.after(-4000))
    assert [client.get(path).status_code for path in PATHS] == [200, 200, 503]


def test_work_that_nobody_takes_up_is_told(client: Client, alice: User, at_work: None) -> None:
    factories.job(alice)
    Job.objects.update(wake_at=clock.after(-610))
    answer = client.get("/statusz")
    assert (answer.status_code, answer.json()["queue"]) == (503, False)


def test_a_file_that_nobody_fetches_is_told(client: Client, alice: User, at_work: None) -> None:
    factories.film(alice)
    Rendition.objects.update(state="waiting", try_at=clock.after(-610))
    assert client.get("/statusz").json()["queue"] is False


def test_questions_that_nobody_asks_are_told(client: Client, alice: User, at_work: None) -> None:
    factories.job(alice)
    Job.objects.update(status="running", external_id="task-1", check_at=clock.after(-130))
    assert client.get("/statusz").json()["queue"] is False


def test_a_question_that_breaks_each_time_is_told_until_it_is_answered(
    client: Client,
    admin_client: Client,
    alice: User,
    provider: Wire,
    at_work: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = factories.job(alice)
    Job.objects.update(status="running", external_id="task-1", check_at=clock.after(-1))
    provider.answer(json=kie.running(), always=True)
    with monkeypatch.context() as patch:
        patch.setattr("jobs.lifecycle.observe", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            drain_queue()
        Job.objects.update(unasked_since=F("unasked_since") - timedelta(seconds=130))
    assert client.get("/statusz").json()["queue"] is False
    assert "Overdue 1 broken question" in text(admin_client.get("/team/system/"))
    Job.objects.filter(pk=job.pk).update(check_at=clock.after(-1))
    drain_queue()
    assert client.get("/statusz").json()["queue"] is True
    assert "Overdue nothing" in text(admin_client.get("/team/system/"))


def test_work_that_is_just_due_is_no_alarm(client: Client, alice: User, at_work: None) -> None:
    factories.job(alice)
    Job.objects.update(wake_at=clock.after(-60), check_at=clock.after(-60))
    parts = ("database", "follower", "worker", "queue", "disk")
    assert client.get("/statusz").json() == dict.fromkeys(parts, True)


@pytest.mark.parametrize(
    ("silent", "told"),
    [("worker", {"follower": True, "worker": False}), ("follower", {"follower": False})],
)
def test_a_part_that_is_silent_for_a_minute_is_told(
    silent: str, told: dict[str, bool], client: Client, at_work: None
) -> None:
    Heartbeat.objects.filter(part=silent).update(beat_at=clock.after(-61))
    answer = client.get("/statusz")
    assert answer.status_code == 503
    assert told.items() <= answer.json().items()


def test_a_worker_is_not_blamed_for_a_follower_that_died_before_it_could_ask(
    client: Client, at_work: None
) -> None:
    Heartbeat.objects.filter(part="worker").update(beat_at=clock.after(-65))
    Heartbeat.objects.filter(part="follower").update(beat_at=clock.after(-40))
    answer = client.get("/statusz")
    assert (answer.status_code, answer.json()["worker"]) == (503, None)


def test_a_disk_that_is_not_mounted_is_told(client: Client, at_work: None) -> None:
    Belongings.objects.update_or_create(pk=1, defaults={"nameplate": str(uuid4())})
    assert client.get("/statusz").json()["disk"] is False


def test_what_a_probe_is_told_is_no_line_of_the_log(
    client: Client, caplog: pytest.LogCaptureFixture, db: None
) -> None:
    assert client.get("/statusz").status_code == 503
    assert caplog.records == []


def test_of_workers_that_no_follower_asks_nobody_says_that_they_are_dead(client: Client) -> None:
    assert client.get("/statusz").json()["worker"] is None


@pytest.mark.parametrize(
    "name", ["10.42.0.17:8000", "[fd00::17]", "localhost", "dailies-7f9c.pod", "_"]
)
@pytest.mark.parametrize("path", PATHS)
def test_a_probe_is_answered_whatever_name_it_asks_by(
    path: str, name: str, settings: Any, at_work: None
) -> None:
    settings.ALLOWED_HOSTS = ["dailies.example"]
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path, headers={"Host": name}).status_code == 200


def test_nothing_else_is_answered_by_a_name_that_is_not_ours(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["dailies.example"]
    client = Client(headers={"Host": "10.42.0.17:8000"})
    paths = [*("/healthz/", "//healthz", "/readyz/x", "/healthz%20", "/HEALTHZ", "/nothing/here/")]
    paths += [
        f"/{route.pattern}" for route in urlpatterns if str(route.pattern) not in health.BY_ANY_NAME
    ]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 400)


def test_alive_does_not_depend_on_who_asks(alice_client: Client) -> None:
    with connection.execute_wrapper(Broken()):
        assert alice_client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_monitor_only_reads(client: Client, path: str, at_work: None) -> None:
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200
