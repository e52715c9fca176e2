"""Figures that stand for themselves: queries, bytes, memory, and the time of a start."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from tests.tools.bench import paths, private, seeds
from tests.tools.bench.report import Fact
from tests.tools.servers import free_port

KIB = 1024
# htmx asks for the live cards; browsers ask for everything compressed.
HEADERS = {"HX-Request": "true", "Accept-Encoding": "gzip, br"}
LINKED = re.compile(rb'(?:href|src)="(/static/[^"#]+)')


def measure() -> Iterator[Fact]:
    viewer = seeds.member("reader")
    seeds.gallery(viewer, 24)
    client, few = factories.signed_in(viewer), []
    few.append(_queries(client, "/"))
    cookie = seeds.cookie(viewer)
    with private.web() as port:
        live = paths.live_url(port, {"Cookie": cookie})
        yield Fact("queries of an unchanged poll", _queries(client, live), 2)
        status, head, body = _answer(port, live, cookie)
        assert status == 204
        yield Fact("unchanged poll, headers and body", head + body, 400, "bytes")
        yield _first_load(port, cookie)
    seeds.gallery(viewer, 216)
    many = _queries(client, "/")
    yield Fact("queries of the studio, 24 jobs", few[0], 11)
    yield Fact("queries of the studio, 240 jobs", many, few[0], detail="as many as with 24")
    yield from _start()


def _queries(client: Client, path: str) -> int:
    client.get(path, headers={"host": "127.0.0.1"})  # the first one fills the caches
    with CaptureQueriesContext(connection) as queries:
        client.get(path, headers={"host": "127.0.0.1"})
    return len(queries)


def _answer(port: int, path: str, cookie: str = "") -> tuple[int, int, int]:
    """Status, bytes of the headers, bytes of the body as it travels."""
    asked = HTTPConnection("127.0.0.1", port, timeout=10)
    asked.request("GET", path, headers={"Cookie": cookie, **HEADERS})
    answer = asked.getresponse()
    head = sum(len(f"{name}: {value}\r\n") for name, value in answer.getheaders())
    body = answer.read()
    asked.close()
    return answer.status, head + len(f"HTTP/1.1 {answer.status} {answer.reason}\r\n\r\n"), len(body)


def _first_load(port: int, cookie: str) -> Fact:
    asked = HTTPConnection("127.0.0.1", port, timeout=10)
    asked.request("GET", "/", headers={"Cookie": cookie, "Accept-Encoding": "gzip, br"})
    answer = asked.getresponse()
    page = answer.read()
    plain = page if not answer.getheader("Content-Encoding") else _plain(port, cookie)
    linked = sorted({path.decode() for path in LINKED.findall(plain)})
    files = sum(_answer(port, path)[2] for path in linked)
    detail = f"page {len(page) / KIB:.1f}, {len(linked)} files {files / KIB:.1f}"
    return Fact("first load of the studio", (len(page) + files) / KIB, 100, "KiB", detail)


def _plain(port: int, cookie: str) -> bytes:
    asked = HTTPConnection("127.0.0.1", port, timeout=10)
    asked.request("GET", "/", headers={"Cookie": cookie})
    return asked.getresponse().read()


def _start() -> Iterator[Fact]:
    """`make run` with an empty data folder, and Django's own server on what that left behind."""
    with TemporaryDirectory(prefix="dailies-") as folder:
        port, practice = free_port(), free_port()
        surroundings = {
            "VAR_DIR": folder,
            # A folder of films belongs to one database.
            "MEDIA_ROOT": f"{folder}/media",
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "PORT": str(port),
            "PRACTICE": "true",
            "PRACTICE_PORT": str(practice),
            "Q_BROKER": "orm",
        }
        with private.process("manage.py", "prepare", **surroundings) as prepare:
            first = private.wait_for(lambda: prepare.poll() is not None)
        with private.process("manage.py", "prepare", **surroundings) as prepare:
            again = private.wait_for(lambda: prepare.poll() is not None)
        with private.process("-m", "veo_site.processes", **surroundings) as tree:
            ready = private.wait_for(lambda: private.answers(port, "/setup/"))
            private.wait_for(lambda: len(_family(tree.pid)) >= 12)
            megabytes = sum(_memory(pid) for pid in _family(tree.pid)) / KIB
            number = len(_family(tree.pid))
        port = free_port()
        with private.process("manage.py", "runserver", str(port), **surroundings):
            plain = private.wait_for(lambda: private.answers(port, "/setup/"))
    detail = f"runserver {plain:.1f} s; ours {again:.1f} s preparing, {ready:.1f} s starting"
    yield Fact("start to first page ÷ runserver", (again + ready) / plain, 2, detail=detail)
    yield Fact(
        "the same, first start of all",
        (first + ready) / plain,
        2,
        detail=f"preparing {first:.1f} s",
    )
    if sys.platform == "linux":
        yield Fact("memory of the idle tree", megabytes, 450, "MB", f"PSS of {number} processes")


def _family(root: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _memory(pid: int) -> int:
    """KiB of this process, with its share of what it has in common with others."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
    return int(found[1]) if found else 0
