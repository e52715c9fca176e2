from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs import ledger, letters
from jobs.forms.figures import CreditsField
from jobs.models import User


class Command(BaseCommand):
    help = "Grants credits to a user, or with a negative number takes unspent ones back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the username")
        parser.add_argument("credits", type=_credits, metavar="N")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.named(options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        if not letters.is_visible(options["reason"]):
            raise CommandError("Say why: --reason has nothing in it that can be seen.")
        try:
            ledger.grant(user, options["credits"], reason=options["reason"][:300], actor=None)
        except ledger.OutOfRange as error:
            raise CommandError(
                f"N must be between -{ledger.CREDITS_MAX} and {ledger.CREDITS_MAX}, and not 0."
            ) from error
        except ledger.NotEnough as short:
            raise CommandError(f"Only {short.available} unspent credits are left.") from short
        budget = ledger.standing_of(user)
        self.stdout.write(f"{user.username} now has {budget.available} credits to spend.")


def _credits(typed: str) -> int:
    """The figure, read as the pages read it; how much an entry may move is the ledger's to say."""
    try:
        number = CreditsField(minimum=-ledger.CREDITS_MAX).to_python(typed)
    except ValidationError as error:
        raise ArgumentTypeError(f"invalid int value: {typed!r}. {error.messages[0]}") from error
    if number is None:
        raise ArgumentTypeError(f"invalid int value: {typed!r}")
    return int(number)
