from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jobs.models.jobs.job import Job
from jobs.models.team.user import User

RATING_MAX = 5


def _person() -> models.ForeignKey[User | None, User | None]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )


class Choice(models.Model):
    """What the team thinks of one video: the same for all who see it. Made when first used, changed
    only by `choosing`, which lets open pages see it.
    """

    job = models.OneToOneField(
        Job, primary_key=True, on_delete=models.CASCADE, related_name="choice"
    )
    is_favorite = models.BooleanField(default=False)
    rating = models.PositiveSmallIntegerField(default=0)
    """1 to 5; 0 for none."""
    is_rejected = models.BooleanField(default=False)
    favorite_by = _person()
    """Who made it a favorite last, or no favorite any more; null where nobody has."""
    rating_by = _person()
    rejected_by = _person()
    changed_at = models.DateTimeField(db_default=Now())
    """Never before the moment at which its job was shown as changed by that."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="choice_rating_range", condition=Q(rating__gte=0, rating__lte=RATING_MAX)
            ),
            models.CheckConstraint(
                name="choice_not_both", condition=Q(is_favorite=False) | Q(is_rejected=False)
            ),
        ]
        indexes = [
            # The studio: the favorites, few among many.
            models.Index(fields=["job"], condition=Q(is_favorite=True), name="choice_favorite"),
        ]
