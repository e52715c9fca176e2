from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from jobs import people
from jobs.forms import SetupForm
from jobs.models import User


class Command(BaseCommand):
    help = (
        "Makes the first admin, with a password that is typed or comes by standard input; later, "
        "makes an existing person an admin, also where nobody is one. The audit keeps it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the username")
        parser.add_argument("--reason", default="", help="why, for the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self._promote(options["user"], options["reason"][:300])
        else:
            self._make_first(options["user"])

    def _promote(self, name: str, reason: str) -> None:
        person = User.objects.named(name).first()
        if person is None:
            raise CommandError(
                f"There is no user {name}. For a new one, run: manage.py createsuperuser"
            )
        try:
            people.change_role(person, User.Role.ADMIN, None, reason=reason)
        except people.PersonNotChanged as error:
            raise CommandError(error.user_message) from error
        self.stdout.write(f"{person.username} is an admin now.")

    def _make_first(self, name: str) -> None:
        if sys.stdin.isatty():
            passwords = [getpass.getpass("Password: "), getpass.getpass("Password again: ")]
        else:
            passwords = [sys.stdin.readline().rstrip("\r\n")] * 2
        given = {"username": name, "password1": passwords[0], "password2": passwords[1]}
        form = SetupForm({**given, "starting_credits": "0"})
        if not form.is_valid():
            raise CommandError(
                " ".join(str(said) for each in form.errors.values() for said in each)
            )
        try:
            people.first_admin.make_first_admin(form.save(commit=False), 0)
        except IntegrityError as error:
            raise CommandError("Somebody else has just become the first admin.") from error
        self.stdout.write(f"{form.cleaned_data['username']} is an admin now.")
