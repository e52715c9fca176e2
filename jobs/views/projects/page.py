"""The campaigns that jobs are filed under."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from jobs import limits, people
from jobs.forms import ProjectForm
from jobs.letters import isolated
from jobs.limits import Limit, TooMany
from jobs.models import Project, prepared
from jobs.views.access import Request, admin_required
from jobs.views.callers import called_from, later
from jobs.views.shell.context import Shell


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    form, too_many = ProjectForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        form.instance.created_by = request.user
        try:
            limits.take(Limit.PROJECTS, request.user.pk)
            with transaction.atomic():
                project = form.save()
        except IntegrityError:
            form.say_taken()
        except TooMany as error:
            too_many = error
            form.add_error(None, error.user_message)
        else:
            messages.success(
                request, f"{isolated(project.name)} is ready. The whole team sees its videos."
            )
            return redirect("project", project.pk)
    projects = prepared.rows("open projects", _open)
    context = {
        "form": form,
        "projects": projects,
        # The sidebar shows the same figures: counted once.
        "shell": Shell(settings.PRACTICE, request, projects=projects),
        "archived": prepared.rows("archived projects", _archived),
    }
    response = render(request, "projects/page.html", context, status=422 if form.errors else 200)
    return later(response, too_many)


def _open() -> QuerySet[Project]:
    return Project.objects.with_job_count().open()


def _archived() -> QuerySet[Project]:
    return Project.objects.with_job_count().filter(archived_at__isnull=False)


@require_POST
@admin_required
def archive(request: Request, project_id: int) -> HttpResponse:
    project = get_object_or_404(Project, pk=project_id)
    if people.archive_project(project, request.user):
        messages.success(
            request, f"{isolated(project.name)} is archived. Its videos stay, and so do its links."
        )
    return redirect(called_from(request) or "projects")


@require_POST
@admin_required
def bring_back(request: Request, project_id: int) -> HttpResponse:
    project = get_object_or_404(Project, pk=project_id)
    if people.bring_back_project(project, request.user):
        messages.success(request, f"{isolated(project.name)} takes new videos again.")
    return redirect(called_from(request) or "projects")
