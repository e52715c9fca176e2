from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs import ledger
from jobs.models import Budget


class Command(BaseCommand):
    help = (
        "Proves that every budget equals the sum of its entries and every hold has its job. "
        "Budgets that do not add up are frozen, and thawed once they do."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = ledger.check()
        for mismatch in found:
            self.stderr.write(mismatch.text)
        if found:
            raise CommandError(f"{len(found)} figures do not add up.")
        self.stdout.write(f"{Budget.objects.count()} budgets add up.")
