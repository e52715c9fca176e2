from __future__ import annotations

from django.db import models
from django.db.models import Q


class Belongings(models.Model):
    """What goes with this database on every machine that uses it: one row, made by `prepare`."""

    nameplate = models.CharField(max_length=64, blank=True, default="")
    """The id in the folder of kept files (`archive.kept.nameplate`); none before it is put up."""
    sealed_specimen = models.TextField(blank=True, default="")
    """What the right CREDENTIAL_KEYS open (see `specimen`)."""

    class Meta:
        constraints = [models.CheckConstraint(name="belongings_are_one", condition=Q(pk=1))]

    @classmethod
    def current(cls) -> Belongings:
        """The one row, or an empty one where nobody has prepared this database."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @classmethod
    def locked(cls) -> Belongings:
        """The one row, made if need be, and nobody else's until the transaction ends."""
        Belongings.objects.bulk_create([Belongings(pk=1)], ignore_conflicts=True)
        return cls.objects.select_for_update().get(pk=1)
