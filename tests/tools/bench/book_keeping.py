"""The payer's pages on a year of history, each size in a process and a database of its own.

`python -m tests.tools.bench.book_keeping JOBS PEOPLE` measures one size and writes its facts as
JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from io import StringIO

from tests.tools.bench import private
from tests.tools.bench.report import Fact

SIZES = ((1_000, 20), (200_000, 200))


def measure() -> Iterator[Fact]:
    for jobs, people in SIZES:
        surroundings = dict(os.environ)
        if surroundings["DATABASE_URL"].startswith("sqlite"):
            # That is this run's file; the other process makes one for itself.
            del surroundings["DATABASE_URL"]
        done = subprocess.run(
            [sys.executable, "-m", "tests.tools.bench.book_keeping", str(jobs), str(people)],
            env=surroundings,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        yield from (Fact(**each) for each in json.loads(done.stdout))


def main() -> int:
    jobs, people = map(int, sys.argv[1:3])
    with private.surroundings():
        import django  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415

        django.setup()
        call_command("prepare", stdout=StringIO())
        # Only now: this loads Django's models.
        from tests.tools.bench import year  # noqa: PLC0415

        json.dump([asdict(fact) for fact in year.measure(jobs, people)], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
