"""`python -m tests.tools.bench tabs [--people 200] [--jobs 50] [--minutes 0.75] [--help]`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from tests.tools.servers import ServerMissing
from tests.tools.soak.machines.surroundings import stage

DATABASES = ("sqlite", "postgresql")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where all was met; of both databases each is played by a process of its own."""
    parser = argparse.ArgumentParser(prog="make bench tabs")
    add = parser.add_argument
    add("--people", type=int, default=200, help="each with the studio in a tab (default 200)")
    add("--jobs", type=int, default=50, help="that are kept under way (default 50)")
    add("--minutes", type=float, default=0.75, help="that are measured (default 0.75)")
    add("--video-seconds", type=float, default=30, help="the provider takes (default 30)")
    add("--page-seconds", type=float, default=30, help="between two pages of one person (30)")
    add("--accounts", type=int, default=10, help="at the provider, whose owners order (10)")
    add("--settle-seconds", type=float, default=120, help="for all to end, at most (default 120)")
    add("--database", choices=DATABASES, help="default: one after the other")
    options = parser.parse_args(arguments)
    if options.database is None:
        given = list(sys.argv[1:] if arguments is None else arguments)
        command = [sys.executable, "-m", "tests.tools.bench.tabs", *given, "--database"]
        return max(subprocess.call([*command, name]) for name in DATABASES)
    try:
        with stage(
            sqlite=options.database == "sqlite",
            seconds=options.video_seconds,
            accounts=options.accounts,
            fault_rate=0,
        ) as played:
            os.environ.update(played.environment)
            import django  # noqa: PLC0415

            django.setup()
            # Only now: it loads Django's models.
            from tests.tools.bench.tabs import play  # noqa: PLC0415

            return play.play(played, options)
    except ServerMissing as missing:
        sys.exit(str(missing))


if __name__ == "__main__":
    sys.exit(main())
