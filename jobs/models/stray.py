from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jobs.models.team.credential import Credential


class StrayQuerySet(models.QuerySet["Stray"]):
    def kept(self) -> StrayQuerySet:
        """Films that lie in the archive."""
        return self.exclude(file="")

    def named(self) -> StrayQuerySet:
        """Work at a provider, of which only the id is known."""
        return self.exclude(external_id="")


class Stray(models.Model):
    """Something that was paid for, and that no video owns: a film in the archive that no row knows,
    or an id of a provider's that no job has. A restore leaves them behind.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    found_at = models.DateTimeField(db_default=Now())

    # A film that is kept
    file = models.CharField(max_length=200, blank=True, default="")
    poster = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField(null=True)
    """The moment at which the file was written."""
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    seconds = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    """Null of a film that could not be read."""
    bytes = models.PositiveBigIntegerField(null=True)
    codec = models.CharField(max_length=32, blank=True, default="")
    frame_rate = models.CharField(max_length=16, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")

    # Work at a provider
    provider = models.CharField(max_length=16, blank=True, default="")
    external_id = models.CharField(max_length=128, blank=True, default="")
    credential = models.ForeignKey(
        Credential, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    """The key that proved its callback to be genuine, and that it can be asked about with."""

    objects: ClassVar[StrayQuerySet] = StrayQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-found_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="stray_is_a_film_or_an_id",
                condition=(~Q(file="") & Q(external_id="", provider=""))
                | (Q(file="") & ~Q(external_id="") & ~Q(provider="")),
            ),
            models.UniqueConstraint(
                fields=["file"], condition=~Q(file=""), name="stray_once_of_a_file"
            ),
            models.UniqueConstraint(
                fields=["provider", "external_id"],
                condition=~Q(external_id=""),
                name="stray_once_of_an_id",
            ),
        ]

    def __str__(self) -> str:
        return self.file or f"{self.external_id} at {self.provider}"
