"""Projects that are done: offered for nothing new, still there to look at, and brought back."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from jobs.models import AuditEvent, Project, User


@transaction.atomic
def archive_project(project: Project, by: User) -> bool:
    """Offer a project for no new work any more; true if it was still offered."""
    if not Project.objects.open().filter(pk=project.pk).update(archived_at=Now()):
        return False
    AuditEvent.objects.create(actor=by, action="project archived", subject=project.name)
    return True


@transaction.atomic
def bring_back_project(project: Project, by: User) -> bool:
    """Offer an archived project again; true if it was archived."""
    rows = Project.objects.filter(pk=project.pk, archived_at__isnull=False)
    if not rows.update(archived_at=None):
        return False
    AuditEvent.objects.create(actor=by, action="project brought back", subject=project.name)
    return True
