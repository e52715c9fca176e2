from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

if TYPE_CHECKING:
    from jobs.models.team.user import User


class AddressLinkQuerySet(models.QuerySet["AddressLink"]):
    def open(self) -> Self:
        """Those that wait to be opened, or to be mailed."""
        over = models.Q(expires_at__lte=Now())
        return self.filter(ended_at=None, person__is_active=True).exclude(over)


class AddressLink(models.Model):
    """A link with which one person proves an e-mail address to be theirs: it is mailed there.

    Only the hash of its token is kept.
    """

    person: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="address_links"
    )
    email = models.EmailField()
    """The address that counts once the link was opened."""
    token_hash = models.CharField(max_length=64, blank=True, default="")
    """Empty until a worker makes the token, in the moment it is mailed."""
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """Used, or made worthless by another address."""

    objects: ClassVar[AddressLinkQuerySet] = AddressLinkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"],
                condition=~models.Q(token_hash=""),
                name="address_link_token_unique",
            ),
        ]
