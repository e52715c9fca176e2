"""A practice provider that starts again goes on with what it was doing when it stopped (100)."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from jobs.practice import Options, PracticeServer
from tests.practice.conftest import QUICK
from tests.practice.kie.test_uploads import PNG
from tests.support import product as products
from tests.support.servers.practice_client import Client
from tests.tools.servers import free_port


def begun(folder: Path, **options: Any) -> PracticeServer:
    return PracticeServer(Options(**{**QUICK, "keep": str(folder), **options}))


def test_what_runs_ends_at_its_time_and_what_has_ended_is_still_there(tmp_path: Path) -> None:
    with begun(tmp_path) as first:
        client = Client(first)
        source = client.finished("A lake")
        running = client.made("A long river [[seconds=1]]", duration=4)
        client.get_1080p(source)
        upgrade = client.upgrade(source, "1080p").file
        longer = client.extended(client.finished("A sea"), "It goes on [[seconds=1]]")
        upload = client.upload(PNG, "a.png").json["data"]["downloadUrl"]
        before = client.record(source).json["data"]
    with begun(tmp_path, port=first.port) as second:
        client = Client(second)
        assert client.record(source).json["data"] == before
        assert client.fetch(upload).body == PNG
        assert client.ended(running)["successFlag"] == 1
        assert client.ended(longer)["successFlag"] == 1
        (film,) = client.ended(running)["response"]["resultUrls"]
        assert client.fetch(film).body[4:8] == b"ftyp"
        assert client.upgrade(source, "1080p").file == upgrade
        assert client.upgraded(source, "1080p").status == 200
        assert len(second.tasks) == 5


def test_it_sends_no_second_callback_and_charges_nothing_twice(tmp_path: Path) -> None:
    with begun(tmp_path) as first:
        client = Client(first)
        client.finished("A lake")
        client.made("A long river [[seconds=60]] [[fail]]")
    with begun(tmp_path) as second:
        charged = [float(task.charged) for task in second.tasks]
        assert charged == [60, 60]
        assert [task.callbacks for task in second.tasks] == [0, 0]
        assert Client(second).credit() == 5000.25 - 60


@pytest.mark.parametrize("record", ["{}", '{"file": 1}', '{"created": 1, "provider": "nobody"}'])
def test_what_cannot_be_read_is_left_out(tmp_path: Path, record: str) -> None:
    with begun(tmp_path) as first:
        known = Client(first).finished("A lake")
    with sqlite3.connect(tmp_path / "book.sqlite3") as rows:
        rows.execute("INSERT INTO task VALUES ('x', ?)", [record])
    rows.close()
    with begun(tmp_path) as second:
        assert [task.id for task in second.tasks] == [known]


def test_what_is_not_to_be_kept_is_not(tmp_path: Path) -> None:
    with PracticeServer(Options(**QUICK)) as first:
        Client(first).finished("A lake")
    with PracticeServer(Options(**QUICK)) as second:
        assert second.tasks == []


def test_a_job_that_runs_when_dailies_is_interrupted_is_finished_by_the_next_start(
    tmp_path: Path,
) -> None:
    ports: dict[str, Any] = {"PORT": free_port(), "PRACTICE_PORT": free_port()}
    var = products.copy_of_prepared(tmp_path / "var")
    with products.started(var, stop=signal.SIGINT, **ports) as first:
        who = first.admin
        first.generate(who, "[[seconds=3]] A long river")
        first.wait_for_task("A long river")
    with products.started(var, **ports) as second:
        second.sessions = first.sessions
        second.settled(who, "succeeded")
        assert len(second.tasks("A long river")) == 1
