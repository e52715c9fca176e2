from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jobs import letters
from jobs.models.computed import NameKeyField, SearchedQuerySet, SearchField
from jobs.models.studio.settings import KeptSettings
from jobs.models.team.user import User

TEXT_MAX = 5000
"""Characters, as most models take of a prompt."""


class PromptTemplateQuerySet(SearchedQuerySet["PromptTemplate"]):
    def theirs(self, user: User) -> PromptTemplateQuerySet:
        """Those that this person may change: their own; all for an admin."""
        return self if user.is_admin else self.filter(author=user)

    def named(self, name: str) -> PromptTemplateQuerySet:
        """The one that has this name, however it is written."""
        return self.filter(name_key=letters.name_key(name))


class PromptTemplate(KeptSettings):
    """A text of the team's that prompts are made from, with variables to fill in."""

    name = models.CharField(max_length=80)
    name_key = NameKeyField("name")
    text = models.TextField()
    """With variables, as `jobs.letters.variables` reads them."""
    author: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)
    """Counts its changes, so that nobody writes over what they have not seen."""
    searchable = SearchField("name", "text")

    objects: ClassVar[PromptTemplateQuerySet] = PromptTemplateQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name_key"]
        constraints = [
            models.UniqueConstraint(fields=["name_key"], name="template_name_unique"),
            models.CheckConstraint(name="template_named", condition=~Q(name="")),
            models.CheckConstraint(name="template_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.name
