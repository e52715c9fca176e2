from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.apps import apps
from django.conf import settings
from django.db import models

from jobs import letters
from jobs.models.computed import ComputingQuerySet, NameKeyField
from jobs.models.counting import up_to
from jobs.models.team.delivery import WHOLE, Delivery
from jobs.providers.base import VIDEO_KINDS

if TYPE_CHECKING:
    from jobs.models.team.user import User


class ProjectQuerySet(ComputingQuerySet["Project"]):
    def named(self, name: str) -> ProjectQuerySet:
        """The one that has this name, however it is written."""
        return self.filter(name_key=letters.name_key(name))

    def open(self) -> ProjectQuerySet:
        """Those that new work can be filed under."""
        return self.filter(archived_at=None)

    def with_job_count(self, first: int | None = None) -> ProjectQuerySet:
        """Each with the number of its videos, as far as it is counted; larger copies of one are no
        more of them. `first`: only so many have it, by name.
        """
        # By name: its module stands on this one's.
        jobs = apps.get_model("jobs.Job").objects.order_by()
        number: models.Subquery | models.Case = up_to(
            jobs.filter(project=models.OuterRef("pk"), kind__in=VIDEO_KINDS, trashed_at=None)
        )
        if first is not None:
            shown = self.order_by("name_key").values("pk")[:first]
            number = models.Case(models.When(pk__in=shown, then=number))
        return self.annotate(job_count=number).order_by("name_key")


class Project(Delivery):
    """A campaign that jobs are filed under. What is filed here, the whole team sees."""

    name = models.CharField(max_length=80)
    name_key = NameKeyField("name")
    brief = models.TextField(max_length=4000, blank=True, default="")
    """The words that tell the team what it is about."""
    cover = models.ForeignKey(
        "jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    """The video whose picture stands for it, as long as it is filed here; null for the newest."""
    cap = models.BigIntegerField(null=True, blank=True)
    """Credits that may be spent on it in all; null for no bound."""
    created_by: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, editable=False)
    """The moment from which it is offered for no new work; null while it is."""

    objects: ClassVar[ProjectQuerySet] = ProjectQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name_key"]
        constraints = [
            models.UniqueConstraint(fields=["name_key"], name="project_name_unique"),
            models.CheckConstraint(name="project_delivers_whole", condition=WHOLE),
            models.CheckConstraint(name="project_named", condition=~models.Q(name="")),
            models.CheckConstraint(
                name="project_cap_not_negative",
                condition=models.Q(cap=None) | models.Q(cap__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_kept_by(self, user: User) -> bool:
        """This person may rename it, and say what it is about: its maker, and admins."""
        return user.is_admin or self.created_by_id == user.pk

    @property
    def hue(self) -> int:
        return (self.pk or 0) % 5 + 1
