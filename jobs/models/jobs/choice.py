from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from jobs.models.jobs.job import Job
from jobs.models.team.user import User


def _person() -> models.ForeignKey[User | None, User | None]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )


class Choice(models.Model):
    """Who said what the team thinks of one video, and when: what that is stands in the video's own
    row. Made when first used, changed only by `choosing`, which lets open pages see it.
    """

    job = models.OneToOneField(
        Job, primary_key=True, on_delete=models.CASCADE, related_name="choice"
    )
    favorite_by = _person()
    """Who made it a favorite last, or no favorite any more; null where nobody has."""
    rating_by = _person()
    rejected_by = _person()
    changed_at = models.DateTimeField(db_default=Now())
    """Never before the moment at which its job was shown as changed by that."""
