"""Makes an installation ready to start: folders, database, static files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from jobs import credentials, database
from jobs.archive.kept import nameplate
from jobs.credentials import specimen
from jobs.machine import measures
from jobs.management import tables
from jobs.models import User
from jobs.people import first_admin
from jobs.providers import PROVIDERS
from jobs.readiness import starting


class Command(BaseCommand):
    help = "Prepares the data folder, the database and the static files. Safe to repeat."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--adopt-media",
            action="store_true",
            help="the folder of videos is this database's from now on, whatever it says itself",
        )
        parser.add_argument(
            "--adopt-keys",
            action="store_true",
            help="the former CREDENTIAL_KEYS are lost: what they sealed has to be entered again",
        )

    def handle(self, *, adopt_media: bool, adopt_keys: bool, **_: Any) -> None:
        starting.require_settings()
        settings.VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.make_file()
        if not tables.make_all():
            call_command("migrate", interactive=False, verbosity=0)
        try:
            specimen.make(adopt=adopt_keys)
            nameplate.put_up(adopt=adopt_media)
        except (specimen.Unfit, nameplate.NotOurs) as error:
            raise starting.NotReady(error.user_message) from error
        collect_static()
        measures.forget()
        if settings.PRACTICE:
            # What the practice provider knows by itself, so that a fresh one can make a video.
            keys = {each.name: each.practice_key for each in PROVIDERS.values()}
            credentials.save_practice_keys({name: key for name, key in keys.items() if key})
        if settings.OPEN_TO_OTHERS and not User.objects.exists():
            self.stdout.write(
                f"The setup page asks for this code to make the first admin: {first_admin.code()}"
            )


def collect_static() -> None:
    """Hashes and compresses the static files, unless none has changed since the last time.

    An image brings its own in a folder that nobody may write to. Raises `NotReady` where those are
    of another version.
    """
    if starting.has_baked_static_files():
        starting.require_static_files()
        return
    state = "\n".join(
        f"{name} {storage.size(name)} {storage.get_modified_time(name).timestamp()}"
        for finder in finders.get_finders()
        for name, storage in finder.list([])
    )
    folder = Path(settings.STATIC_ROOT)
    stamp = folder.with_name(f"{folder.name}.stamp")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != state:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(state, encoding="utf-8")
