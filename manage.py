#!/usr/bin/env python
"""Dailies' command line: `python manage.py help` lists what it can do."""

import gc
import os
import sys
from importlib import import_module

from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from veo_site import refusing


class Utility(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        command = super().fetch_command(subcommand)
        if refusing.is_json():
            command.stderr = refusing.Lines(sys.stderr)
        gc.freeze()
        gc.enable()
        return command


def main() -> None:
    """Run a command. What it cannot do without is said in a sentence, not in a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veo_site.settings")
    # Until the command is there things are loaded that stay: no search for garbage need look at
    # them, neither then, which is a seventh of the start, nor later.
    gc.disable()
    with refusing.settings_said():
        try:
            Utility(sys.argv).execute()
        except DatabaseError as error:
            # Not at the top: nothing of Dailies can be imported before there are settings.
            reason = import_module("jobs.readiness.starting").why_unusable(error)
            if not reason:
                raise
            refusing.refuse(reason)


if __name__ == "__main__":
    main()
