"""Other processes on the same database, to be killed at the worst moment."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.db import connection


def database_url() -> str:
    """The address of the test database that this process uses."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    login = f"{facts['USER']}:{facts['PASSWORD']}@" if facts["USER"] else ""
    host = f"{facts['HOST'] or '127.0.0.1'}:{facts['PORT'] or 5432}"
    return f"postgres://{login}{host}/{facts['NAME']}"


def spawn(code: str, **environment: Any) -> subprocess.Popen[bytes]:
    """Run Python `code` with Django set up on the test database."""
    start = "import django; django.setup(); " + code
    return subprocess.Popen(
        [sys.executable, "-c", start],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "veo_site.settings",
            # What it keeps for itself belongs to the test, and its secrets are the test's own.
            "VAR_DIR": str(settings.LIFE_FILE.parent),
            "SECRET_KEY": settings.SECRET_KEY,
            "CREDENTIAL_KEYS": ",".join(settings.CREDENTIAL_KEYS),
            "DATABASE_URL": database_url(),
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            **{name: str(value) for name, value in environment.items()},
        },
    )
