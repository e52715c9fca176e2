"""Opens slow clients in a process of their own, and keeps them until it is told to stop.

`python -m tests.tools.bench.clients.slow_clients` reads what each asks as a line of JSON from
standard input, says how many of the readers got the beginning of their file, and ends with that
input.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.support.servers.slow import Slow

SECONDS_PER_BYTE = 0.5
SETTLED_WITHIN = 15
"""Seconds for which the readers may wait for the beginning of their file."""


@contextmanager
def crowd(clients: Sequence[Slow]) -> Iterator[int]:
    """All at once, as long as the block lasts; gives how many of the readers were served."""
    command = [sys.executable, "-m", "tests.tools.bench.clients.slow_clients"]
    wanted = [(each.port, each.begins, each.goes_on) for each in clients]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdin
        assert running.stdout
        try:
            running.stdin.write(json.dumps(wanted) + "\n")
            running.stdin.flush()
            yield int(running.stdout.readline())
        finally:
            running.stdin.close()


def main() -> None:
    clients = [Slow(*each).open() for each in json.loads(sys.stdin.readline())]
    readers, deadline = [each for each in clients if not each.goes_on], time.monotonic()
    deadline += SETTLED_WITHIN
    while (served := sum(each.has_begun() for each in readers)) < len(readers):
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    sys.stdout.write(f"{served}\n")
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], SECONDS_PER_BYTE)[0]:
        for client in clients:
            client.send_a_byte()
    for client in clients:
        client.close()


if __name__ == "__main__":
    main()
