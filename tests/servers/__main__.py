"""`python -m tests.servers -- COMMAND…` runs COMMAND on a private PostgreSQL and Redis."""

import os
import subprocess
import sys

from tests.servers import STOPS_WITHIN, ServerMissing, postgres, redis


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        sys.exit(__doc__)
    try:
        with postgres() as database_url, redis() as redis_url:
            environment = {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "Q_BROKER": "redis",
            }
            return run(command, os.environ | environment)
    except ServerMissing as missing:
        sys.exit(str(missing))


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
    sys.exit(main(sys.argv[1:]))
