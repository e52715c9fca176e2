"""Reads a setting as what it has to be: a number, a choice, an address.

What is none of it is named in one sentence, which shows no more of it than may be in a log, and it
is never taken for something else: a flag that is spelled wrong must not let real credits be spent.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

from veo_site.configuration import surroundings

YES = frozenset({"1", "true", "yes", "on", "y", "t", "ok"})
NO = frozenset({"0", "false", "no", "off", "n", "f"})
REDIS = ("redis://", "rediss://", "unix://")
N = TypeVar("N", int, float)


class Environment:
    """The environment, and below it a file `.env`. What is empty there is not set.

    Each method raises `ImproperlyConfigured`.
    """

    def __init__(self, file: Path) -> None:
        environ.Env.read_env(file)
        self._texts = environ.FileAwareEnv()

    def text(self, name: str, default: str = "") -> str:
        """As it stands there, or in the file that NAME_FILE names, less the end of its last line.

        Word by word: a `$NAME` is no reference to another one.
        """
        texts = self._texts.ENVIRON
        try:
            typed = str(texts.get(name, ""))
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", "") or "it is no text"
            raise ImproperlyConfigured(
                f"{name}_FILE names a file that can’t be read: {why}."
            ) from (error)
        return (typed.rstrip("\r\n") if texts.env.get(f"{name}_FILE") else typed) or default

    def whole(
        self, name: str, default: int, *, least: int | None = None, most: int | None = None
    ) -> int:
        return self._number(int, "a whole number", name, default, least, most)

    def number(self, name: str, default: float, *, least: float | None = None) -> float:
        return self._number(float, "a number", name, default, least, None)

    def flag(self, name: str, default: bool) -> bool:
        typed = self.text(name).strip().lower()
        if typed and typed not in YES | NO:
            raise ImproperlyConfigured(f"{name}: “{typed}” is neither true nor false.")
        return typed in YES if typed else default

    def listed(self, name: str) -> list[str]:
        """What stands there with commas between."""
        return [each for each in self.text(name).split(",") if each]

    def zone(self, name: str, default: str) -> str:
        typed = self.text(name, default)
        try:
            ZoneInfo(typed)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ImproperlyConfigured(
                f"{name}: “{typed}” is no time zone. Give one by its name, such as Europe/Berlin."
            ) from error
        return typed

    def api(self, name: str, default: str = "") -> str:
        """The base address of an API, without a slash at its end; or nothing."""
        return surroundings.api(name, self.text(name, default))

    def database(self, name: str, default: str) -> dict[str, Any]:
        example = "postgres://user:password@host:5432/dailies"
        facts = self._address(name, default, self._texts.db_url_config, example)
        if not str(facts.get("ENGINE", "")).endswith(("sqlite3", "postgresql")):
            raise ImproperlyConfigured(f"{name}: only SQLite and PostgreSQL are known here.")
        return facts

    def mail_server(self, name: str) -> dict[str, Any]:
        """Django's settings of it; none where it is not set."""
        example = "smtp+tls://user:password@host:587"
        return self._address(name, "", self._texts.email_url_config, example)

    def redis(self, name: str) -> str:
        typed = self.text(name)
        if typed and not typed.startswith(REDIS):
            raise ImproperlyConfigured(
                f"{name} is no address of a Redis. Give it whole, such as redis://127.0.0.1:6379/0"
            )
        return typed

    def _number(
        self, read: Callable[[str], N], what: str, name: str, default: N, *bounds: N | None
    ) -> N:
        typed = self.text(name).strip()
        found = _read(read, typed) if typed else default
        least, most = bounds
        if found is None or not _is_within(found, least, most):
            lower = "" if least is None else f", at least {least}"
            upper = "" if most is None else f", at most {most}"
            raise ImproperlyConfigured(f"{name}: “{typed}” is not {what}{lower}{upper}.")
        return found

    def _address(
        self, name: str, default: str, read: Callable[[str], dict[str, Any]], example: str
    ) -> dict[str, Any]:
        """What is read of an address, which may hold a password: it is not shown."""
        typed = self.text(name, default)
        try:
            facts = read(typed) if typed else {}
        except (ValueError, KeyError, ImproperlyConfigured):
            facts = {}
        if typed and not facts:
            # Nothing of what was raised: it may quote the address.
            raise ImproperlyConfigured(
                f"{name} is no address that can be read. Give it whole, such as {example}"
            )
        return facts


def _read(read: Callable[[str], N], typed: str) -> N | None:
    try:
        return read(typed)
    except ValueError:
        return None


def _is_within(found: float, least: float | None, most: float | None) -> bool:
    # What is no number at all (nan) is neither above nor below anything.
    is_one = abs(found) < float("inf")
    return is_one and (least is None or found >= least) and (most is None or found <= most)


env = Environment(Path(__file__).resolve().parents[2] / ".env")
