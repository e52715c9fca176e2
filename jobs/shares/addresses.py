"""The address of a link, told again to who answers for it.

A link is found by the hash of its token alone. Beside that the token is kept sealed, as providers'
keys are, so that a copy of the database opens nothing; who runs the server can open it.
"""

from __future__ import annotations

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from jobs.letters.explained import Explained
from jobs.models import AuditEvent, ShareLink, User
from jobs.secrets import vault
from jobs.secrets.tokens import hash_token, new_token


class NotKnown(Explained):
    """The address can’t be told; `user_message` says what to do."""


@sensitive_variables("token")
def fresh() -> tuple[str, dict[str, str]]:
    """A new token, and what is kept of it."""
    token = new_token()
    digest = hash_token(token)
    return token, {"token_hash": digest, "sealed_token": vault.seal(token, _context(digest))}


@transaction.atomic
@sensitive_variables("token")
def tell(link: ShareLink, by: User) -> str:
    """The token of a link, on record. Raises `NotKnown`."""
    if link.revoked_at:
        raise NotKnown("This link was revoked: its address leads nowhere.")
    if not link.sealed_token:
        raise NotKnown(
            "The address was never kept on this server. The link still works. Give it a new "
            "address if nobody has the old one."
        )
    try:
        token = vault.unseal(link.sealed_token, _context(link.token_hash))
    except vault.Unreadable as error:
        raise NotKnown(
            "The address can’t be shown: it was sealed with a key that is no longer on this "
            "server. The link still works. Give it a new address if nobody has the old one."
        ) from error
    AuditEvent.objects.create(
        actor=by, action="link address shown", subject=f"link {link.pk}: {link.label}"
    )
    return token


def reseal() -> tuple[int, list[ShareLink]]:
    """Seal all of them anew with the newest key: how many, and those that no key opens."""
    count, lost = 0, list[ShareLink]()
    for link in ShareLink.objects.exclude(sealed_token="").iterator():
        try:
            sealed = vault.reseal(link.sealed_token)
        except vault.Unreadable:
            lost.append(link)
            continue
        # Only where nobody gave it another address in the meantime.
        rows = ShareLink.objects.filter(pk=link.pk, sealed_token=link.sealed_token)
        count += rows.update(sealed_token=sealed)
    return count, lost


def _context(digest: str) -> str:
    return f"share link {digest}"
