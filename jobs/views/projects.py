"""The campaigns that jobs are filed under."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from jobs.forms import ProjectForm
from jobs.letters import isolated
from jobs.models import Project
from jobs.views.access import Request


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.instance.created_by = request.user
        try:
            with transaction.atomic():
                project = form.save()
        except IntegrityError:
            form.say_taken()
        else:
            messages.success(
                request, f"{isolated(project.name)} is ready. The whole team sees its videos."
            )
            return redirect("projects")
    context = {
        "form": form,
        "projects": Project.objects.with_job_count().select_related("created_by"),
    }
    return render(request, "projects/page.html", context, status=422 if form.errors else 200)
