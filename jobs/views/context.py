"""What every page of a signed-in person shows around its content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest

from jobs.models import Budget, Job, Project


@dataclass(frozen=True)
class Shell:
    """The sidebar's facts; each is asked for once, when a template first wants it."""

    practice: bool
    request: HttpRequest
    counted: int | None = None
    """How many jobs are live, where a view has counted them anyway."""

    @cached_property
    def budget(self) -> Budget | None:
        if not self.request.user.is_authenticated:
            return None
        return Budget.objects.filter(owner=self.request.user).first()

    @cached_property
    def projects(self) -> list[Project]:
        return list(Project.objects.annotate(job_count=Count("jobs"))[:20])

    @cached_property
    def live_count(self) -> int:
        if self.counted is not None:
            return self.counted
        if not self.request.user.is_authenticated:
            return 0
        return Job.objects.visible_to(self.request.user).in_progress().count()


def shell(request: HttpRequest) -> dict[str, Shell]:
    """The context processor."""
    return {"shell": Shell(settings.PRACTICE, request)}
