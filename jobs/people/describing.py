"""What a project is called, what it is about, and the picture that stands for it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from jobs.models import AuditEvent, Job, Project, User


@transaction.atomic
def change_project(
    project: Project, name: str, brief: str, by: User, *, delivers_in: str = ""
) -> bool:
    """Give it another name and brief, and another model and size to deliver in, in one word; true
    if that changed anything.

    Raises `IntegrityError` where another project has that name.
    """
    rows = Project.objects.filter(pk=project.pk)
    before = rows.select_for_update(no_key=True).get()
    told = []
    if (before.name, before.brief) != (name, brief):
        told.append((before.name, name) if before.name != name else ("", "brief"))
    if before.delivers_in != delivers_in:
        told.append((before.delivers_in, delivers_in))
    if not told:
        return False
    model, _, size = delivers_in.partition(" ")
    rows.update(name=name, brief=brief, delivers_model=model, delivers_size=size)
    AuditEvent.objects.bulk_create(
        AuditEvent(actor=by, action="project changed", subject=name, before=was, after=now)
        for was, now in told
    )
    return True


def choose_cover(project: Project, video: UUID, by: User) -> bool:
    """Let a video of it stand for it; true if it is one of its videos."""
    if not Job.objects.visible_to(by).takes().filter(pk=video, project=project).exists():
        return False
    return bool(Project.objects.filter(pk=project.pk).update(cover=video))
