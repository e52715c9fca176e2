"""Makes an installation ready to start: folders, database, static files."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from jobs import credentials

STAMP = "static.stamp"
PRACTICE_KEYS = {"kie": "practice-kie-key", "veo4": "practice-veo4-key"}
"""Keys that the practice provider knows by itself: a fresh installation can make a video."""


class Command(BaseCommand):
    help = "Prepares the data folder, the database and the static files. Safe to repeat."
    requires_system_checks = []

    def handle(self, **_: Any) -> None:
        settings.VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        collect_static()
        if settings.PRACTICE:
            credentials.save_practice_keys(PRACTICE_KEYS)


def collect_static() -> None:
    """Hashes and compresses the static files, unless none has changed since the last time."""
    state = "\n".join(
        f"{name} {storage.size(name)} {storage.get_modified_time(name).timestamp()}"
        for finder in finders.get_finders()
        for name, storage in finder.list([])
    )
    stamp = settings.VAR / STAMP
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != state:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(state, encoding="utf-8")
