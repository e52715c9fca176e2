from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.translation import ngettext

from jobs import database
from jobs.archive.kept import places
from jobs.management import dumps
from jobs.models import Life, User
from jobs.readiness import restored
from jobs.times import moments


class Command(BaseCommand):
    help = (
        "Puts a backup of the database in the place of the present one. What may have been sent "
        "after it was made needs a look, and is not sent again."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, nargs="?", help="the file that `backup` wrote")
        parser.add_argument(
            "--in-place",
            action="store_true",
            help="the database was put back by other means, such as a snapshot of the machine",
        )
        parser.add_argument(
            "--replace", action="store_true", help="what the present database holds is given up"
        )
        parser.add_argument(
            "--moved",
            action="store_true",
            help="nothing has run since the backup was begun, so nothing can have been sent",
        )

    def handle(
        self,
        *args: Any,
        path: Path | None,
        in_place: bool,
        replace: bool,
        moved: bool,
        **options: Any,
    ) -> None:
        if (path is None) != in_place:
            raise CommandError("Name the file to restore, or say --in-place.")
        if path is not None:
            self._load(path, replace=replace)
        reason = "It was restored by a command." if path else "Somebody said that it was put back."
        life = restored.begin_anew(reason, moved=moved)
        assert life is not None, "a reason was given"  # noqa: S101
        self._tell(life, moved=moved)

    def _load(self, path: Path, *, replace: bool) -> None:
        database.make_file()
        tables = connection.introspection.table_names()
        has_people = "jobs_user" in tables and User.objects.exists()
        if has_people and not replace:
            raise CommandError(
                "There is a database with people in it. Make a backup of it, and then say "
                "--replace to give it up."
            )
        try:
            dumps.load(path)
        except dumps.NotDone as error:
            raise CommandError(str(error)) from error
        # It may be of an earlier version.
        call_command("migrate", interactive=False, verbosity=0)

    def _tell(self, life: Life, *, moved: bool) -> None:
        moment = moments.in_words(life.left_off_at) if life.left_off_at else ""
        self.stdout.write(f"The database is as it was on {moment}.")
        if not moved and not life.doubted:
            self.stdout.write("Nothing was waiting to be sent then, so nothing needs a look.")
        elif not moved:
            looks = ngettext("%d video needs", "%d videos need", life.doubted) % life.doubted
            self.stdout.write(
                f"{looks} a look, since nobody knows what was sent after that. See Team, To do."
            )
        self.stdout.write(
            f"Put the videos back into {places.whereabouts()}, then run verify_archive and "
            "check_ledger."
        )
