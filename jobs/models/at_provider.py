"""What a job is to its provider, and what that declares of such work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.core.cache import cache
from django.db import models

from jobs.providers import PROVIDERS, base
from jobs.providers.models import Pace

ALIKE = ("provider", "model", "kind", "resolution", "practice")
"""Jobs that take about equally long have these in common."""


class AtProvider:
    """A job, as its provider knows and declares it."""

    class Kind(models.TextChoices):
        GENERATE = "generate", "Generate"
        EXTEND = "extend", "Extend"
        UPGRADE_1080P = "upgrade_1080p", "Upgrade to 1080p"
        UPGRADE_4K = "upgrade_4k", "Upgrade to 4K"

    class Mode(models.TextChoices):
        TEXT = "text", "Text"
        FRAMES = "frames", "Frames"
        REFERENCES = "references", "References"
        VIDEO = "video", "Video"

    provider: Any
    model: Any
    kind: Any
    external_id: Any
    source: Any
    objects: ClassVar[Any]

    @property
    def work(self) -> base.Work:
        """The job as its provider knows it."""
        source = self.source.external_id if self.source else ""
        return base.Work(self.external_id, base.Kind(self.kind), source, self.model)

    @property
    def retention(self) -> timedelta:
        """The time for which its provider keeps anything of it."""
        return PROVIDERS[self.provider].retention

    @property
    def has_seed(self) -> bool:
        """Its seed means something: of a model that takes none, the number is only there."""
        model = PROVIDERS[self.provider].model(self.model)
        return model is None or bool(model.seeds)

    @property
    def pace(self) -> Pace:
        """The pace that is declared of such work."""
        return PROVIDERS[self.provider].pace(self.model, self.kind)

    @property
    def usual_seconds(self) -> int:
        """Seconds that such work takes: the median of our own history, else as declared."""
        return self.usual_seconds_of({name: getattr(self, name) for name in ALIKE})

    @classmethod
    def usual_seconds_of(cls, alike: Mapping[str, Any]) -> int:
        """The same by what such jobs have in common (`ALIKE`), without one of them."""
        key = f"usual:{':'.join(str(alike[name]) for name in ALIKE)}"
        known: int | None = cache.get(key)
        if known is None:
            declared = PROVIDERS[alike["provider"]].pace(alike["model"], alike["kind"])
            known = cls.objects.filter(**alike).median_seconds() or declared.usual_seconds
            cache.set(key, known, 60)
        return known
