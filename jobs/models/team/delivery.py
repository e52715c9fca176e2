"""The model and size that finished videos are made in, of the team or of one project."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

WHOLE = Q(delivers_model="", delivers_size="") | (~Q(delivers_model="") & ~Q(delivers_size=""))
"""Of a model and a size neither is named alone."""


class Delivery(models.Model):
    """What drafts are promoted to; both empty where nobody has said.

    Which of them can be had by now is told when it is used: a model may be gone, or withdrawn.
    """

    delivers_model = models.CharField(max_length=32, blank=True, default="")
    delivers_size = models.CharField(max_length=8, blank=True, default="")

    class Meta:
        abstract = True

    @property
    def delivers_in(self) -> str:
        """Both in one word, as forms send it; '' where nobody has said."""
        return f"{self.delivers_model} {self.delivers_size}".strip()
