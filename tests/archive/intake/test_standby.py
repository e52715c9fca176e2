"""Films are looked at by children of a process that stands by, which are held as any child is."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from jobs.archive.intake import decoders
from jobs.decoding import bare, standby
from jobs.decoding.answers import Facts, NotAFilm
from tests.support.media import films

pytestmark = pytest.mark.usefixtures("children_alone")
PATIENCE = 20


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., Facts]:
    good = tmp_path / "film.mp4"
    good.write_bytes(films.film())

    def examine(path: Path = good) -> Facts:
        return decoders.examine(path, tmp_path / "poster.webp", {})

    return examine


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    """A film that comes from a line, on which nobody has said anything yet."""
    os.mkfifo(tmp_path / "silent.mp4")
    return tmp_path / "silent.mp4"


@pytest.fixture
def looking(look: Callable[..., Facts], silent: Path) -> Iterator[Looking]:
    look()
    with ThreadPoolExecutor(1) as threads:
        found = Looking(threads.submit(look, silent), silent, standing())
        yield found
        found.hang_up()


class Looking:
    """A child that reads the silent film."""

    def __init__(self, answer: Future[Facts], silent: Path, parent: int) -> None:
        self.answer, self._silent = answer, silent
        # Waits until it has opened it too.
        self._line = os.open(silent, os.O_WRONLY)
        self.parent = parent
        self.number = only_child(parent)

    def hang_up(self) -> None:
        if self._line:
            # Whoever opens it once more would wait for somebody to speak.
            page = self._silent.with_name("page.mp4")
            page.write_bytes(films.HTML)
            page.rename(self._silent)
            os.close(self._line)
        self._line = 0


def standing() -> int:
    process = standby.films.process
    assert process is not None
    return process.pid


def only_child(parent: int) -> int:
    return int(Path(f"/proc/{parent}/task/{parent}/children").read_text())


def ends(watched: int) -> bool:
    try:
        return bool(select.select([watched], [], [], PATIENCE)[0])
    finally:
        os.close(watched)


# ── The films ────────────────────────────────────────────────────────────────
def test_one_film_after_the_other_is_looked_at_by_children_of_one_process(
    look: Callable[..., Facts],
) -> None:
    facts, first = look(), standing()
    assert (facts.width, facts.height) == (films.WIDTH, films.HEIGHT)
    assert (look(), standing()) == (facts, first)


def test_what_is_no_film_changes_nothing_for_the_next_one(
    look: Callable[..., Facts], tmp_path: Path
) -> None:
    look()
    first = standing()
    (tmp_path / "page.mp4").write_bytes(films.HTML)
    with pytest.raises(NotAFilm):
        look(tmp_path / "page.mp4")
    look()
    assert standing() == first


def test_two_who_ask_at_once_do_not_wait_for_each_other(
    looking: Looking, look: Callable[..., Facts]
) -> None:
    assert look().width == films.WIDTH
    assert not looking.answer.done()


# ── What holds its children ──────────────────────────────────────────────────
def test_its_child_is_held_to_the_limits_before_it_opens_the_film(looking: Looking) -> None:
    lines = Path(f"/proc/{looking.number}/limits").read_text().splitlines()
    limits = {line[:26].strip(): line[26:].split()[:2] for line in lines}
    memory, seconds = str(decoders._film_memory()), decoders.FILM_SECONDS
    assert limits["Max address space"] == [memory, memory]
    assert limits["Max cpu time"] == [str(seconds), str(seconds + 1)]
    assert limits["Max file size"] == 2 * [str(decoders.POSTER_BYTES_MAX)]
    assert limits["Max core file size"] == ["0", "0"]
    assert os.getpriority(os.PRIO_PROCESS, looking.number) >= 10


NOBODY_GIVES_WAY = """
    import os
    def refuse(by):
        raise PermissionError
    os.nice = refuse
    from jobs.decoding import confined
    given = {"work": "facts", "memory": 2**30, "seconds": 90, "file_bytes": 0}
    confined.do({"facts": lambda given: 1}, {**given, "parent": os.getppid()})
"""


def test_where_nobody_may_give_way_it_looks_at_films_all_the_same() -> None:
    command = [sys.executable, "-c", textwrap.dedent(NOBODY_GIVES_WAY)]
    looked = subprocess.run(command, stdout=subprocess.PIPE, cwd=bare.ROOT, check=True)
    assert looked.stdout == b'{"made": 1}\n'


def test_neither_has_a_secret_or_an_open_file_of_ours(
    look: Callable[..., Facts],
    silent: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("CREDENTIAL_KEYS", "canary")
    with (tmp_path / "ours").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        looking: Looking = request.getfixturevalue("looking")
    # The one has the line to who asks and two ends to hear of its child, the other what it answers.
    for number, lines in ((looking.parent, 3), (looking.number, 1)):
        folder = Path(f"/proc/{number}")
        words = (folder / "environ").read_bytes().split(b"\0")
        names = {word.split(b"=")[0].decode() for word in words if word}
        assert names <= {*bare.KEPT_NAMES, *bare.ONE_HEAP}
        opened = [str(each.readlink()) for each in (folder / "fd").iterdir()]
        others = [name for name in opened if name not in (os.devnull, str(silent))]
        assert len(others) == lines
        assert all(name.startswith("socket:") for name in others)


def test_it_has_one_thread_since_a_fork_would_copy_the_locks_of_others(
    look: Callable[..., Facts],
) -> None:
    look()
    assert [each.name for each in Path(f"/proc/{standing()}/task").iterdir()] == [str(standing())]


# ── How it ends ──────────────────────────────────────────────────────────────
def test_a_film_that_takes_too_long_ends_all_that_is_at_it(
    look: Callable[..., Facts], silent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look()
    group = standing()
    line = os.open(silent, os.O_RDWR)
    monkeypatch.setattr(decoders, "FILM_PATIENCE", 0.5)
    with pytest.raises(decoders.Unread, match=r"longer than 0\.5 s"):
        look(silent)
    monkeypatch.setattr(decoders, "FILM_PATIENCE", 50.0)
    os.close(line)
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
    assert look().width == films.WIDTH


def test_of_one_whose_child_crashed_no_other_is_forked(
    looking: Looking, look: Callable[..., Facts]
) -> None:
    os.kill(looking.number, signal.SIGSEGV)
    with pytest.raises(decoders.Unread, match="it ended with -11"):
        looking.answer.result(PATIENCE)
    look()
    assert standing() != looking.parent


def test_one_that_was_killed_is_begun_anew(look: Callable[..., Facts]) -> None:
    look()
    first = standing()
    os.kill(first, signal.SIGKILL)
    assert look().width == films.WIDTH
    assert standing() != first


def test_its_child_leaves_with_it(looking: Looking) -> None:
    child = os.pidfd_open(looking.number)
    os.kill(looking.parent, signal.SIGKILL)
    with pytest.raises(decoders.Unread, match="the process that forked it ended"):
        looking.answer.result(PATIENCE)
    assert ends(child)


def test_to_be_asked_to_stop_is_for_who_asked(looking: Looking) -> None:
    for each in (signal.SIGTERM, signal.SIGINT):
        os.killpg(looking.parent, each)
    looking.hang_up()
    with pytest.raises(NotAFilm):
        looking.answer.result(PATIENCE)
    assert standing() == looking.parent


ASKING = """
    import sys
    from jobs.decoding import apart, standby
    given = {"work": "facts", "poster": "", "copies": {}}
    limits = apart.Limits(2**30, 90, 90.0)
    try:
        apart.ask_of_many({**given, "film": sys.argv[1]}, limits)
    except apart.NotAFilm:
        print(standby.films.process.pid, flush=True)
    apart.ask_of_many({**given, "film": sys.argv[2]}, limits)
"""


def test_both_leave_when_who_asked_is_killed(silent: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.mp4"
    page.write_bytes(films.HTML)
    command = [sys.executable, "-c", textwrap.dedent(ASKING), str(page), str(silent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=bare.ROOT) as asking:
        assert asking.stdout
        parent = int(asking.stdout.readline())
        line = os.open(silent, os.O_WRONLY)
        watched = [os.pidfd_open(number) for number in (parent, only_child(parent))]
        asking.kill()
    assert all(map(ends, watched))
    os.close(line)


def test_it_leaves_when_nobody_asks_for_a_while() -> None:
    line, theirs = socket.socketpair()
    program = "from jobs.decoding import forking as f; f.IDLE_SECONDS = 0; f.serve(print)"
    with line, theirs:
        subprocess.run(
            [sys.executable, "-c", program], stdin=theirs.fileno(), timeout=60, check=True
        )


def test_one_that_left_leaves_no_entry_among_the_processes(look: Callable[..., Facts]) -> None:
    before = set(threading.enumerate())
    look()
    number = standing()
    [waiting] = set(threading.enumerate()) - before
    os.kill(number, signal.SIGKILL)
    waiting.join(PATIENCE)
    assert not Path(f"/proc/{number}").exists()


def test_who_was_forked_leaves_it_to_the_other(look: Callable[..., Facts]) -> None:
    look()
    first = standing()
    if (child := os.fork()) == 0:
        os._exit(standby.films.process is not None or standby.films._line is not None)
    assert os.waitpid(child, 0)[1] == 0
    look()
    assert standing() == first
