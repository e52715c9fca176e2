"""Every page, tab, filter and search with a thousand videos and with a hundred thousand.

On SQLite and then on PostgreSQL, or on the one that DATABASE_URL names. Each size has a process and
a database of its own. Both answer in turns, so that what else goes on in the machine meets both.
`python -m tests.tools.bench.library JOBS` answers what it is asked on standard input, a line of
JSON each.
"""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from io import StringIO
from statistics import median
from typing import Any

from tests.tools import servers
from tests.tools.bench import private
from tests.tools.bench.report import verdict

FEW, MANY = 1_000, 100_000
LIMIT = 1.5
COMMON, RARE = "common", "rare"
"""Tags: on one video in twenty, and on as few whatever their number."""
WARM_UP, TURNS = 2, 9
HEADS = ("page", f"{FEW:,}", f"{MANY:,} videos", "ratio", "target", "")
TABS = ("progress", "ready", "attention", "favorites")
ORDERS = ("oldest", "changed", "longest", "rated", "title")
NARROW = (
    *("state=ready", "state=failed", "made=extend", "model=veo3", "ratio=9:16", "size=1080p"),
    *("min_seconds=5", "max_seconds=9", "min_mb=50", "frame_rate=24", "draft=on", "shared=on"),
    *("picked=on", "extendable=on", "project=0"),
)
"""What the library is narrowed down by: much, little and nothing."""
TWO = "gravity handheld"
"""Of either word alone there is much more."""
SEARCHES = (
    # name, words
    *(("often", "lighthouse"), ("rarely", "zeppelin")),
    *(("no hit", "submarine"), ("two words, no hit", "lighthouse submarine")),
    *(
        ("a letter", "e"),
        ("two letters, no hit", "qx"),
        ("Han, two", "街道"),
        ("Han, no hit", "桜花"),
    ),
    *(("Kanji, two", "灯台"), ("Arabic", "شاطئ"), ("Cyrillic", "маяк"), ("a number", "35")),
)


@dataclass(frozen=True)
class Look:
    """A page, and who looks at it."""

    name: str
    path: str
    """With the places that `_places` fills in."""
    who: str = "member"
    is_live: bool = False
    """Not the page, but what it asks again and again."""

    @property
    def question(self) -> dict[str, object]:
        return {"path": self.path, "who": self.who, "is_live": self.is_live}


@dataclass(frozen=True)
class Beside:
    """Milliseconds of the server's time with few videos, and with many."""

    name: str
    few: float
    many: float

    def row(self) -> Sequence[str]:
        ratio = self.many / self.few
        times = f"{self.few:.1f} ms", f"{self.many:.1f} ms"
        return self.name, *times, f"{ratio:.2f}", f"≤ {LIMIT}", verdict(ratio <= LIMIT)


def looks() -> Iterator[Look]:
    yield from _studio()
    yield from _library()
    yield from _others()


def _studio() -> Iterator[Look]:
    for who in ("member", "admin"):
        yield Look(f"studio as {who}", "/", who)
        yield Look(f"  deep in it as {who}", "/?{deep}", who)
        yield Look(f"  its poll as {who}", "/", who, is_live=True)
        for tab in TABS:
            yield Look(f"  {tab} as {who}", f"/?tab={tab}", who)
    yield Look("  own videos", "/?scope=me")
    yield Look("  own, ready", "/?scope=me&tab=ready")
    yield Look("  deep in what is ready", "/?tab=ready&{deep}")
    yield Look("  a project", "/?project={project}")
    yield Look("  a project, favorites", "/?project={project}&tab=favorites")
    yield Look("  a common tag", f"/?tag={COMMON}")
    yield Look("  a rare tag", f"/?tag={RARE}")
    yield Look("  four dots or more", "/?rating=4")
    yield Look("  without the rejected", "/?rejected=hide")
    for name, words in SEARCHES:
        yield Look(f"  search: {name}", f"/?q={words}")
    yield Look("  search: often, as admin", "/?q=lighthouse", "admin")
    # As who sees enough of a thousand to fill a page, as of a hundred thousand.
    yield Look("  search: two words, as admin", f"/?q={TWO}", "admin")
    yield Look("  search: rarely, own", "/?q=zeppelin&scope=me")
    yield Look("  search: no hit, poll", "/?q=submarine", is_live=True)


def _library() -> Iterator[Look]:
    yield Look("library", "/library/")
    yield Look("  as admin", "/library/", "admin")
    yield Look("  deep in it", "/library/?after={job_deep}")
    yield Look("  by project", "/library/?project={project}")
    yield Look("  favorites", "/library/?favorite=on")
    yield Look("  rejected", "/library/?rejected=only")
    yield Look("  four dots or more", "/library/?rating=4")
    yield Look("  in need of attention", "/library/?state=attention")
    yield Look("  by a common tag, as admin", f"/library/?tag={COMMON}", "admin")
    yield Look("  by a rare tag", f"/library/?tag={RARE}")
    for order in ORDERS:
        yield Look(f"  in order: {order}", f"/library/?sort={order}")
        yield Look(f"  ready, in order: {order}", f"/library/?state=ready&sort={order}")
    for narrow in (*NARROW, f"first={_days_ago(300)}"):
        yield Look(f"  {narrow}, as admin", f"/library/?{narrow}", "admin")
    yield Look("  search: often", "/library/?q=lighthouse")
    yield Look("  search: two words, as admin", f"/library/?q={TWO}", "admin")
    yield Look("  search: two words, oldest", f"/library/?q={TWO}&sort=oldest", "admin")
    yield Look("  search: two words, by title", f"/library/?q={TWO}&sort=title", "admin")
    yield Look("  search: three words, as admin", f"/library/?q={TWO} silk", "admin")
    yield Look("  search: a phrase, as admin", '/library/?q="in zero gravity"', "admin")
    yield Look("  search: Han, two", "/library/?q=街道")
    yield Look("  search: a letter", "/library/?q=e")
    yield Look("  search: often, ready", "/library/?q=lighthouse&state=ready")
    yield Look("  search: rarely", "/library/?q=zeppelin")
    yield Look("  search: no hit", "/library/?q=submarine")


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()


def _others() -> Iterator[Look]:
    yield Look("projects", "/projects/")
    yield Look("a project", "/projects/{project}/")
    yield Look("a video", "/jobs/{job}/")
    yield Look("recent prompts", "/recent/")
    yield Look("recent prompts, search", "/recent/?q=submarine")
    yield Look("frames to pick", "/images/frames/")
    yield Look("frames to pick, search", "/images/frames/?words=lighthouse")
    yield Look("films to share", "/shares/new/")
    yield Look("films to share, search", "/shares/new/?words=lighthouse")
    yield Look("share links", "/shares/")
    yield Look("credits", "/credits/")
    yield Look("keys", "/keys/")
    for path in ("team", "team/budgets", "team/requests", "team/audit"):
        yield Look(path, f"/{path}/", "admin")
    yield Look("a person", "/team/people/{person}/", "admin")


def measure() -> Iterator[tuple[str, list[Beside]]]:
    """The figures of each database, by its name."""
    given = os.environ["DATABASE_URL"]
    if not given.startswith("sqlite"):
        yield "PostgreSQL", list(_measured(given))
        return
    yield "SQLite", list(_measured(""))
    with servers.postgres() as url:
        yield "PostgreSQL", list(_measured(url))


def _measured(database: str) -> Iterator[Beside]:
    with ExitStack() as stack:
        sides = [stack.enter_context(_side(number, database)) for number in (FEW, MANY)]
        for look in looks():
            spans: tuple[list[float], list[float]] = [], []
            for turn in range(WARM_UP + TURNS):
                for side, found in zip(sides, spans, strict=True):
                    took = side(look)
                    if turn >= WARM_UP:
                        found.append(took)
            yield Beside(look.name, *map(median, spans))


@contextmanager
def _side(number: int, database: str) -> Iterator[Any]:
    """A question to the process with so many videos, in a database of its own on this server, or in
    a file.
    """
    surroundings = {**os.environ, "DATABASE_URL": database}
    command = [sys.executable, "-m", "tests.tools.bench.library", str(number)]
    with subprocess.Popen(
        command,
        env=surroundings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stdin
        assert running.stdout
        given, told = running.stdin, running.stdout

        def ask(look: Look) -> float:
            given.write(json.dumps(look.question) + "\n")
            given.flush()
            return float(told.readline())

        try:
            yield ask
        finally:
            given.close()


def main() -> int:
    with private.surroundings():
        import django  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415

        django.setup()
        call_command("prepare", stdout=StringIO())
        _answer(int(sys.argv[1]))
    return 0


def _answer(number: int) -> None:
    # Only now: these load Django's models.
    from django.db import connection  # noqa: PLC0415

    from tests.support import factories  # noqa: PLC0415
    from tests.tools.bench import many_rows  # noqa: PLC0415

    begun = time.perf_counter()
    admin, member = many_rows.make(number)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # As autovacuum does in time.
            cursor.execute("VACUUM ANALYZE")
    # As web processes have it: what is there before the first question is not looked through again.
    gc.collect()
    gc.freeze()
    took = time.perf_counter() - begun
    sys.stderr.write(f"{number:,} videos written in {took:.0f} s\n")
    clients = {"admin": factories.signed_in(admin), "member": factories.signed_in(member)}
    places = _places()
    live: dict[str, str] = {}
    for line in sys.stdin:
        look = json.loads(line)
        client, path = clients[look["who"]], look["path"].format_map(places)
        headers = {"host": "127.0.0.1"}
        if look["is_live"]:
            key = look["who"] + path
            if key not in live:
                page = client.get(path, headers=headers).content.decode()
                found = re.search(r'hx-get="((?:/library)?/live/[^"]+)"', page)
                assert found, path
                live[key] = unescape(found[1])
            path, headers = live[key], {**headers, "hx-request": "true"}
        begun = time.perf_counter()
        response = client.get(path, headers=headers)
        took = time.perf_counter() - begun
        assert response.status_code in (200, 204), (path, response.status_code)
        sys.stdout.write(f"{1000 * took}\n")
        sys.stdout.flush()


def _places() -> dict[str, object]:
    from jobs.models import Job, Project, User  # noqa: PLC0415

    deep = Job.objects.takes().filter(status="succeeded", project__isnull=False)
    end = deep[deep.count() // 2].created_at
    return {
        "deep": f"after={end.timestamp() * 1_000_000:.0f}-1",
        # The largest, whose pages are full with a thousand videos as well.
        "project": Project.objects.earliest("pk").pk,
        "person": User.objects.order_by("pk")[3].pk,
        "job": deep[20].pk,
        "job_deep": deep[deep.count() // 2].pk.hex,
    }


if __name__ == "__main__":
    sys.exit(main())
