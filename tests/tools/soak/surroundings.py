"""A data folder, a database, and the whole product running on them beside the practice provider."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests import ROOT
from tests.support.product import environment
from tests.tools.servers import data_folder, stopping_on_sigterm
from tests.tools.soak.database import Postgres, postgres
from tests.tools.soak.faults import SHARE, UPLOAD_FAULTS
from tests.tools.soak.product_processes import Process

SECONDS = 2
"""How long the practice provider takes for a video."""
ACCOUNTS = 8
"""At each provider; one key more than that, since two people share an account."""


@dataclass
class Stage:
    """What runs."""

    folder: Path
    environment: dict[str, str]
    database: Postgres | None
    """None on SQLite."""
    web: Process
    worker: Process
    follower: Process
    practice: Process

    def services(self) -> dict[str, Process]:
        """What a supervisor keeps running."""
        return {"web": self.web, "worker": self.worker, "follower": self.follower}

    def provider_state(self) -> dict[str, Any]:
        """All that the practice provider knows."""
        port = self.environment["PRACTICE_PORT"]
        answer = requests.get(f"http://127.0.0.1:{port}/practice/state.json", timeout=60)
        answer.raise_for_status()
        state: dict[str, Any] = answer.json()
        return state


def key_of(provider: str, number: int) -> str:
    return f"soak-{provider}-key-{number}"


def account_of(provider: str, number: int, accounts: int = ACCOUNTS) -> str:
    """The provider's account of the person with that number: the last shares the first one's."""
    return f"{provider}-{number % accounts}"


@contextmanager
def stage(
    *,
    sqlite: bool,
    seconds: float = SECONDS,
    accounts: int = ACCOUNTS,
    fault_rate: float = SHARE,
) -> Iterator[Stage]:
    """`seconds`: that the practice provider takes for a video; `accounts`: at each provider."""
    with ExitStack() as stack:
        stack.enter_context(stopping_on_sigterm())
        folder = stack.enter_context(data_folder())
        database = None if sqlite else stack.enter_context(postgres())
        settings: dict[str, Any] = {"Q_WORKERS": 4, "MEDIA_FREE_BYTES_MIN": 0}
        if database is not None:
            settings["DATABASE_URL"] = database.url
        env = environment(folder, **settings)
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=env, check=True)
        played = Stage(
            folder,
            env,
            database,
            web=Process("web", _web(), env),
            worker=Process("worker", ("manage.py", "work"), env),
            follower=Process("follower", ("manage.py", "follow"), env),
            practice=Process(
                "practice", _practice(env["PRACTICE_PORT"], seconds, accounts, fault_rate), env
            ),
        )
        for process in (played.practice, played.web, played.worker, played.follower):
            stack.callback(process.stop)
            process.start()
        played.practice.wait_until(lambda: _is_there(env["PRACTICE_PORT"], "/"))
        played.web.wait_until(lambda: _is_there(env["PORT"], "/healthz"))
        yield played


def _web() -> tuple[str, ...]:
    return ("-m", "gunicorn", "veo_site.wsgi", "-c", "veo_site/gunicorn.py")


def _practice(port: str, seconds: float, accounts: int, fault_rate: float) -> tuple[str, ...]:
    command = ["-m", "jobs.practice", "--port", port, "--reuse-films", "--fps", "2"]
    command += ["--seconds", str(seconds), "--queue-seconds", "0.5", "--balance", "1000000"]
    for provider in ("kie", "veo4"):
        for number in range(accounts + 1):
            key = f"{key_of(provider, number)}@{account_of(provider, number, accounts)}"
            command += [f"--{provider}-key", key]
    for fault in UPLOAD_FAULTS:
        command += ["--fault", fault]
    return (*command, "--fault-rate", str(fault_rate))


def _is_there(port: str, path: str) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=5).ok
    except requests.RequestException:
        return False
