from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs import credentials
from jobs.forms import KeyForm
from jobs.models import User
from jobs.providers import PROVIDERS


class Command(BaseCommand):
    help = "Reads a provider key from standard input, tries it, and seals it for a user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the username")
        parser.add_argument("provider", choices=sorted(PROVIDERS))

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.named(options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        form = KeyForm({"key": sys.stdin.readline()})
        if not form.is_valid():
            raise CommandError(form.errors["key"][0])
        try:
            saved = credentials.save_key(
                user, options["provider"], form.cleaned_data["key"], actor=None
            )
        except credentials.NotUsable as error:
            raise CommandError(error.user_message) from error
        self.stdout.write(f"Saved the {saved.provider} key ending in {saved.last_four}.")
