"""What monitors are told: true figures of all processes, to who has the token, in words of ours."""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from jobs import ledger
from jobs.machine import measures
from jobs.models import Credential, Heartbeat, Job, Rendition, User
from jobs.times import clock
from jobs.vitals import gauges
from tests import ROOT
from tests.operations.running.test_database_gone import _well, away
from tests.support import factories, kie
from tests.support.answers.callbacks import post
from tests.support.fakes import Wire
from tests.support.running import drain_queue

__all__ = ["_well"]

pytestmark = [pytest.mark.django_db, pytest.mark.data]

TOKEN = "canary-of-the-one-who-measures"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def _on(settings: Any) -> Iterator[None]:
    settings.METRICS_TOKEN = TOKEN
    gauges.STANDING.forget()
    yield
    gauges.STANDING.forget()


def scrape(token: str = TOKEN) -> Any:
    return Client(headers={"Authorization": f"Bearer {token}"}).get("/metrics")


def figures() -> Figures:
    """All that a scrape tells, looked up anew."""
    gauges.STANDING.forget()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(scrape().content.decode())
        for sample in family.samples
    }


def figure(found: Figures, name: str, **labels: str) -> float:
    return found.get((f"dailies_{name}", tuple(sorted(labels.items()))), 0)


# ── Who may read it ──────────────────────────────────────────────────────────
def test_without_a_token_of_its_own_there_is_nothing(admin_client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert [each.status_code for each in (scrape(""), scrape(), admin_client.get("/metrics"))] == [
        404
    ] * 3


def test_who_has_another_token_learns_nothing_and_neither_is_logged(
    admin_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for answer in (scrape("canary-of-another-who-guesses"), admin_client.get("/metrics")):
        assert (answer.status_code, answer.content) == (401, b"")
    assert scrape().status_code == 200
    assert "canary" not in caplog.text


# ── What the rows say ────────────────────────────────────────────────────────
def test_how_things_stand_is_told(alice: User, bob: User, key: Credential) -> None:
    factories.job(bob)
    Job.objects.update(created_at=clock.after(-700), wake_at=clock.after(-650))
    factories.film(alice)
    Rendition.objects.update(state="waiting", try_at=clock.after(600))
    Heartbeat.objects.create(part="worker", process="here:1", beat_at=clock.after(-30))
    since = clock.after(-1000)
    Credential.objects.filter(pk=key.pk).update(unreachable_since=since, probe_at=since)
    ledger.check()
    found = figures()
    assert figure(found, "jobs", status="queued") == 1
    assert figure(found, "jobs", status="running") == 0
    assert 700 <= figure(found, "oldest_job_seconds", status="queued") < 760
    assert figure(found, "overdue", what="orders") == 1
    assert figure(found, "films_to_fetch") == 1
    assert 30 <= figure(found, "heartbeat_age_seconds", part="worker") < 90
    assert figure(found, "part_up", part="worker") == 1
    assert figure(found, "part_up", part="follower") == 0
    assert figure(found, "circuit_open_seconds", provider="kie") >= 1000
    assert figure(found, "keys", provider="kie", state="ready") == 2
    assert figure(found, "ledger_mismatches") == 0
    assert 0 <= figure(found, "ledger_check_age_seconds") < 60
    assert figure(found, "disk_free_bytes", place="var") > 0
    assert figure(found, "database_up") == 1


def test_however_many_ask_the_database_is_asked_once_in_some_seconds(alice: User) -> None:
    with CaptureQueriesContext(connection) as first:
        scrape()
    with CaptureQueriesContext(connection) as second:
        scrape()
    assert (0 < len(first) <= 20, len(second)) == (True, 0)


@pytest.mark.django_db(transaction=True)
def test_without_a_database_that_itself_is_told() -> None:
    with away():
        found = figures()
    assert (figure(found, "database_up"), ("dailies_jobs", ()) in found) == (0, False)


# ── What happened in the processes ───────────────────────────────────────────
def test_what_happens_is_counted_in_words_of_ours_alone(
    provider: Wire, alice: User, alice_client: Client
) -> None:
    before = figures()
    provider.answer(json=kie.accepted())
    job = factories.job(alice, prompt="canary of a prompt")
    drain_queue()
    for path in ("/", f"/jobs/{job.pk}/", "/canary/of/a/scanner/"):
        alice_client.get(path)
    post(alice_client, kie.callback_path(provider), kie.callback())
    post(alice_client, "/webhooks/kie/canary/")
    post(alice_client, "/webhooks/canary/canary/")
    after = figures()

    def more(name: str, **labels: str) -> float:
        return figure(after, name, **labels) - figure(before, name, **labels)

    assert more("request_seconds_count", view="studio") == 1
    assert more("requests_total", view="job", status="2xx") == 1
    assert more("requests_total", view="none", status="4xx") == 1
    assert more("provider_seconds_count", provider="kie", call="order", outcome="ok") == 1
    assert more("callbacks_total", provider="kie", outcome="taken") == 1
    assert more("callbacks_total", provider="kie", outcome="unknown") == 1
    assert more("job_moves_total", status="running") == 1
    told = scrape().content.decode()
    for word in ("canary", "alice", str(job.pk), "task-1"):
        assert word not in told, word


def test_all_processes_count_together_also_those_that_ended(settings: Any) -> None:
    def counted() -> float:
        return figure(figures(), "job_moves_total", status="lost")

    folder, before = Path(settings.METRICS_DIR), counted()
    measures.moved("lost")
    files = len(list(folder.iterdir()))
    for _ in range(5):
        if (child := os.fork()) == 0:
            measures.moved("lost")
            measures.moved("lost")
            os._exit(0)
        os.waitpid(child, 0)
    assert counted() - before == 11
    # Each went on where the one before it had ended.
    assert len(list(folder.iterdir())) - files <= 3


def test_a_full_disk_stops_the_counting_and_nothing_else(
    alice_client: Client,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    settings.METRICS_DIR = tmp_path / "metrics"
    monkeypatch.setattr(measures, "_place", measures._Place())
    monkeypatch.setattr(os, "posix_fallocate", full)
    assert [alice_client.get("/").status_code for _ in range(2)] == [200, 200]
    told = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert len(told) == 1
    assert "No space left" in told[0].getMessage()


# ── What monitors make of it ─────────────────────────────────────────────────
def test_every_figure_that_an_alert_names_is_told() -> None:
    ledger.check()
    gauges.STANDING.forget()
    told = set(re.findall(r"^# TYPE (\w+)", scrape().content.decode(), re.MULTILINE))
    for metric in measures._registry.collect():
        told |= {f"{metric.name}{end}" for end in ("_total", "_bucket", "_count", "_sum")}
    rules = (ROOT / "docs/prometheus-alerts.yml").read_text()
    named = set(re.findall(r"\bdailies_\w+", rules))
    assert len(named) > 10
    assert named - told == set()
