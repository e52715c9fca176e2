"""The first admin, who makes themselves: whoever comes first, or who can read what we print."""

from __future__ import annotations

import unicodedata
from ipaddress import ip_address

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.crypto import constant_time_compare, salted_hmac

from jobs import ledger, limits
from jobs.models import Team, User

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: what looks like 0 or 1 is read as that, and U is left out."""
LETTERS, GROUP = 12, 4
READ_AS = str.maketrans("OIL", "011")


def needs_code(address: str) -> bool:
    """Somebody else could come first; or it is somebody else who comes, from another address."""
    try:
        is_here = ip_address(address).is_loopback
    except ValueError:
        is_here = False
    return settings.OPEN_TO_OTHERS or not is_here


def code() -> str:
    """The code of this installation, as it is printed: 60 bits, in three groups.

    It is kept nowhere. It follows from SECRET_KEY, which every process has, and from the moment at
    which this database was made: another one has another code.
    """
    born = MigrationRecorder(connection).migration_qs.order_by("applied").values("applied")[0]
    number = int.from_bytes(salted_hmac("jobs.first_admin", str(born), algorithm="sha256").digest())
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(LETTERS))
    return "-".join(letters[start : start + GROUP] for start in range(0, LETTERS, GROUP))


def is_code(typed: str, address: str) -> bool:
    """Try a code from an address. Raises `limits.TooMany`; what is right does not count."""
    limits.take(limits.Limit.SETUP_CODES, address)
    if not constant_time_compare(_plain(typed), _plain(code())):
        return False
    limits.give_back(limits.Limit.SETUP_CODES, address)
    return True


@transaction.atomic
def make_first_admin(user: User, starting_credits: int, team_name: str = "") -> None:
    """Save the very first person, and the name of their team; `IntegrityError` where somebody was
    faster.
    """
    # A fixed key: of two people who finish at once, the database lets one in.
    user.pk = 1
    user.role = User.Role.ADMIN
    user.save(force_insert=True)
    with connection.cursor() as cursor:
        # PostgreSQL's counter of keys does not notice one that was chosen by hand.
        for statement in connection.ops.sequence_reset_sql(no_style(), [User]):
            cursor.execute(statement)
    if team_name:
        Team.objects.get_or_create(pk=1)
        Team.objects.filter(pk=1).update(name=team_name)
    if starting_credits:
        ledger.grant(user, starting_credits, reason="Starting credits", actor=user)


def _plain(typed: str) -> str:
    """A code without what people add or leave out: case, blanks, hyphens, width."""
    wide = unicodedata.normalize("NFKC", typed).upper().translate(READ_AS)
    return "".join(each for each in wide if each.isalnum())
