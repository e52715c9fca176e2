from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jobs import letters
from jobs.models.computed import ComputingQuerySet, NameKeyField
from jobs.models.studio.settings import KeptSettings
from jobs.models.team.user import User
from jobs.models.words.elsewhere import SEED_MAX

PRESETS_MAX = 30
"""Of one person: a list that is still read."""


class PresetQuerySet(ComputingQuerySet["Preset"]):
    def named(self, name: str) -> PresetQuerySet:
        """Those that have this name, however it is written."""
        return self.filter(name_key=letters.name_key(name))


class Preset(KeptSettings):
    """Somebody's settings of the composer under a name; nobody else sees it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presets"
    )
    name = models.CharField(max_length=60)
    name_key = NameKeyField("name")
    prompt = models.TextField(blank=True, default="")
    """Kept with it where that was wished for; else the composer keeps its own."""
    seed = models.PositiveIntegerField(null=True)
    """Null where chance chooses."""
    translate = models.BooleanField(default=True)
    watermark = models.CharField(max_length=80, blank=True, default="")

    objects: ClassVar[PresetQuerySet] = PresetQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name_key"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name_key"], name="preset_name_unique"),
            models.CheckConstraint(name="preset_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="preset_seed_range",
                condition=Q(seed=None) | Q(seed__gte=0, seed__lte=SEED_MAX),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def settings(self) -> dict[str, Any]:
        """All that it sets; the prompt only where it was kept."""
        own = {name: getattr(self, name) for name in ("translate", "watermark")}
        chosen = {**super().settings, **own, "seed": "" if self.seed is None else self.seed}
        return {**chosen, "prompt": self.prompt} if self.prompt else chosen
