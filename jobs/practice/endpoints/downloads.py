"""Result files, with ranges, and with the faults of the stage FILE."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jobs.practice.book.tasks import SEGMENT, Task
from jobs.practice.http.messages import Reply, Request, as_html, as_text
from jobs.practice.life.practice import Practice

CHUNK = 64 * 1024
SLOW_RATE = 1024.0
TYPES = {"mp4": "video/mp4", "jpg": "image/jpeg"}
RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")
Span = tuple[int, int]


def serve(practice: Practice, request: Request) -> Reply:
    """GET or HEAD /files/<name>.mp4 or .jpg."""
    name, _, ending = request.path.removeprefix("/files/").rpartition(".")
    task = practice.book.by_file(name)
    path = _path(practice, task, name, ending) if task and ending in TYPES else None
    if task is None or path is None:
        return as_text("not found\n", 404)
    if ending == "jpg":
        return _whole(File(path, TYPES[ending], request))
    return _dead(task, request) or _film(task, File(path, TYPES[ending], request))


def _path(practice: Practice, task: Task, name: str, ending: str) -> Path | None:
    film = task.film.segment if name.endswith(SEGMENT) else task.film
    return practice.films.path(film, ending)


def _dead(task: Task, request: Request) -> Reply | None:
    if "gone-file" in task.tags:
        return as_text("gone\n", 404)
    for fault in ("expired-file", "stale-link"):
        if fault in task.tags and "fresh" not in request.query:
            return as_text("this link has expired\n", int(task.tags.number(fault, 404)))
    return None


@dataclass(frozen=True)
class File:
    """A file and the request for it."""

    path: Path
    kind: str
    request: Request

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size

    def read(self, start: int, end: int, chunk: int = CHUNK) -> Iterator[bytes]:
        """The bytes from start up to, not including, end."""
        with self.path.open("rb") as source:
            source.seek(start)
            while start < end and (data := source.read(min(chunk, end - start))):
                start += len(data)
                yield data


def _film(task: Task, file: File) -> Reply:
    fault = next((name for name in MISBEHAVIOURS if name in task.tags), None)
    return _whole(file) if fault is None else MISBEHAVIOURS[fault](task, file)


def _html(_task: Task, file: File) -> Reply:
    page = as_html("<html><script>alert('not a film')</script></html>")
    return replace(page, headers={"Content-Type": file.kind})


def _redirect(_task: Task, _file: File) -> Reply:
    return Reply(302, b"", {"Location": "http://attacker.example/evil.mp4"})


def _streamed(file: File, promised: int | None, chunks: Iterator[bytes], pace: float = 0) -> Reply:
    length = {} if promised is None else {"Content-Length": str(promised)}
    return Reply(200, b"", {"Content-Type": file.kind, **length}, chunks, pace=pace)


def _short(_task: Task, file: File) -> Reply:
    return _streamed(file, file.size, file.read(0, file.size // 2))


def _long(_task: Task, file: File) -> Reply:
    return _streamed(file, file.size // 2, file.read(0, file.size))


def _without_length(_task: Task, file: File) -> Reply:
    return _streamed(file, None, file.read(0, file.size))


def _without_range(_task: Task, file: File) -> Reply:
    return _streamed(file, file.size, file.read(0, file.size))


def _endless(_task: Task, file: File) -> Reply:
    endless = itertools.chain(file.read(0, file.size), itertools.repeat(bytes(CHUNK)))
    return _streamed(file, None, endless)


def _slow(task: Task, file: File) -> Reply:
    rate = int(task.tags.number("slow-file", SLOW_RATE)) or 1
    return _streamed(file, file.size, file.read(0, file.size, rate), pace=1.0)


MISBEHAVIOURS: dict[str, Callable[[Task, File], Reply]] = {
    "html-file": _html,
    "redirect-file": _redirect,
    "short-file": _short,
    "long-file": _long,
    "no-length-file": _without_length,
    "no-range-file": _without_range,
    "endless-file": _endless,
    "slow-file": _slow,
}


def _whole(file: File) -> Reply:
    size = file.size
    head = {"Content-Type": file.kind, "Accept-Ranges": "bytes"}
    wanted = RANGE.match(file.request.headers.get("range", ""))
    if wanted is None or wanted.groups() == ("", ""):
        return Reply(200, b"", {**head, "Content-Length": str(size)}, file.read(0, size))
    start, end = _span(wanted, size)
    if start >= end:
        return Reply(416, b"", {**head, "Content-Range": f"bytes */{size}"})
    head |= {"Content-Range": f"bytes {start}-{end - 1}/{size}", "Content-Length": str(end - start)}
    return Reply(206, b"", head, file.read(start, end))


def _span(wanted: re.Match[str], size: int) -> Span:
    first, last = wanted.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1 if last else size)
