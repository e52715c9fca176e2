"""Who takes part: members with keys and budgets, and an admin."""

from __future__ import annotations

import io

from PIL import Image as Pixels

from jobs import credentials, ledger
from jobs.archive.intake import images
from jobs.models import Image, User
from tests.tools.soak.machines.surroundings import ACCOUNTS, account_of, key_of

CREDITS = 1_000_000
SHARED = "shared"


def admin() -> User:
    return User.objects.create_user("soak-admin", role=User.Role.ADMIN)


def members() -> list[User]:
    """One for each account, and one more who shares the first one's."""
    return [_member(number) for number in range(ACCOUNTS + 1)]


def _member(number: int) -> User:
    user = User.objects.create_user(f"soak-{number}", role=User.Role.MEMBER)
    ledger.grant(user, CREDITS, reason="for the soak", actor=None)
    for provider in ("kie", "veo4"):
        saved = credentials.save_key(user, provider, key_of(provider, number), actor=None)
        if account_of(provider, number) == account_of(provider, 0):
            credentials.set_account(saved, SHARED, actor=user)
    for width, height in ((640, 360), (360, 640), (480, 480)):
        images.add(user, picture(number, width, height), Image.Origin.UPLOAD)
    return user


def picture(number: int, width: int, height: int) -> bytes:
    """A JPEG in a colour of its own."""
    content = io.BytesIO()
    colour = (20 * number % 256, 90, 160)
    Pixels.new("RGB", (width, height), colour).save(content, "JPEG")
    return content.getvalue()
