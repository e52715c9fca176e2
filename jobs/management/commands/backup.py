from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from jobs import lives
from jobs.archive.kept import places
from jobs.management import dumps


class Command(BaseCommand):
    help = (
        "Writes the database into one file, while everything goes on. Copy the folder of the "
        "videos after that, not before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path", type=Path, help="the file to write, or a folder in which to make one"
        )

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        if path.is_dir():
            moment = timezone.localtime().strftime("%Y%m%d-%H%M%S")
            path /= f"dailies-{moment}{dumps.SUFFIXES[connection.vendor]}"
        if path.exists():
            raise CommandError(f"{path} is there already, and is left as it is.")
        lives.note_backup()
        try:
            dumps.dump(path)
        except dumps.NotDone as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(
            f"The database is in {path}. Copy {places.whereabouts()} now, and keep CREDENTIAL_KEYS."
        )
