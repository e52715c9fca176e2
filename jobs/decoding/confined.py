"""The inside of a child: holds itself to its limits, does one piece of work, and answers.

The answer is a line of JSON on standard output, and behind it the bytes of a picture, if there is
one. Nothing else gets there, whatever a library prints.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from jobs.decoding.answers import CutShort, NotAFilm, NotAnImage, Picture

Work = Callable[[dict[str, Any]], Any]
"""Takes what the parent gave, and gives a picture or what becomes JSON."""
NICE = 10
"""Pages are answered first, on a machine that has something to do."""
LOOK_SECONDS = 0.5


def serve(works: Mapping[str, Work]) -> None:
    """Do the work that the first argument names."""
    do(works, json.loads(sys.argv[1]))


def do(works: Mapping[str, Work], given: dict[str, Any]) -> None:
    """One piece of work, within the limits that it brings."""
    # What a library says on standard output goes where all that nobody reads goes.
    with os.fdopen(os.dup(1), "wb") as answer:
        os.dup2(2, 1)
        _leave_with(given["parent"])
        _confine(given["memory"], given["seconds"], given["file_bytes"])
        told, content = _done(works[given["work"]], given)
        answer.write(json.dumps(told).encode() + b"\n" + content)
    # A Python that ends forgets how to answer signals before it is gone.
    signal.setitimer(signal.ITIMER_REAL, 0)


def _done(work: Work, given: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        made = work(given)
    except Exception as error:  # noqa: BLE001  (the parent tells them apart)
        return _as_told(error), b""
    if isinstance(made, Picture):
        about = {"type": made.content_type, "width": made.width, "height": made.height}
        return {"made": about}, made.content
    return {"made": made}, b""


def _as_told(error: Exception) -> dict[str, Any]:
    if isinstance(error, MemoryError):
        return {"error": "MemoryError"}
    if isinstance(error, NotAnImage | NotAFilm | CutShort):
        return {"error": type(error).__name__, "words": str(error)}
    if isinstance(error, OSError):
        return {"error": "OSError", "words": str(error), "number": error.errno}
    return {"error": "Exception", "words": "".join(traceback.format_exception(error))}


def _confine(memory: int, seconds: int, file_bytes: int) -> None:
    """To so many bytes of addresses, seconds of processor, and bytes in any file it writes."""
    _limit(resource.RLIMIT_CORE, 0)
    # At the first limit a signal tells that it was time, at the second nothing tells anything.
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    with suppress(ValueError, OSError):  # macOS knows this limit and takes none
        _limit(resource.RLIMIT_AS, memory)
    with suppress(OSError):  # a sandbox may keep everybody from it, and it holds nothing in check
        os.nice(NICE)


def _limit(what: int, most: int, utmost: int | None = None) -> None:
    """Set a limit, unless the system has set a lower one."""
    wanted = (most, most if utmost is None else utmost)
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        wanted = (min(wanted[0], hard), min(wanted[1], hard))
    resource.setrlimit(what, wanted)


def _leave_with(parent: int) -> None:
    """End when the process that asked has ended: nobody waits for the answer any more."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(1)

    # To be asked to stop is for who asked, and may leave it the time to take the answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, LOOK_SECONDS, LOOK_SECONDS)
