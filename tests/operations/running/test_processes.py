"""Starting, stopping and locking down an installation."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from jobs.management import priority
from jobs.management.priority import BEHIND_PAGES
from tests import ROOT
from tests.support import product as products
from tests.tools import servers
from veo_site.configuration import secrets_file

LOCKS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
PROC = Path("/proc")
PRODUCT = os.environ | {"DJANGO_SETTINGS_MODULE": "veo_site.settings"}  # not the tests' own

needs_proc = pytest.mark.skipif(
    not (PROC / "self" / "environ").exists(), reason="finds its processes through /proc"
)


# ── Secrets ──────────────────────────────────────────────────────────────────
def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    var = tmp_path / "var"
    secrets_file.ensure(var)
    made = {path: path.read_text() for path in var.iterdir()}
    secrets_file.ensure(var)

    assert {path.name for path in made} == {"secret_key", "credential_keys"}
    assert {path: path.read_text() for path in var.iterdir()} == made
    assert var.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}


def test_processes_that_start_together_agree_on_the_secrets(tmp_path: Path) -> None:
    def make_and_read(_: int) -> str | None:
        secrets_file.ensure(tmp_path / "var")
        return secrets_file.read(tmp_path / "var", "CREDENTIAL_KEYS")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make_and_read, range(32)))) == 1


def test_a_secret_that_was_never_made_reads_as_none(tmp_path: Path) -> None:
    assert secrets_file.read(tmp_path, "SECRET_KEY") is None


@pytest.mark.parametrize("name", ["SECRET_KEY", "CREDENTIAL_KEYS"])
def test_production_refuses_to_start_without_its_own(name: str, tmp_path: Path) -> None:
    given = {"SECRET_KEY": "s" * 60, "CREDENTIAL_KEYS": "k" * 44, name: ""}
    environment = PRODUCT | given | {"VAR_DIR": str(tmp_path), "DAILIES_LOCAL": ""}

    refused = manage("check", environment)

    assert refused.returncode != 0
    assert f"{name} is not set" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_made_is_anybody_elses_to_read() -> None:
    var = products.prepared()
    made = [var, *var.rglob("*")]
    assert len(made) > 100
    assert [str(path) for path in made if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    ("proxy", "modes"), [("", ["0o700", "0o600"]), ("nginx", ["0o750", "0o640"])]
)
def test_a_proxy_that_sends_films_reads_them_by_their_group(
    proxy: str, modes: list[str], tmp_path: Path
) -> None:
    code = """if True:
        import django; django.setup()
        from jobs.archive.kept import files
        with files.put("ab/film.mp4") as part:
            part.write_bytes(b"film")
        with files.local("ab/film.mp4") as path:
            print([oct(each.stat().st_mode & 0o777) for each in (path.parent, path)])
    """
    media = {"SENDFILE": proxy, "MEDIA_ROOT": str(tmp_path / "media")}
    said = run("-c", code, environment=installation(tmp_path / "var") | media)
    assert said.stdout.strip() == str(modes), said.stderr


# ── HSTS ─────────────────────────────────────────────────────────────────────
HSTS = {
    "": (31_536_000, False, False),
    "subdomains": (31_536_000, True, False),
    "preload": (31_536_000, True, True),
    "off": (0, False, False),
}


@pytest.mark.parametrize("chosen", HSTS)
def test_browsers_are_told_of_other_hosts_by_a_setting_alone(chosen: str, tmp_path: Path) -> None:
    code = """if True:
        from veo_site import settings as s
        print((s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD))
    """
    env = installation(tmp_path) | {"PUBLIC_URL": "https://dailies.example", "HSTS": chosen}
    assert run("-c", code, environment=env).stdout.strip() == str(HSTS[chosen])


# ── Locked requirements ──────────────────────────────────────────────────────
@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_names_no_host_and_no_place_on_a_disk(lock: Path) -> None:
    assert not re.search(r"://|--index-url|--find-links|--trusted-host| @ |^[./]", lock.read_text())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_one_version_and_hashes(lock: Path) -> None:
    packages = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", lock.read_text(), flags=re.MULTILINE))
    for package in packages:
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+ ", package)
        assert "--hash=sha256:" in package


def test_the_locks_hold_all_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"]
    tools = project["dependency-groups"]["dev"]
    runtime, development = (
        set(re.findall(r"^([\w-]+)", lock.read_text(), re.MULTILINE)) for lock in LOCKS
    )

    assert {name_of(entry) for entry in asked} <= runtime <= development
    assert {name_of(entry) for entry in tools} <= development


def name_of(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ]", requirement)[0]


# ── What operators rely on ───────────────────────────────────────────────────
@pytest.mark.parametrize("command", ["run", "quick", "test", "check", "bench", "lock"])
def test_make_knows_the_command(command: str) -> None:
    assert re.search(rf"^{command}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_setting_that_is_read_stands_in_the_example() -> None:
    code = "".join(path.read_text() for path in (ROOT / "veo_site").rglob("*.py"))
    read = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"|secret\(\"(\w+)\"\)", code))
    names = {name for pair in read for name in pair if name} - {"DAILIES_LOCAL"}
    assert names <= example_settings()


def test_every_setting_of_the_example_is_explained_to_operators() -> None:
    guide = (ROOT / "docs/operating.md").read_text()
    assert {name for name in example_settings() if f"`{name}`" not in guide} == set()


def example_settings() -> set[str]:
    return set(re.findall(r"^#(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


# ── Processes ────────────────────────────────────────────────────────────────
FULL_TREE = 12  # web, worker, follower, practice, their runner, and what these fork at least


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A running installation's environment, with a mark that tells its processes from others.

    Its data folder is as `make run` finds it the second time.
    """
    shutil.copytree(products.prepared(), tmp_path / "var")
    return installation(tmp_path / "var") | {"DAILIES_MARK": uuid.uuid4().hex}


def installation(var: Path) -> dict[str, str]:
    return PRODUCT | {
        "DAILIES_LOCAL": "1",
        "DATABASE_URL": f"sqlite:///{var / 'db.sqlite3'}",
        "HOST": "127.0.0.1",
        "MEDIA_ROOT": str(var / "media"),
        "PORT": str(servers.free_port()),
        "PRACTICE": "true",
        "PRACTICE_PORT": str(servers.free_port()),
        "PUBLIC_URL": "",
        "Q_BROKER": "orm",
        "REDIS_URL": "",
        "VAR_DIR": str(var),
    }


@needs_proc
@pytest.mark.parametrize(
    ("stop", "tasks", "all_at_once"),
    [(signal.SIGINT, 0, False), (signal.SIGTERM, 1, False), (signal.SIGTERM, 1, True)],
    ids=["interrupted while idle", "terminated while working", "each process terminated at once"],
)
def test_the_whole_tree_stops_within_five_seconds_and_leaves_nothing(
    stop: signal.Signals, tasks: int, all_at_once: bool, environment: dict[str, str]
) -> None:
    for _ in range(tasks):
        enqueue(environment, "time.sleep", 60)

    with started("-m", "veo_site.processes", environment=environment) as tree:
        address = f"http://127.0.0.1:{environment['PORT']}"
        assert tree.stdout is not None
        assert tree.stdout.readline().startswith(f"Dailies is ready: {address}")
        wait_for(lambda: len(marked(environment)) >= FULL_TREE)
        time.sleep(1 if tasks else 0)  # long enough for a worker to take it

        asked = time.monotonic()
        for pid in marked(environment) if all_at_once else [tree.pid]:
            os.kill(pid, stop)
        assert tree.wait(10) == 0
        assert time.monotonic() - asked < 5
        assert marked(environment) == set()


@needs_proc
def test_workers_asked_through_their_process_group_finish_what_they_do(
    environment: dict[str, str], tmp_path: Path
) -> None:
    begun, done = tmp_path / "begun", tmp_path / "done"
    task = f"touch {begun} && sleep 2 && touch {done}"
    enqueue(environment, "subprocess.check_call", ["sh", "-c", task])
    with started("manage.py", "work", environment=environment) as work:
        wait_for(begun.exists)
        os.killpg(work.pid, signal.SIGTERM)

        assert work.wait(15) == 0
        assert done.exists()
        assert marked(environment) == set()


@needs_proc
@pytest.mark.parametrize("command", ["work", "follow"])
def test_pages_have_the_processor_before_it(command: str, environment: dict[str, str]) -> None:
    with started("manage.py", command, environment=environment):
        wait_for(lambda: any(gives_way(pid) for pid in marked(environment)))


def test_it_works_all_the_same_where_nobody_may_give_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(_by: int) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "nice", refuse)
    monkeypatch.setattr(priority, "SESSION", tmp_path)
    priority.behind_pages()


@needs_proc
def test_workers_whose_cluster_was_killed_do_not_linger(environment: dict[str, str]) -> None:
    with started("manage.py", "work", environment=environment) as work:
        wait_for(lambda: len(marked(environment)) >= 5)
        (cluster,) = (pid for pid in marked(environment) if parent_of(pid) == work.pid)
        os.kill(cluster, signal.SIGKILL)

        assert work.wait(10) == 1
        wait_for(lambda: marked(environment) == set())


@needs_proc
def test_workers_stop_when_their_parent_was_killed(environment: dict[str, str]) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a process that its parent died")
    with started("manage.py", "work", environment=environment) as work:
        wait_for(lambda: len(marked(environment)) >= 5)
        work.kill()
        wait_for(lambda: marked(environment) == set())


@pytest.mark.parametrize("setting", ["PORT", "PRACTICE_PORT"])
def test_a_taken_port_is_said_plainly(setting: str, environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment[setting]))):
        refused = run("-m", "veo_site.processes", environment=environment)

    assert refused.returncode != 0
    assert f"port {environment[setting]}: Address already in use" in refused.stderr
    assert f"make run {setting}=" in refused.stderr


def run(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def enqueue(environment: dict[str, str], task: str, argument: object) -> None:
    code = f"from django_q.tasks import async_task; async_task({task!r}, {argument!r})"
    assert manage("shell", environment, "--no-imports", "--command", code).returncode == 0


def manage(
    command: str, environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return run("manage.py", command, *arguments, environment=environment)


@contextmanager
def started(*arguments: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process in the background; whatever it leaves is killed, so that one failure stays one."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            # One that is starting others may have started one since it was looked for.
            while left := marked(environment):
                for pid in left:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)


def marked(environment: dict[str, str]) -> set[int]:
    """The living processes that were started with this environment."""
    mark = f"DAILIES_MARK={environment['DAILIES_MARK']}".encode()
    found = set()
    for folder in PROC.glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                found.add(int(folder.name))
        except OSError:  # it ended meanwhile, or belongs to someone else
            continue
    return found


def gives_way(pid: int) -> bool:
    """Whether a process has a smaller share, as has its session where Linux looks at that first."""
    share = PROC / str(pid) / "autogroup"
    with suppress(OSError):
        of_session = share.read_text() if share.exists() else f"nice {BEHIND_PAGES}"
        further = os.getpriority(os.PRIO_PROCESS, pid) - os.getpriority(os.PRIO_PROCESS, 0)
        return further == BEHIND_PAGES and of_session.strip().endswith(f" {BEHIND_PAGES}")
    return False


def parent_of(pid: int) -> int:
    return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])


def wait_for(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


# ── The tests' own servers ───────────────────────────────────────────────────
def test_a_private_postgresql_answers_and_is_gone_afterwards() -> None:
    with here(servers.postgres) as url, psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    assert not Path(row[0]).parent.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_a_private_redis_answers_and_is_gone_afterwards() -> None:
    with here(servers.redis) as url, Redis.from_url(url) as client:
        assert client.ping()
    with Redis.from_url(url) as client, pytest.raises(RedisConnectionError):
        client.ping()


def test_every_worker_of_a_parallel_run_has_servers_to_itself() -> None:
    pairs = [[f"postgres://dailies@{name}/postgres", f"redis://{name}/0"] for name in "ab"]
    show = "from tests import settings as s; print(s.DATABASES['default']['HOST'], s.REDIS_URL)"
    shared = os.environ | {"DAILIES_TEST_SERVERS": json.dumps(pairs)}
    told = [
        run("-c", show, environment=shared | {"PYTEST_XDIST_WORKER": worker}).stdout
        for worker in ("gw0", "gw1")
    ]
    assert told == ["a redis://a/0\n", "b redis://b/0\n"]


@contextmanager
def here(server: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The server's address; skips where the system has no such server, except in CI."""
    try:
        with server() as url:
            yield url
    except servers.ServerMissing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
