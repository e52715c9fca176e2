"""The floods that are dammed: how often one person, visitor or address may do what.

Each limit is a setting, LIMIT_ and its name. They are counted in `jobs.limits`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, unique

from django.core.exceptions import ImproperlyConfigured

OFF = "off"
RATE = re.compile(r"(\d{1,15})(k|M|G|T)?B?/(\d{1,6})?([smhd])", re.ASCII)
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
YEAR = 366 * 86_400
WRONG = "There were too many wrong passwords."
FROM_MANY_PLACES = (
    "There were too many wrong passwords for this name from many places. Sign in where you have "
    "signed in before, or ask an admin for a link."
)
CODES_FROM_MANY_PLACES = (
    "There were too many wrong codes for this account from many places. Sign in where you have "
    "signed in before, or ask an admin to remove your second step."
)


@dataclass(frozen=True, slots=True)
class Rate:
    """At once as many as `most`, which come back evenly over `seconds`."""

    most: int
    seconds: int


@unique
class Limit(Enum):
    """A limit with its default, and the sentence for who has reached it."""

    ADDRESS_MAILS = "5/1h", "You have asked for many links to confirm an address."
    BATCHES = "60/1h", "You have handed in many tables in a short time."
    CHOICES = "3000/10m", "You have changed very many videos in a short time."
    CODES = "10/1h", "There were too many wrong codes for this account."
    CODES_OF_DAY = "30/1d", "There were too many wrong codes for this account today."
    CODES_OF_PERSON = "100/1d", CODES_FROM_MANY_PLACES
    COMMENTS = "20/10m", "You have commented a lot in a short time."
    COMMENTS_OF_ADDRESS = "60/10m", "Many comments came from your network in a short time."
    EXPORTS = "30/10m", "You have exported a lot in a short time."
    IMAGE_BYTES = "2GB/1d", "You have added many large images in a short time."
    INVITATIONS = "50/1h", "You have invited many people in a short time."
    KEY_TRIES = "10/10m", "You have tried many keys in a short time."
    LINKS = "60/1h", "You have made many links in a short time."
    LINK_PASSWORDS = "10/1h", "There were too many wrong passwords."
    LINK_PASSWORDS_OF_ALL = "200/1h", "There were too many wrong passwords from many places."
    NOTED_SIGN_INS = "3/1h", "This was noted a moment ago."
    NOTED_SIGN_INS_OF_ALL = "200/1d", "Enough of this was noted today."
    ORDERS = "120/10m", "You have ordered a lot in a short time. Nothing was ordered."
    PASSKEYS_OF_ADDRESS = "60/10m", "Passkeys were asked for very often from your network."
    PASSWORD_MAILS = "3/1h", "A link was sent a moment ago."
    PASSWORD_MAILS_OF_ADDRESS = "20/1h", "You have asked for many links."
    PROJECTS = "20/1d", "You have created many projects in a short time."
    PROMPT_HELP = "30/1h", "You have asked for help with many prompts in a short time."
    RIGHT_PASSWORDS = "60/1h", "You have signed in very often in a short time."
    SETUP_CODES = "10/1h", "There were too many wrong codes."
    SIGN_INS = "5/5m", WRONG
    SIGN_INS_OF_ADDRESS = "60/1h", "There were too many wrong passwords from your network."
    SIGN_INS_OF_DAY = "40/1d", WRONG
    SIGN_INS_OF_HOUR = "15/1h", WRONG
    SIGN_INS_OF_NAME = "100/1d", FROM_MANY_PLACES
    SSO_OF_ADDRESS = "60/10m", "Signing in was begun very often from your network."
    TEMPLATES = "40/1d", "You have created many templates in a short time."

    def __init__(self, default: str, sentence: str) -> None:
        self.default = default
        self.sentence = sentence
        self.setting = f"LIMIT_{self.name}"


def read(environment: Callable[[str], str]) -> dict[str, Rate | None]:
    """The limits as set, by name; None for one that is off. Raises `ImproperlyConfigured`."""
    return {
        limit.name: rate(limit.setting, environment(limit.setting) or limit.default)
        for limit in Limit
    }


def rate(setting: str, text: str) -> Rate | None:
    """Read 10/5m: ten in five minutes; 2GB/1d. None for off. Raises `ImproperlyConfigured`."""
    if text.strip().lower() == OFF:
        return None
    found = RATE.fullmatch("".join(text.split()))
    number, unit, times, period = found.groups(default="") if found else ("0", "", "", "s")
    most, seconds = int(number) * UNITS[unit], int(times or 1) * SECONDS[period]
    if not (most and 0 < seconds <= YEAR):
        raise ImproperlyConfigured(
            f"{setting}: “{text}” is no limit. Give how many in which time, such as 10/5m, 200/1h "
            "or 2GB/1d; off for no limit."
        )
    return Rate(most, seconds)
