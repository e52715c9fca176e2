"""A data folder, a database and servers of this run's own; nothing of it is left afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from tests import ROOT
from tests.tools.servers import STARTS_WITHIN, data_folder, free_port


@contextmanager
def surroundings() -> Iterator[Path]:
    """Sets this process's environment for a run; call it before Django loads its settings."""
    with data_folder() as folder, database(os.environ.get("DATABASE_URL", "")) as url:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="veo_site.settings",
            DAILIES_LOCAL="1",
            VAR_DIR=str(folder),
            MEDIA_ROOT=str(folder / "media"),
            DATABASE_URL=url or f"sqlite:///{folder / 'db.sqlite3'}",
            HOST="127.0.0.1",
            MEDIA_FREE_BYTES_MIN="0",
        )
        # Set, so that a developer's .env does not decide what is measured.
        for name in ("DEBUG", "PRACTICE"):
            os.environ[name] = "false"
        for name in ("PUBLIC_URL", "REDIS_URL"):
            os.environ.setdefault(name, "")
        os.environ.setdefault("Q_BROKER", "orm")
        os.environ["ALLOWED_HOSTS"] = "127.0.0.1,testserver"
        os.environ["KIE_BASE_URL"] = f"http://127.0.0.1:{free_port()}"
        yield folder


@contextmanager
def database(url: str) -> Iterator[str]:
    """A new PostgreSQL database beside the one named; nothing where none is."""
    if not url:
        yield ""
        return
    name = f"dailies_bench_{uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{url.rpartition('/')[0]}/{name}"
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process of the project, asked to stop when the block ends."""
    running = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is ours to hand on
    )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def web(settings: str = "veo_site.settings", **environment: str) -> Iterator[int]:
    """gunicorn as the product configures it; gives its port."""
    port = free_port()
    with process(
        *("-m", "gunicorn", "veo_site.wsgi", "-c", "veo_site/gunicorn.py"),
        PORT=str(port),
        DJANGO_SETTINGS_MODULE=settings,
        **environment,
    ):
        wait_for(lambda: answers(port))
        yield port


def answers(port: int, path: str = "/nothing-here/") -> bool:
    """Whether anything but an error of the server comes from there."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def wait_for(
    done: Callable[[], bool], seconds: float = STARTS_WITHIN, pause: float = 0.02
) -> float:
    """Seconds until it was done. Raises TimeoutError."""
    start = time.monotonic()
    while not done():
        if time.monotonic() - start > seconds:
            raise TimeoutError(f"not within {seconds:g} s: {done}")
        time.sleep(pause)
    return time.monotonic() - start
