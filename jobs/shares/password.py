"""The password of a link: few guesses, and a pass for the browser of who knows it."""

from __future__ import annotations

import unicodedata

from django.contrib.auth.hashers import check_password, make_password
from django.utils.crypto import constant_time_compare, salted_hmac

from jobs import letters, limits
from jobs.limits import Limit
from jobs.models import ShareLink

PASSWORD_MIN = 4
"""Of a password in its normal form: a few guesses an hour find a shorter one in no time."""


def normal_form(password: str) -> str:
    """Bring a password into one form: what one person reads and another types is the same.

    Copied out of a mail it has a space or a line end around it; phones and computers compose an
    é, and choose the width of a letter, each in their own way.
    """
    # What is removed may have stood between a letter and its mark.
    kept = filter(_counts, unicodedata.normalize("NFKC", password))
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def sealed(password: str) -> str:
    """The hash that is kept of it."""
    return make_password(normal_form(password))


def unlock(link: ShareLink, password: str, address: str) -> bool:
    """Try a password from an address; true if it is this link's. Raises `limits.TooMany`.

    A try is taken before it is looked at, so that many guesses at once are counted too. Each
    address has its own: whoever guesses shuts out nobody else. Only of guesses from very many
    addresses all of them count together.
    """
    counted = ((Limit.LINK_PASSWORDS, link.pk, address), (Limit.LINK_PASSWORDS_OF_ALL, link.pk))
    limits.take_all(*counted)
    if not check_password(normal_form(password), link.password):
        return False
    limits.give_back_all(*counted)
    return True


def pass_for(link: ShareLink) -> str:
    """The pass the browser shows from then on. Another password or address makes it worthless."""
    mixed = f"{link.token_hash}:{link.password}"
    return salted_hmac("jobs.shares.pass", mixed, algorithm="sha256").hexdigest()


def is_pass(link: ShareLink, shown: str) -> bool:
    """The text shown opens the link; one without a password needs none."""
    return not link.password or constant_time_compare(shown, pass_for(link))


def _counts(letter: str) -> bool:
    return letter.isspace() or not letters.is_unseen(letter)
