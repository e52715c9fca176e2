"""Data folders, a database, and the whole product running on them beside the practice provider."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import requests
from cryptography.fernet import Fernet

from tests import ROOT
from tests.support.product import environment
from tests.tools.servers import (
    BucketServer,
    RedisServer,
    bucket_server,
    data_folder,
    redis_server,
    stopping_on_sigterm,
)
from tests.tools.soak.faults import SHARE, UPLOAD_FAULTS
from tests.tools.soak.machines.database import Postgres, postgres
from tests.tools.soak.machines.product_processes import Process
from tests.tools.soak.machines.small_disk import SmallDisk, small_disk

SECONDS = 2
"""How long the practice provider takes for a video."""
SMALL_MEGABYTES = {"machine": 256, "database": 400}
"""Of the disks that can be filled."""
ACCOUNTS = 8
"""At each provider; one key more than that, since two people share an account."""


class Machine:
    """A web, a worker and a follower on a data folder of their own."""

    def __init__(self, environment: dict[str, str], disk: SmallDisk | None = None) -> None:
        self.environment = environment
        self.disk = disk
        """What that folder lies on, where it has one of its own."""
        self.folder = Path(environment["VAR_DIR"])

    @cached_property
    def services(self) -> dict[str, Process]:
        """What a supervisor keeps running here."""
        commands = {
            "web": ("-m", "gunicorn", "veo_site.wsgi", "-c", "veo_site/gunicorn.py"),
            "worker": ("manage.py", "work"),
            "follower": ("manage.py", "follow"),
        }
        return {
            name: Process(name, command, self.environment) for name, command in commands.items()
        }

    def prepare(self) -> None:
        command = [sys.executable, "manage.py", "prepare"]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['PORT']}"

    def kill(self) -> None:
        """All of it at once, as where its power fails."""
        for process in self.services.values():
            process.kill()

    def start(self) -> None:
        for process in self.services.values():
            process.start()

    def is_up(self) -> bool:
        return _is_there(self.environment["PORT"], "/healthz")


@dataclass
class Stage:
    """What runs."""

    machines: list[Machine]
    database: Postgres | None
    """None on SQLite."""
    bucket: BucketServer | None
    """None where films lie on the disk of the one machine."""
    redis: RedisServer | None
    """None where the database carries the wake-ups."""
    practice: Process

    @property
    def environment(self) -> dict[str, str]:
        """That of the first machine."""
        return self.machines[0].environment

    @property
    def urls(self) -> list[str]:
        """Where each machine serves pages."""
        return [machine.url for machine in self.machines]

    def services(self) -> dict[str, Process]:
        """What a supervisor keeps running, by its name and its machine's number."""
        numbered = enumerate(self.machines, 1)
        several = len(self.machines) > 1
        named = chain.from_iterable(
            ((f"{name} {number}" if several else name, process) for name, process in services)
            for number, services in ((n, machine.services.items()) for n, machine in numbered)
        )
        return dict(named)

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
    machines: int = 1,
    outages: bool = False,
    **settings: Any,
) -> Iterator[Stage]:
    """`seconds`: that the practice provider takes for a video; `accounts`: at each provider;
    `machines`: each with a data folder of its own. Several keep their films in a bucket. `outages`:
    with everything that can be away: a Redis and a bucket too unless on SQLite, and disks that can
    be filled.
    `settings` of the product's own, besides.
    """
    with ExitStack() as stack:
        stack.enter_context(stopping_on_sigterm())
        sizes = SMALL_MEGABYTES if outages else {}
        disk = sizes.get("database", 0)
        database = None if sqlite else stack.enter_context(postgres(disk_megabytes=disk))
        # On SQLite as it is on one machine: its file is all there is, and carries the wake-ups.
        servers = outages and not sqlite
        bucket = stack.enter_context(bucket_server()) if machines > 1 or servers else None
        redis = stack.enter_context(redis_server()) if servers else None
        shared: dict[str, Any] = {"Q_WORKERS": 4, "MEDIA_FREE_BYTES_MIN": 0, **settings}
        if database is not None:
            shared["DATABASE_URL"] = database.url
        if bucket is not None:
            shared |= _kept_in(bucket)
        if redis is not None:
            shared["REDIS_URL"] = redis.url
        together = []
        for _ in range(machines):
            machine = stack.enter_context(_machine(shared, sizes.get("machine", 0)))
            shared["PRACTICE_PORT"] = machine.environment["PRACTICE_PORT"]
            together.append(machine)
        first = together[0]
        for machine in together:
            machine.prepare()
        command = _practice(shared["PRACTICE_PORT"], seconds, accounts, fault_rate)
        practice = Process("practice", command, first.environment)
        played = Stage(together, database, bucket, redis, practice)
        for process in (practice, *played.services().values()):
            stack.callback(process.stop)
            process.start()
        practice.wait_until(lambda: _is_there(shared["PRACTICE_PORT"], "/"))
        for machine in together:
            machine.services["web"].wait_until(machine.is_up)
        yield played


@contextmanager
def _machine(shared: dict[str, Any], disk_megabytes: int) -> Iterator[Machine]:
    with data_folder() as folder, ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder, disk_megabytes)) if disk_megabytes else None
        variables = environment(folder, **shared)
        if "REDIS_URL" in shared:
            variables["Q_BROKER"] = "redis"
        yield Machine(variables, disk)


def _kept_in(bucket: BucketServer) -> dict[str, str]:
    """The settings of machines that share a database: one bucket, and the same secrets."""
    bucket.make("films")
    return {
        "STORAGE_URL": f"s3://films/dailies?endpoint={bucket.url}",
        "STORAGE_KEY_ID": bucket.KEY_ID,
        "STORAGE_SECRET": bucket.SECRET,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
    }


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
