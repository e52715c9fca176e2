"""`python -m tests.tools.soak [--jobs 500] [--sqlite] [--help for more]`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from tests.tools.servers import ServerMissing
from tests.tools.soak import backlog, outages
from tests.tools.soak.machines.surroundings import Stage, stage


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--jobs", type=int, default=500, help="how many jobs are ordered")
    parser.add_argument("--sqlite", action="store_true", help="without a server to be restarted")
    parser.add_argument("--seed", type=int, default=0, help="of orders and faults")
    parser.add_argument("--kill-seconds", type=float, default=20, help="between two kills")
    parser.add_argument("--settle-seconds", type=float, default=330, help="for all to end, at most")
    parser.add_argument(
        "--machines", type=int, default=1, help="of several, the films lie in a bucket"
    )
    parser.add_argument(
        "--outages",
        nargs="*",
        metavar="WHAT",
        help="instead of faults: take away what it needs, one after the other, or only these",
    )
    parser.add_argument("--away-seconds", type=float, default=60, help="for each of them")
    parser.add_argument(
        "--backlog", type=int, metavar="JOBS", help="instead: so many that are ordered at once"
    )
    parser.add_argument(
        "--accounts",
        type=int,
        default=backlog.ACCOUNTS,
        help="of a backlog, each sent twenty orders in ten seconds",
    )
    parser.add_argument("--logs", type=Path, help="where to leave what the processes said")
    options = parser.parse_args()
    if options.sqlite and options.machines > 1:
        parser.error("several machines share a PostgreSQL")
    try:
        with _stage(options) as played:
            try:
                return _play(played, options)
            finally:
                if options.logs:
                    _keep_logs(played, options.logs)
    except ServerMissing as missing:
        sys.exit(str(missing))


def _stage(options: argparse.Namespace) -> AbstractContextManager[Stage]:
    if options.outages is not None:
        return stage(
            sqlite=options.sqlite,
            fault_rate=0,
            machines=options.machines,
            outages=True,
            MEDIA_FREE_BYTES_MIN=outages.DISK_FLOOR,
            UNPAID_FREE_BYTES_MIN=outages.DISK_FLOOR,
        )
    if options.backlog:
        return stage(
            sqlite=options.sqlite,
            seconds=backlog.VIDEO_SECONDS,
            accounts=options.accounts,
            fault_rate=0,
            METRICS_TOKEN=backlog.TOKEN,
        )
    return stage(sqlite=options.sqlite, machines=options.machines)


def _play(played: Stage, options: argparse.Namespace) -> int:
    os.environ.update(played.environment)
    import django  # noqa: PLC0415

    django.setup()
    # Only now: they load Django's models.
    from tests.tools.soak import play as soak  # noqa: PLC0415
    from tests.tools.soak.backlog import play as backlog_play  # noqa: PLC0415
    from tests.tools.soak.outages import play as outages_play  # noqa: PLC0415

    if options.outages is not None:
        told = outages_play.play(played, options)
    elif options.backlog:
        told = backlog_play.play(played, options)
    else:
        told = soak.play(
            played,
            options.jobs,
            options.seed,
            kill_seconds=options.kill_seconds,
            settle_seconds=options.settle_seconds,
        )
    sys.stdout.write(f"{told.text}\n")
    return 0 if told.all_kept else 1


def _keep_logs(played: Stage, target: Path) -> None:
    for number, machine in enumerate(played.machines, 1):
        folder = target / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        for log in machine.folder.glob("*.log"):
            shutil.copy(log, folder)


if __name__ == "__main__":
    sys.exit(main())
