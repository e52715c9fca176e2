from __future__ import annotations

from typing import ClassVar

from django.db import models

from jobs.models.jobs.rendition import Rendition


class UnlistedHostQuerySet(models.QuerySet["UnlistedHost"]):
    def waited_for(self) -> UnlistedHostQuerySet:
        """Those that a file lies at which we want now."""
        wanted = Rendition.objects.without_host().values("missing_host")
        return self.filter(entry__in=wanted)


class UnlistedHost(models.Model):
    """A host that results lay at, and that ARCHIVE_HOSTS lacked. Admins are told once of each."""

    entry = models.CharField(max_length=260, unique=True)
    """What to list: the host, or `host:port`."""
    created_at = models.DateTimeField(auto_now_add=True)
    mailed_at = models.DateTimeField(null=True)
    """The moment of its e-mail; null until then, and where there is nobody to send it to."""
    found_at = models.DateTimeField(null=True)
    """The last moment at which its files were woken, since it had been listed."""

    objects: ClassVar[UnlistedHostQuerySet] = UnlistedHostQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.entry
