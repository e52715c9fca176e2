from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.archive import strays, verify
from jobs.archive.kept.away import Unreachable


class Command(BaseCommand):
    help = (
        "Hashes every file that is kept and names those that are missing or damaged. Films that "
        "belong to no row are put aside into `unowned` for a month, then thrown away. The follower "
        "does a share of it every night."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lost",
            action="store_true",
            help="the disk is mounted, and what is missing is lost, however much that is",
        )

        parser.add_argument(
            "--deep",
            action="store_true",
            help="read all that lies in a bucket, instead of asking it for what it noted",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        amiss = 0
        try:
            for text in verify.check(believe=options["lost"], deep=options["deep"]):
                self.stderr.write(text)
                amiss += 1
        except verify.FilesMissing as error:
            raise CommandError(
                f"{error} If they are lost, say so: verify_archive --lost"
            ) from error
        except Unreachable as error:
            raise CommandError(f"Nothing more is known: {error}. No file was marked.") from error
        removed = verify.remove_orphans()
        if found := strays.look():
            self.stdout.write(f"{found} films that no video owns wait on Team, Unclaimed videos.")
        if removed:
            self.stdout.write(
                f"{removed} files that belonged to nothing were put aside or thrown away."
            )
        if amiss:
            raise CommandError(f"{amiss} files are missing or damaged.")
        self.stdout.write("Every file is as it was stored.")
