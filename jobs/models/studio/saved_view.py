from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jobs import letters
from jobs.models.computed import ComputingQuerySet, NameKeyField
from jobs.models.team.user import User

VIEWS_MAX = 30
"""Of one person: a list that is still read."""


class SavedViewQuerySet(ComputingQuerySet["SavedView"]):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        """One's own, and the team's."""
        return self.filter(Q(owner=user) | Q(is_shared=True))

    def theirs(self, user: User) -> SavedViewQuerySet:
        """Those that this person may change: their own; for an admin the team's as well."""
        return self.visible_to(user) if user.is_admin else self.filter(owner=user)

    def named(self, name: str) -> SavedViewQuerySet:
        """Those that have this name, however it is written."""
        return self.filter(name_key=letters.name_key(name))


class SavedView(models.Model):
    """Filters and order of the library under a name: an address, and no videos of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views"
    )
    name = models.CharField(max_length=60)
    name_key = NameKeyField("name")
    query = models.CharField(max_length=2000)
    """As `LibraryForm.query` says it."""
    is_shared = models.BooleanField(default=False)
    """The whole team has it in its list; what it finds is what each of them may see."""
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[SavedViewQuerySet] = SavedViewQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name_key"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name_key"], name="saved_view_name_unique"),
            models.CheckConstraint(name="saved_view_named", condition=~Q(name="")),
            models.CheckConstraint(name="saved_view_asks_something", condition=~Q(query="")),
        ]
        indexes = [
            models.Index(fields=["owner"], condition=Q(is_shared=True), name="saved_view_of_team"),
        ]

    def __str__(self) -> str:
        return self.name
