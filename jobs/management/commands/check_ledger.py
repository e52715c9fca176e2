from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs import ledger, statements
from jobs.models import Budget, Statement


class Command(BaseCommand):
    help = (
        "Proves that every budget equals the sum of its entries and every hold has its job. "
        "Budgets that do not add up are frozen, and thawed once they do. Computes every closed "
        "month again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = [mismatch.text for mismatch in ledger.check()] + statements.verify()
        for text in found:
            self.stderr.write(text)
        if found:
            raise CommandError(f"{len(found)} figures do not add up.")
        self.stdout.write(f"{Budget.objects.count()} budgets add up.")
        if closed := Statement.objects.count():
            self.stdout.write(f"{closed} statements of closed months say what the ledger says.")
