"""One project as a place: its picture and brief, who made what, its budget, its links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import ledger, lifecycle, people
from jobs.forms import ProjectDetailsForm
from jobs.ledger import forecast
from jobs.letters import counts
from jobs.models import Job, Project, Rendition, ShareLink, User
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.rendition import picture_of
from jobs.pricing import PriceList
from jobs.views.access import Request
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards.kept.dealing import DealtCard, deal
from jobs.views.jobs.cards.kept.facts import facts_of
from jobs.views.meant import as_seen

SHOWN = 12
"""The newest of its videos: all are in the library."""
LINKS_SHOWN = 20
MAKERS_SHOWN = 20
"""Of those who made its videos, until somebody asks for all."""


@dataclass(frozen=True, slots=True)
class Filed:
    """One of its videos, with its card where that is shown."""

    job: Job
    card: DealtCard | None = None

    @property
    def file(self) -> Rendition | None:
        return picture_of(self.job)


@dataclass(frozen=True, slots=True)
class Share:
    """What one person made of it."""

    person: User
    number: int


@dataclass(frozen=True, slots=True)
class Work:
    """Who made its videos."""

    shares: list[Share]
    """The most first."""
    number: int
    """Of its videos."""
    others: int
    """People whose shares are left out."""

    @property
    def of_others(self) -> int:
        return self.number - sum(each.number for each in self.shares)


@require_safe
def page(request: Request, project_id: int) -> HttpResponse:
    """What the whole team sees of it."""
    project = get_object_or_404(Project.objects.select_related("created_by"), pk=project_id)
    # The cursor first: what changes while the cards are read comes with the next poll.
    cursor = live_updates.cursor_of_all(request.user)
    videos = Job.objects.visible_to(request.user).takes().filter(project=project)
    work = _work(videos, everybody="everybody" in request.GET)
    standing = ledger.standing_of_project(project)
    pace = forecast.paces_of_projects([project])[project.pk]
    newest = list(videos.prefetch_related("renditions")[:SHOWN])
    cover = _cover(project, videos, newest)
    links = ShareLink.objects.visible_to(request.user).filter(project=project)
    context = {
        "project": project,
        "may_change": project.is_kept_by(request.user),
        "number": work.number,
        "work": work,
        "shown": _dealt(request, newest),
        "seen": _seen(videos, work.number),
        "matching": {"query": urlencode({"project": project.pk})},
        "live_url": _live_url(project, cursor),
        "interval": live_updates.interval_by(job.status for job in newest),
        "cover": cover,
        "budget": standing,
        "threshold": forecast.threshold_of(standing),
        "outlook": forecast.outlook(standing, pace),
        "links": links.select_related("owner").order_by("-pk")[:LINKS_SHOWN],
        "studio": f"{reverse('studio')}?project={project.pk}",
        "target": lifecycle.target_of(project),
    }
    return render(request, "projects/project.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, project_id: int) -> HttpResponse:
    """Its name and brief: for whoever made it, and admins."""
    project = _to_change(request, project_id)
    form = ProjectDetailsForm(request.POST if request.method == "POST" else None, instance=project)
    if form.is_valid():
        try:
            with transaction.atomic():
                data = form.cleaned_data
                people.change_project(
                    project,
                    data["name"],
                    data["brief"],
                    request.user,
                    delivers_in=data["delivers_in"],
                )
        except IntegrityError:
            form.say_taken()
        else:
            messages.success(request, "Saved.")
            return redirect("project", project.pk)
    # The form has put what was typed onto its row.
    now = get_object_or_404(Project, pk=project_id)
    context: dict[str, Any] = {"form": form, "project": now}
    status = 422 if form.errors else 200
    return render(request, "projects/change.html", context, status=status)


@require_POST
def cover(request: Request, project_id: int) -> HttpResponse:
    """Let one of its videos stand for it."""
    project = _to_change(request, project_id)
    try:
        video = UUID(request.POST.get("video", ""))
    except ValueError:
        video = None
    if video is not None and people.choose_cover(project, video, request.user):
        messages.success(request, "This is its cover now.")
    else:
        messages.error(request, "Nothing was changed: this video is no longer in the project.")
    return redirect("project", project.pk)


def _to_change(request: Request, project_id: int) -> Project:
    project = get_object_or_404(Project, pk=project_id)
    if not project.is_kept_by(request.user):
        raise Http404
    return project


def _work(videos: Jobs, *, everybody: bool) -> Work:
    """Who made how many: two queries. Served by the index job_filed."""
    counted = videos.order_by().values_list("owner").annotate(number=Count("*"))
    numbers: dict[int, int] = dict(counted)
    most = sorted(numbers, key=lambda pk: (-numbers[pk], pk))
    people = User.objects.in_bulk(most if everybody else most[:MAKERS_SHOWN])
    shares = [Share(person, numbers[pk]) for pk, person in people.items()]
    shares.sort(key=lambda each: (-each.number, each.person.label_key))
    return Work(shares, sum(numbers.values()), len(numbers) - len(shares))


def _live_url(project: Project, cursor: str) -> str:
    """The poll of a library that shows this project: the page is its beginning."""
    return f"{reverse('library-live')}?{urlencode({'project': project.pk, 'since': cursor})}"


def _dealt(request: Request, newest: list[Job]) -> list[Filed]:
    rows = facts_of(Job.objects.filter(pk__in=[job.pk for job in newest]))
    cards = deal(rows, request.user, get_token(request), PriceList(), are_first=True)
    by_job = {card.job.pk: card for card in cards}
    return [Filed(job, by_job[job.pk]) for job in newest if job.pk in by_job]


def _seen(videos: Jobs, number: int) -> str:
    """What the tick for all means; '' where all are shown, or too many to act on at once."""
    if not SHOWN < number <= counts.COUNTED_MAX:
        return ""
    return as_seen(list(videos.values_list("pk", flat=True)))


def _cover(project: Project, videos: Jobs, newest: list[Job]) -> Filed | None:
    """The chosen one, while it is here and has a picture; else the newest that has one."""
    candidates = newest
    if project.cover_id:
        chosen = videos.filter(pk=project.cover_id).prefetch_related("renditions")
        candidates = [*chosen, *newest]
    return next((filed for filed in map(Filed, candidates) if filed.file), None)
