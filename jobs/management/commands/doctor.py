from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from jobs import doctor


class Command(BaseCommand):
    help = (
        "Examines this installation and its providers without spending anything, and prints what "
        "is as the documents say, what differs, and what could not be known. It holds no secret, "
        "and can be sent as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = dict.fromkeys(doctor.Verdict, 0)
        for finding in doctor.examine():
            counts[finding.verdict] += 1
            self.stdout.write(f"{finding.verdict:<8} {finding.subject}: {finding.said}")
            self.stdout.flush()
        summed = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        self.stdout.write(f"{summed}.")
