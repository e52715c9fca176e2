from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs import doctor
from jobs.doctor import planning, spending
from jobs.models import User

MINUTES = 30
ANSWERS = ("yes", "y")


class Command(BaseCommand):
    help = (
        "Examines this installation and its providers without spending anything, and prints what "
        "is as the documents say, what differs, and what could not be known. It holds no secret, "
        "and can be sent as it is. With --spend it also makes the cheapest film of each model that "
        "so many credits pay for, and compares what comes of them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--spend", type=_credits, metavar="N", help="at most so many credits")
        parser.add_argument("--person", help="whose credits and keys; the first admin's otherwise")
        parser.add_argument("--yes", action="store_true", help="do not ask before ordering")
        parser.add_argument("--minutes", type=int, default=MINUTES, help="how long to wait")

    def handle(self, *args: Any, **options: Any) -> None:
        self.counts = dict.fromkeys(doctor.Verdict, 0)
        self._print(doctor.examine())
        if options["spend"]:
            self._spend(options)
        summed = ", ".join(f"{count} {verdict}" for verdict, count in self.counts.items())
        self._say(f"{summed}.")

    def _spend(self, options: dict[str, Any]) -> None:
        owner = _person(options["person"])
        planned, left_out = planning.plan(owner, options["spend"])
        self._print(left_out)
        if not planned:
            return
        if why := spending.idle():
            raise CommandError(f"Nothing is ordered: {why}, so nobody would send it.")
        self._say("To be made, and charged by the providers:")
        for film in planned:
            self._say(f"  {film.said}")
        total = sum(film.credits for film in planned)
        if not options["yes"] and not _agreed(f"Spend {total:,} credits? Type yes: "):
            raise CommandError("Nothing was ordered.")
        before = spending.balances(owner, planned)
        ordered: spending.Ordered = []
        try:
            self._print(spending.order(planned, owner, ordered))
            for line in spending.wait(ordered, 60 * options["minutes"]):
                self._say(f"  {line}")
        except KeyboardInterrupt:
            self._say("Interrupted. These go on without this command, and stand in the studio:")
            for film, job in ordered:
                self._say(f"  {film.subject}: {job.get_status_display().lower()}")
            raise CommandError("Not compared.") from None
        after = spending.balances(owner, planned)
        self._print(spending.compare(ordered, before, after))

    def _print(self, findings: Any) -> None:
        for finding in findings:
            self.counts[finding.verdict] += 1
            self._say(f"{finding.verdict:<8} {finding.subject}: {finding.said}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _person(name: str | None) -> User:
    rows = User.objects.named(name) if name else User.objects.filter(role=User.Role.ADMIN)
    person = rows.filter(is_active=True).order_by("pk").first()
    if person is None:
        raise CommandError(f"There is no user {name}." if name else "There is no admin yet.")
    return person


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ANSWERS
    except EOFError:
        return False


def _credits(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and int(typed)):
        raise ArgumentTypeError(f"{typed!r} is no number of credits from 1 on")
    return int(typed)
