"""Private PostgreSQL, Redis and S3 servers: own data folder, free ports, gone afterwards.

`python -m tests.tools.servers -- COMMAND` runs a command beside both.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

STARTS_WITHIN = 30  # seconds
STOPS_WITHIN = 10  # seconds


class ServerMissing(Exception):
    """The system has no such server, or it does not start."""


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL; gives its DATABASE_URL."""
    programs = postgres_programs()
    user = unprivileged_user()
    with data_folder(user) as folder:
        initdb = [str(programs / "initdb"), "--pgdata", str(folder / "data")]
        initdb += ["--username", "dailies", "--auth", "trust", "--encoding", "UTF8"]
        subprocess.run(
            [*initdb, "--no-locale", "--no-sync"],
            user=user,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        port = free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": "off",  # nothing here outlives the run
            "full_page_writes": "off",
            "synchronous_commit": "off",
        }
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        url = f"postgres://dailies@127.0.0.1:{port}/postgres"

        def answers() -> bool:
            try:
                psycopg.connect(url, connect_timeout=2).close()
            except psycopg.OperationalError:
                return False
            return True

        # SIGINT is PostgreSQL's fast shutdown: SIGTERM would wait for its clients.
        with running(command, folder, answers, stop_with=signal.SIGINT, user=user):
            yield url


class RedisServer:
    """A Redis that can go away, with all that it has, and come back at the same address."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder, self._port = folder, port or free_port()
        self._running, self._pid = ExitStack(), 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def come(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise ServerMissing("There is no redis-server: apt-get install redis-server")
        command = [program, "--bind", "127.0.0.1", "--port", str(self._port)]
        command += ["--dir", str(self._folder), "--save", "", "--appendonly", "no"]
        self._pid = self._running.enter_context(running(command, self._folder, self._answers))

    def go(self) -> None:
        """End it: nobody listens at its address any more."""
        self._running.close()

    def family(self) -> list[int]:
        """Its one process."""
        return [self._pid]

    def _answers(self) -> bool:
        client = Redis(port=self._port)
        try:
            return bool(client.ping())
        except RedisConnectionError:
            return False
        finally:
            client.close()


@contextmanager
def redis_server(port: int = 0) -> Iterator[RedisServer]:
    """A fresh Redis that keeps nothing."""
    with data_folder() as folder:
        server = RedisServer(folder, port)
        server.come()
        try:
            yield server
        finally:
            server.go()


@contextmanager
def redis(port: int = 0) -> Iterator[str]:
    """A fresh Redis that keeps nothing; gives its REDIS_URL."""
    with redis_server(port) as server:
        yield server.url


class BucketServer:
    """A real S3 server, Swift, that can go away and come back with what it has."""

    KEY_ID, SECRET = "test:dailies", "dailies-secret"

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self._running, self._pid = ExitStack(), 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def come(self) -> None:
        """Start it, at the address that it always has."""
        program = Path(__file__).with_name("bucket_server.py")
        words = [str(self._folder), str(self._port), self.KEY_ID.partition(":")[2], self.SECRET]
        command = [swift_python(), "-P", str(program), *words]
        self._pid = self._running.enter_context(running(command, self._folder, self._answers))

    def go(self) -> None:
        """End it: nobody listens at its address any more."""
        self._running.close()

    def family(self) -> list[int]:
        """Its one process."""
        return [self._pid]

    def make(self, bucket: str) -> None:
        """An empty bucket of this name."""
        import boto3  # noqa: PLC0415  # a second to load, and few want it

        client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=self.KEY_ID,
            aws_secret_access_key=self.SECRET,
        )
        client.create_bucket(Bucket=bucket)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=2).close()
        except OSError:
            return False
        return True


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    """A fresh S3 server."""
    swift_python()
    with data_folder() as folder:
        server = BucketServer(folder)
        server.come()
        try:
            yield server
        finally:
            server.go()


def swift_python() -> str:
    """The Python that Debian's Swift is installed for."""
    program = shutil.which("swift-proxy-server")
    if program is None:
        raise ServerMissing("There is no Swift: apt-get install swift-proxy swift-account")
    with Path(program).open(encoding="utf-8") as script:
        return script.readline().removeprefix("#!").strip()


def postgres_programs() -> Path:
    """The newest folder with PostgreSQL's server programs; Debian keeps them off the PATH."""
    on_path = [Path(found).parent] if (found := shutil.which("initdb")) else []
    debian = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda path: float(path.parent.name),
    )
    if not (folders := on_path + debian):
        raise ServerMissing("There is no PostgreSQL server: apt-get install postgresql")
    return folders[-1]


def unprivileged_user() -> str | None:
    """Who runs PostgreSQL, which refuses to be root; None for whoever we are."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def data_folder(user: str | None = None) -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="dailies-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    answers: Callable[[], bool],
    *,
    stop_with: signal.Signals = signal.SIGTERM,
    user: str | None = None,
) -> Iterator[int]:
    """Runs a server until the block ends, however it ends; gives its number."""
    log = folder / "log"
    with stopping_on_sigterm(), log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=folder,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is ours to hand on, in order
        )
        try:
            wait_until(answers, server, log)
            yield server.pid
        finally:
            server.send_signal(stop_with)
            try:
                server.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_until(answers: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while not answers():
        if server.poll() is not None or time.monotonic() > deadline:
            raise ServerMissing(f"{server.args!r} does not answer:\n{log.read_text()}")
        time.sleep(0.05)


@contextmanager
def stopping_on_sigterm() -> Iterator[None]:
    """Turns SIGTERM into SystemExit, so that `finally` runs; only the main thread may."""
    if not _may_set_signals():
        yield
        return

    def leave(signum: int, _frame: object) -> None:
        raise SystemExit(128 + signum)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        # What one thread began, another one may end.
        if _may_set_signals():
            signal.signal(signal.SIGTERM, before)


def _may_set_signals() -> bool:
    return threading.current_thread() is threading.main_thread()
