"""`python -m tests.tools.servers [--pairs N] -- COMMAND…` runs COMMAND on private servers.

It finds the first PostgreSQL and Redis as DATABASE_URL and REDIS_URL. Of several pairs, the n-th
belongs to pytest's n-th worker (tests/settings.py), and `pytest -n auto` starts one for each.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.tools.servers import STOPS_WITHIN, ServerMissing, postgres, redis


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.servers", description=__doc__)
    parser.add_argument("--pairs", type=int, default=1)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    try:
        with ExitStack() as stack:
            pairs = [stack.enter_context(pair()) for _ in range(options.pairs)]
            environment = {
                "DATABASE_URL": pairs[0][0],
                "REDIS_URL": pairs[0][1],
                "Q_BROKER": "redis",
                "DAILIES_TEST_SERVERS": json.dumps(pairs),
                "PYTEST_XDIST_AUTO_NUM_WORKERS": str(options.pairs),
            }
            return run(options.command, os.environ | environment)
    except ServerMissing as missing:
        sys.exit(str(missing))


@contextmanager
def pair() -> Iterator[tuple[str, str]]:
    """The addresses of a PostgreSQL and a Redis."""
    with postgres() as database_url, redis() as redis_url:
        yield database_url, redis_url


def run(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


if __name__ == "__main__":
    sys.exit(main())
