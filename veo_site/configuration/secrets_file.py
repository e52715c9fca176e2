"""Secrets made once for a local run and kept in var/, before Django's settings load.

Production never comes here: it is given its own secrets or refuses to start.
"""

import base64
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from django.core.exceptions import ImproperlyConfigured

MAKERS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    # A Fernet key: 32 random bytes in URL-safe base64.
    "CREDENTIAL_KEYS": lambda: base64.urlsafe_b64encode(os.urandom(32)).decode(),
}


def path_of(var: Path, name: str) -> Path:
    return var / name.lower()


def ensure(var: Path) -> None:
    """Makes `var` (mode 700) and each missing secret in it (mode 600). Never changes one."""
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, make in MAKERS.items():
        path = path_of(var, name)
        if path.exists():
            path.chmod(0o600)
        else:
            _write_once(path, make())


def read(var: Path, name: str) -> str | None:
    """The secret kept under `name`, if there is one."""
    try:
        return path_of(var, name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def required(var: Path, name: str, given: str) -> str:
    """The secret that was given, else the one that a local run made; never made up.

    Raises `ImproperlyConfigured`.
    """
    value = given or read(var, name)
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Give it in the environment, in .env, or as {name}_FILE."
        )
    return value


def _write_once(path: Path, text: str) -> None:
    """Whole or not at all, and the first of several processes wins: linking never overwrites."""
    handle, draft = mkstemp(dir=path.parent, prefix=".secret-")  # mkstemp gives mode 600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            # Keys sealed with a secret that a power cut then takes away could never be read again.
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
