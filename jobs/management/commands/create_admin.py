from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs import people
from jobs.models import User


class Command(BaseCommand):
    help = "Makes an existing person an admin, also where nobody is one. The audit keeps it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the username")
        parser.add_argument("--reason", default="", help="why, for the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.named(options["user"]).first()
        if person is None:
            raise CommandError(
                f"There is no user {options['user']}. For a new one, run: manage.py createsuperuser"
            )
        try:
            people.change_role(person, User.Role.ADMIN, None, reason=options["reason"][:300])
        except people.PersonNotChanged as error:
            raise CommandError(error.user_message) from error
        self.stdout.write(f"{person.username} is an admin now.")
