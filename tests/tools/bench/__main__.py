"""`python -m tests.tools.bench [--seconds 1.5] [--rounds 4] [web] [worker] …`: see PARTS.

`python -m tests.tools.bench tabs` is a program of its own (tests/tools/bench/tabs).
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.tools.bench import book_keeping, library, private
from tests.tools.bench.report import table
from tests.tools.bench.tabs import __main__ as tabs

PARTS = ("web", "worker", "facts", "books", "library", "slow", "line")
PAIR_HEADS = ("path", "ours: rate · p50 / p99", "baseline", "ratio", "target", "")
FACT_HEADS = ("figure", "measured", "target", "", "")


def main() -> int:
    if sys.argv[1:2] == ["tabs"]:
        # On installations of its own, one for each database.
        return tabs.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="make bench", description="Ratios to bare baselines.")
    parser.add_argument("parts", nargs="*", metavar="|".join(PARTS), help="default: all")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of one turn")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each side")
    options = parser.parse_args()
    if strange := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(strange)}")
    parts, started = options.parts or PARTS, time.monotonic()
    with private.surroundings():
        _prepare()
        # Only now: these load Django's models.
        from tests.tools.bench import facts, line, paths, worker  # noqa: PLC0415
        from tests.tools.bench.clients import slow  # noqa: PLC0415

        pairs = list(paths.measure(options.seconds, options.rounds)) if "web" in parts else []
        pairs += list(worker.measure()) if "worker" in parts else []
        if pairs:
            _say(table(PAIR_HEADS, [row for pair in pairs for row in pair.rows()]))
        if "facts" in parts:
            _say(table(FACT_HEADS, [fact.row() for fact in facts.measure()]))
        if "slow" in parts:
            _say(table(slow.HEADS, [beside.row() for beside in slow.measure(4 * options.seconds)]))
        if "line" in parts:
            _say(table(FACT_HEADS, [fact.row() for fact in line.measure()]))
        if "library" in parts:
            for database, besides in library.measure():
                heads = f"page, {database}", *library.HEADS[1:]
                _say(table(heads, [beside.row() for beside in besides]))
        if "books" in parts:
            _say(table(FACT_HEADS, [fact.row() for fact in book_keeping.measure()]))
    _say(f"{_setting()}, {time.monotonic() - started:.0f} s in all")
    return 0


def _prepare() -> None:
    import django  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("prepare")


def _setting() -> str:
    database = os.environ["DATABASE_URL"].partition(":")[0]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{database}, queue in {os.environ['Q_BROKER']}, {os.cpu_count()} cores, load {load}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
