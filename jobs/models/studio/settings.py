"""The settings of the composer that are kept with a template or a preset."""

from __future__ import annotations

from typing import Any

from django.db import models

from jobs.models.team.project import Project

NAMES = ("model", "aspect_ratio", "resolution", "duration")
"""Those that are plain values; the project is a row."""


class KeptSettings(models.Model):
    """What to set in the composer; empty where nothing was chosen.

    What can be had of it by now is told when it is used: a model may be gone, a project archived.
    """

    model = models.CharField(max_length=32, blank=True, default="")
    aspect_ratio = models.CharField(max_length=8, blank=True, default="")
    resolution = models.CharField(max_length=8, blank=True, default="")
    duration = models.PositiveSmallIntegerField(null=True, blank=True)
    """Seconds."""
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def settings(self) -> dict[str, Any]:
        """Those that were chosen, under the names of the composer's fields, open projects alone."""
        is_open = self.project is not None and self.project.archived_at is None
        chosen = {name: getattr(self, name) for name in NAMES}
        chosen["project"] = self.project_id if is_open else None
        return {name: value for name, value in chosen.items() if value}
