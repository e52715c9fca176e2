"""Ends sessions from the server: of some people, or of everybody."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs import people
from jobs.models import User


class Command(BaseCommand):
    help = "Sign people out in every browser: those that are named, or with --all everybody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", nargs="*")
        parser.add_argument("--all", action="store_true", help="everybody")

    def handle(self, *args: Any, **options: Any) -> None:
        names = options["username"]
        if bool(names) == options["all"]:
            raise CommandError("Name the people to sign out, or give --all.")
        found = User.objects.all()
        if names:
            found = found.filter(pk__in=[self._named(name).pk for name in names])
        ended = sum(people.sign_out(person, None, reason="on the server") for person in found)
        self.stdout.write(f"{ended} session{'' if ended == 1 else 's'} ended.")

    def _named(self, name: str) -> User:
        try:
            return User.objects.named(name).get()
        except User.DoesNotExist:
            raise CommandError(f"There is nobody called {name}.") from None
