"""The terms of a public link, and why one is not made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.letters.explained import Explained
from jobs.models import ShareLink

TAKES_MAX = 40
TERMS = {
    "title": "title",
    "note": "note",
    "expires_at": "expires",
    "shows_prompt": "prompt shown",
    "shows_seed": "seed shown",
    "shows_person": "person shown",
    "download": "download",
    "watermark": "watermark",
    "embed_sites": "may be framed by",
    "takes_notes": "comments taken",
}
FRAMED = (
    "A link that pays for its pick can’t be embedded: everyone on that site could pick. Make a "
    "second link for the site."
)

PICK_TERM = "the picked video is made in 4K"


class NotShareable(Explained):
    """The link cannot be made like this; `user_message` says why, `field` what is at fault."""

    def __init__(self, user_message: str, *, field: str = "") -> None:
        super().__init__(user_message)
        self.field = field


class MadeBefore(Exception):
    """This form was sent before: `link` is what it made. Its address was told then."""

    def __init__(self, link: ShareLink) -> None:
        super().__init__(link.pk)
        self.link = link


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a link. `password` None leaves it as it is, '' takes it away."""

    title: str = ""
    note: str = ""
    expires_at: datetime | None = None
    keeps_expiry: bool = False
    """Of a link that is there already: `expires_at` is not looked at."""
    password: str | None = None
    shows_prompt: bool = False
    shows_seed: bool = False
    shows_person: bool = False
    download: str = ""
    watermark: str = ""
    embed_sites: str = ""
    takes_notes: bool = True
    upgrades_pick: bool | None = False
    """The take that is picked is made in 4K, for credits held from now on. None leaves that as it
    is.
    """

    def fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in TERMS}
