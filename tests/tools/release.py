"""`make release`: writes down what later versions are held to, in tests/released.

For each version its migrations, which nobody edits from then on, and a full database of it as
`manage.py backup` writes one, of SQLite and of PostgreSQL: both are upgraded by
tests/operations/running/test_new_versions.py.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import subprocess
import sys
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.providers.http import VERSION
from tests import ROOT
from tests.support.product import environment
from tests.tools.servers import postgres

FOLDER = ROOT / "tests" / "released"
VENDORS = ("sqlite", "postgresql")
SECRETS = {
    # No secrets: they open a database of made-up people.
    "SECRET_KEY": "of every released version's example",
    "CREDENTIAL_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}
FILL = """
import json, sys, django; django.setup()
from tests.support.states import filled
print(json.dumps(filled.fill()))
"""


@dataclass(frozen=True)
class Release:
    version: str
    migrations: dict[str, str]
    """The SHA-256 of each file."""
    rows: dict[str, int]
    """How many each table of its database has."""
    folder: Path = FOLDER

    @property
    def sqlite(self) -> Path:
        return self.folder / f"{self.version}.sqlite3.xz"

    @property
    def postgresql(self) -> Path:
        return self.folder / f"{self.version}.dump"


def releases(folder: Path = FOLDER) -> list[Release]:
    """Every version that was released, the oldest first."""
    found = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    found.sort(key=lambda each: [int(part) for part in each["version"].split(".")])
    return [Release(**each, folder=folder) for each in found]


def migrations() -> dict[str, str]:
    """The migrations of this checkout, with their hashes."""
    paths = sorted((ROOT / "jobs" / "migrations").glob("[0-9]*.py"))
    return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def write(folder: Path = FOLDER, vendors: Collection[str] = VENDORS) -> Release:
    """Write down this version, in half a minute. A PostgreSQL server has to be installed."""
    folder.mkdir(exist_ok=True)
    found = []
    with TemporaryDirectory() as temporary, ExitStack() as stack:
        for vendor in vendors:
            var = Path(temporary, vendor)
            is_file = vendor == "sqlite"
            url = f"sqlite:///{var / 'db.sqlite3'}" if is_file else stack.enter_context(postgres())
            found.append(Release(VERSION, migrations(), _backup(var, url), folder))
            content = (var / "backup").read_bytes()
            if is_file:
                found[-1].sqlite.write_bytes(lzma.compress(content))
            else:
                found[-1].postgresql.write_bytes(content)
    release = found[0]
    assert all(each == release for each in found)
    facts = {name: fact for name, fact in asdict(release).items() if name != "folder"}
    (folder / f"{VERSION}.json").write_text(json.dumps(facts, indent=2) + "\n")
    return release


def _backup(var: Path, database_url: str) -> dict[str, int]:
    """A full database of this version, and the rows in it."""
    env = environment(var, DATABASE_URL=database_url, **SECRETS)
    run(env, "manage.py", "prepare")
    rows: dict[str, int] = json.loads(run(env, "-c", FILL))
    run(env, "manage.py", "backup", str(var / "backup"))
    return rows


def run(env: dict[str, str], *arguments: str) -> str:
    """What Python says to standard output, in this checkout; what went wrong, as an assertion."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def main() -> None:
    release = write(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
    empty = [table for table, number in release.rows.items() if not number]
    sys.stdout.write(
        f"{VERSION}: {len(release.migrations)} migrations, {sum(release.rows.values())} rows; "
        f"no row in {', '.join(empty) or 'no table'}.\n"
    )


if __name__ == "__main__":
    main()
