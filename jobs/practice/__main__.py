"""``python -m jobs.practice``: run the practice provider until it is told to stop."""

import logging
import queue
import signal
import sys
from collections.abc import Sequence

from jobs.practice.book.kept import Unusable
from jobs.practice.options import parse
from jobs.practice.server import PracticeServer

log = logging.getLogger("jobs.practice")


def _speak() -> None:
    """Say on standard error what happens; without this the package is silent."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("practice: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 0 when stopped, 1 when port or folder cannot be had."""
    options = parse(argv)
    if options.verbose:
        _speak()
    try:
        server = PracticeServer(options)
    except Unusable as problem:
        sys.stderr.write(f"practice: {problem}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"practice: cannot listen on {options.host}:{options.port}: {error}\n")
        return 1
    # An Event's lock may be held by the very wait that a signal interrupts; this queue's may not.
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda which, _: signals.put(which))
    with server:
        log.info("serving %s", server.url)
        signals.get()
        server.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
