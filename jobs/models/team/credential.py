from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

if TYPE_CHECKING:
    from jobs.models.team.user import User


class CredentialQuerySet(models.QuerySet["Credential"]):
    def current(self) -> CredentialQuerySet:
        """Keys for the world we run in: a real key never meets the practice provider."""
        return self.filter(practice=settings.PRACTICE)

    def in_use(self) -> CredentialQuerySet:
        """The team's keys, and those of people who are here."""
        return self.filter(models.Q(owner=None) | models.Q(owner__is_active=True))

    def failing(self) -> CredentialQuerySet:
        """Keys in use that their provider refuses, or whose account is empty."""
        return self.in_use().exclude(state=Credential.State.READY)

    def in_trouble(self) -> CredentialQuerySet:
        """Keys that may be `failing`, with their owners, and those `out_of_reach`."""
        is_well = models.Q(state=Credential.State.READY, unreachable_since=None)
        return self.exclude(is_well).select_related("owner")

    def out_of_reach(self) -> CredentialQuerySet:
        """Keys with which their provider can't be reached: see `credentials.circuit`."""
        return self.filter(unreachable_since__isnull=False)

    def usable_by(self, user: User) -> CredentialQuerySet:
        """This person's keys first, then the team's for who has none of their own."""
        return (
            self.current()
            .filter(models.Q(owner=user) | models.Q(owner=None))
            .order_by(models.F("owner").asc(nulls_last=True))
        )


class Credential(models.Model):
    """One person's sealed key for one provider, or (without an owner) the team's.

    Only `vault` can open the sealed fields; nothing but the last four characters is ever shown.
    """

    class State(models.TextChoices):
        READY = "ready", "Working"
        REJECTED = "rejected", "Not accepted"
        EMPTY = "empty", "Out of credits"

    owner: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="credentials"
    )
    provider = models.CharField(max_length=16)
    practice = models.BooleanField(default=False)
    sealed_key = models.TextField()
    last_four = models.CharField(max_length=4)
    sealed_signing_key = models.TextField(blank=True, default="")
    signing_last_four = models.CharField(max_length=4, blank=True, default="")
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    note = models.CharField(max_length=300, blank=True, default="")
    account = models.CharField(max_length=60, blank=True, default="")
    """Its owner's name for the account it belongs to."""
    joined_to: models.ForeignKey[Credential | None, Credential | None] = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="joined"
    )
    """The key whose account this one belongs to, by an admin's word; that one is joined to none."""
    balance = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """The provider account's own credits when last asked."""
    checked_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(db_default=Now())
    """The moment at which the key itself was last put in: its account may be another one since."""
    claimed_at = models.DateTimeField(null=True)
    """The moment of the latest creation slot; the row that slot-takers queue on."""
    asks_until = models.DateTimeField(null=True)
    """Up to when this key's allowance of questions is spoken for (see `rates`)."""
    unreachable_since = models.DateTimeField(null=True)
    """The moment from which its provider can't be reached; null while it can."""
    probe_at = models.DateTimeField(null=True)
    """The moment of the next try whether it can, while it can't."""

    objects: ClassVar[CredentialQuerySet] = CredentialQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "provider", "practice"], name="credential_one_per_person"
            ),
            models.UniqueConstraint(
                fields=["provider", "practice"],
                condition=models.Q(owner=None),
                name="credential_one_for_the_team",
            ),
            # Which providers there are only the code knows; a key without any is of no use.
            models.CheckConstraint(
                name="credential_has_a_provider", condition=~models.Q(provider="")
            ),
            models.CheckConstraint(
                name="credential_is_tried_again",
                condition=models.Q(unreachable_since=None, probe_at=None)
                | models.Q(unreachable_since__isnull=False, probe_at__isnull=False),
            ),
            models.CheckConstraint(
                name="credential_state_known",
                condition=models.Q(state__in=["ready", "rejected", "empty"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} key ending {self.last_four}"

    @property
    def is_failing(self) -> bool:
        """It is in use, and its provider refuses it, or its account is empty."""
        is_in_use = self.owner is None or self.owner.is_active
        return is_in_use and self.state != Credential.State.READY

    @property
    def seal_context(self) -> str:
        """The row a sealed text is bound to: in one swapped in by hand it cannot be opened."""
        return f"{self.owner_id or 'team'}:{self.provider}:{int(self.practice)}"
