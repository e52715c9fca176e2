"""Runs the practice provider alone."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from jobs.practice.__main__ import main


class Command(BaseCommand):
    help = "Runs the practice provider, which speaks both providers' HTTP and renders real videos."

    def run_from_argv(self, argv: list[str]) -> None:
        """The options are the provider's own (`--help` tells); only the port is a setting."""
        self.handle(*argv[2:])

    def handle(self, *args: str, **_: Any) -> None:
        sys.exit(main(["--port", str(settings.PRACTICE_PORT), *args]))
