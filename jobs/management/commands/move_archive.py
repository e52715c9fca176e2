from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from jobs.archive import moving

TELL_SECONDS = 10


class Command(BaseCommand):
    help = (
        "Moves all kept files to the place where new ones go, the bucket or the disk, and compares "
        "each. It can be stopped at any time and run again, while everything goes on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", choices=("bucket", "disk"), required=True)
        parser.add_argument(
            "--remove",
            action="store_true",
            help="remove each original once the copy was compared with it",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say how much is to be moved, and move nothing"
        )

    def handle(self, *args: Any, to: str, remove: bool, dry_run: bool, **options: Any) -> None:
        try:
            moving.require(to)
            if dry_run:
                found = list(moving.waiting())
                size = filesizeformat(sum(each for _, each in found))
                self.stdout.write(f"{len(found):,} files, {size}, are not in the {to} yet.")
            else:
                self._move(to, remove=remove)
        except moving.NotMoved as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"It broke off: {error.strerror or error}. What was moved is moved; run it again."
            ) from error

    def _move(self, to: str, *, remove: bool) -> None:
        told_at, number, size = time.monotonic(), 0, 0
        there, removed, amiss = 0, 0, 0
        for each in moving.move(remove=remove):
            number, size = number + 1, size + each.bytes
            there, removed = there + each.was_there, removed + each.is_removed
            if each.trouble:
                amiss += 1
                self.stderr.write(f"{each.name} stays where it is: {each.trouble}.")
            if time.monotonic() > told_at + TELL_SECONDS:
                told_at = time.monotonic()
                self.stdout.write(f"{number:,} files, {filesizeformat(size)} …")
        self.stdout.write(
            f"{number - amiss:,} files, {filesizeformat(size)}, are in the {to} and were compared: "
            f"{number - amiss - there:,} moved now, {there:,} were there."
        )
        lacking = moving.missing()
        for name in lacking:
            self.stderr.write(f"{name} is not in the {to}.")
        if amiss or lacking:
            raise CommandError(f"{len(lacking) or amiss:,} files are missing or damaged.")
        kept = number - removed
        self.stdout.write(
            f"Every video and image of the database is in the {to}."
            + (f" {kept:,} originals are still there: run it with --remove." if kept else "")
        )
