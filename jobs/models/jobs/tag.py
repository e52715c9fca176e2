from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings
from django.db import connections, models
from django.db.models import Q
from django.db.models.functions import Now

from jobs.models.computed import ComputingQuerySet, NameKeyField
from jobs.models.jobs.job import Job
from jobs.models.team.user import User

TAG_LENGTH_MAX = 40
KEYS_IN_USE = """
    WITH RECURSIVE used (key) AS (
      SELECT MIN(name_key) FROM jobs_tag
      UNION ALL
      SELECT (SELECT MIN(name_key) FROM jobs_tag WHERE name_key > used.key)
      FROM used WHERE used.key IS NOT NULL
    )
    SELECT key FROM used WHERE key IS NOT NULL
"""


class Tags(ComputingQuerySet["Tag"]):
    def keys_in_use(self) -> Sequence[str]:
        """The key of each tag of the team, in their order. Not narrowed down by anything.

        By one step of the index from each to the next: there are few, on very many videos.
        """
        with connections[self.db].cursor() as cursor:
            cursor.execute(KEYS_IN_USE)
            return [key for (key,) in cursor.fetchall()]


class Tag(models.Model):
    """One word on one video, for the team to find it by. However it is written, the same word is
    the same tag: videos share one by its key.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=TAG_LENGTH_MAX)
    name_key = NameKeyField("name")
    by: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[Tags] = Tags.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name_key"]
        constraints = [
            # In this order it finds the videos of a tag as well.
            models.UniqueConstraint(fields=["name_key", "job"], name="tag_once_on_a_video"),
            models.CheckConstraint(name="tag_says_something", condition=~Q(name="")),
        ]
        indexes = [
            # How is it spelled, by the oldest that somebody sees?
            models.Index(fields=["name_key", "id"], name="tag_oldest"),
        ]
