from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.archive import verify


class Command(BaseCommand):
    help = (
        "Hashes every file that is kept and names those that are missing or damaged. What a worker "
        "that was killed left behind is thrown away. The follower does a share of it every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            amiss = list(verify.check())
        except verify.NotThere as error:
            raise CommandError(str(error)) from error
        removed = verify.remove_orphans()
        for text in amiss:
            self.stderr.write(text)
        if removed:
            self.stdout.write(f"{removed} files that belonged to nothing were thrown away.")
        if amiss:
            raise CommandError(f"{len(amiss)} files are missing or damaged.")
        self.stdout.write("Every file is as it was stored.")
