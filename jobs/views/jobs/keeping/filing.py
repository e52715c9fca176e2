"""Rename videos, file them elsewhere, and throw them away."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from jobs import keeping
from jobs.forms import MoveForm, TitleForm
from jobs.keeping import Done
from jobs.letters import isolated
from jobs.models import Job, Project, ShareLink
from jobs.views.access import Request, job_to_see
from jobs.views.callers import page_left
from jobs.views.jobs.keeping.chosen import answered, nothing_done
from jobs.views.jobs.keeping.undoing import token
from jobs.views.meant import NoneMeant, all_meant, videos_meant


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: Request, job_id: UUID) -> HttpResponse:
    """Give a video a title of its own, or take that away: whoever sees it may."""
    job = job_to_see(request.user, job_id)
    form = TitleForm(
        request.POST if request.method == "POST" else None, initial={"title": job.title}
    )
    if not form.is_valid():
        if form.is_bound and request.htmx:
            return nothing_done(request, form)
        status = 422 if form.is_bound else 200
        return render(request, "jobs/rename.html", {"job": job, "form": form}, status=status)
    try:
        done = keeping.entitle(job.pk, form.cleaned_data["title"], request.user)
    except keeping.NotKept as error:
        return nothing_done(request, error.user_message)
    if done.changes:
        said = "Renamed." if form.cleaned_data["title"] else "Title removed."
        messages.success(request, said, extra_tags=token(request, done.changes))
    return answered(request, [job.pk]) if request.htmx else redirect("job", job.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: Request) -> HttpResponse:
    """File videos under another project, or under none; asked where, and told what that means."""
    try:
        ids = videos_meant(request, at_least=1)
    except NoneMeant as error:
        return nothing_done(request, error.user_message)
    form = MoveForm(request.POST if "to" in request.POST else None)
    if not form.is_valid():
        seen = Job.objects.visible_to(request.user).takes().filter(pk__in=ids)
        context = {
            "form": form,
            "videos": seen.select_related("project", "owner"),
            "all_meant": all_meant(request),
            "came_from": page_left(request),
        }
        return render(request, "jobs/move.html", context, status=422 if form.is_bound else 200)
    try:
        done = keeping.refile(ids, form.project, request.user)
    except keeping.NotKept as error:
        return nothing_done(request, error.user_message)
    told(request, done, _moved(done, form.project), "Nothing was moved.")
    return answered(request, done.videos, recounts=True)


@require_POST
def throw_away(request: Request) -> HttpResponse:
    """Put videos into the trash."""
    try:
        ids = videos_meant(request, at_least=1)
    except NoneMeant as error:
        return nothing_done(request, error.user_message)
    done, number = keeping.throw_away(ids, request.user), settings.TRASH_DAYS
    days = ngettext("%d day", "%d days", number) % number
    one, many = "%d video deleted. It stays", "%d videos deleted. They stay"
    said = ngettext(one, many, len(done.changes)) % len(done.changes)
    told(request, done, f"{said} in the trash for {days}.", "Nothing was deleted.")
    return answered(request, done.videos, away=bool(done.changes), recounts=True)


def told(request: Request, done: Done, said: str, nothing: str, *, undoes: bool = True) -> None:
    """Say what was done and can be undone, and what was left as it was."""
    left = "".join(
        f" {number:,} left as {'it was' if number == 1 else 'they were'}: {reason}."
        for reason, number in Counter(done.refused).items()
    )
    if done.changes:
        undo = token(request, done.changes) if undoes else ""
        messages.success(request, said + left, extra_tags=undo)
    elif done.refused:
        messages.error(request, nothing + left)
    else:
        messages.info(request, "Nothing to change: it is so already.")


def _moved(done: Done, project: Project | None) -> str:
    number = len(done.changes)
    if project is None:
        said = ngettext("%d video moved out of its project.", "%d videos moved out.", number)
        sees = ngettext(" Only its owner and admins see it now.", MANY_PRIVATE, number)
        return said % number + sees
    said = ngettext("%d video moved to {}.", "%d videos moved to {}.", number) % number
    said = said.format(isolated(project.name))
    if any(not each.before for each in done.changes):
        said += " The whole team sees what is there."
    if ShareLink.objects.open().filter(project=project).exists():
        said += " Its share link shows it as well."
    return said


MANY_PRIVATE = " Only their owners and admins see them now."
