"""A private PostgreSQL that can be crashed and started again on the same data."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from tests.tools.servers import (
    STOPS_WITHIN,
    ServerMissing,
    data_folder,
    free_port,
    postgres_programs,
    unprivileged_user,
    wait_until,
)
from tests.tools.soak.machines import product_processes
from tests.tools.soak.machines.small_disk import SmallDisk, small_disk

WAL_MEGABYTES = 96
"""Kept on a small disk, so that it fills by what we do to it alone."""


class Postgres:
    """With the settings it comes with: a crash must lose nothing that was committed."""

    def __init__(self, folder: Path, user: str | None) -> None:
        self.url = f"postgres://dailies@127.0.0.1:{free_port()}/postgres"
        self._folder = folder
        self._user = user
        self._server: subprocess.Popen[bytes] | None = None
        self.disk: SmallDisk | None = None
        """What it lies on, where it has one of its own."""
        initdb = [str(postgres_programs() / "initdb"), "--pgdata", str(folder / "data")]
        initdb += ["--username", "dailies", "--auth", "trust", "--encoding", "UTF8", "--no-locale"]
        subprocess.run(initdb, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        port = self.url.rpartition(":")[2].partition("/")[0]
        command = [str(postgres_programs() / "postgres"), "-D", str(self._folder / "data")]
        command += ["-p", port, "-c", "listen_addresses=127.0.0.1"]
        command += ["-c", "unix_socket_directories=", "-c", "max_connections=200"]
        if self.disk is not None:
            command += ["-c", f"max_wal_size={WAL_MEGABYTES}MB"]
        log = self._folder / "log"
        with log.open("ab") as output:
            self._server = subprocess.Popen(
                command,
                cwd=self._folder,
                user=self._user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is ours to hand on, in order
            )
        wait_until(self._answers, self._server, log)

    def revive(self) -> bool:
        """What a supervisor does: start it again if it ended by itself. Whether it answers now."""
        if self._server is None or self._server.poll() is None:
            return False
        with suppress(ServerMissing):
            self.start()
            return True
        return False

    def family(self) -> list[int]:
        return product_processes.family(self._server.pid) if self._server else []

    def processor_seconds(self) -> float:
        """What the server has used of the processors so far, all its connections together."""
        return product_processes.processor_seconds(self._server.pid) if self._server else 0.0

    def crash(self) -> None:
        """What `pg_ctl stop -m immediate` does: no goodbye, no checkpoint."""
        self._stop(signal.SIGQUIT)

    def stop(self) -> None:
        self._stop(signal.SIGINT)

    def _stop(self, number: signal.Signals) -> None:
        # Nobody's from now on, so that no supervisor takes its end for one of its own.
        server, self._server = self._server, None
        if server is None:
            return
        server.send_signal(number)
        try:
            server.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def postgres(*, disk_megabytes: int = 0) -> Iterator[Postgres]:
    """`disk_megabytes`: the size of a disk of its own, if it is to have one."""
    user = unprivileged_user()
    with ExitStack() as stack:
        folder = stack.enter_context(data_folder(user))
        disk = None
        if disk_megabytes:
            disk = stack.enter_context(small_disk(folder, disk_megabytes, user))
        database = Postgres(folder, user)
        database.disk = disk
        try:
            database.start()
            yield database
        finally:
            database.stop()
