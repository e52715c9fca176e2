"""The studio: the composer, and below it the live grid of cards."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from jobs import lifecycle
from jobs.forms import MODES, ComposerForm, digits
from jobs.models import Job, Project, User
from jobs.models.job import JobQuerySet
from jobs.providers.base import UPGRADES
from jobs.views import live as live_updates
from jobs.views.access import Request
from jobs.views.cards import cards_for
from jobs.views.context import Shell
from jobs.views.images import Intake, arranged, frames_context, take_all
from jobs.views.offers import Offers

PAGE_SIZE = 24
ARRANGING = {"arrange", "frame", "pick"}
"""The composer's buttons that change its images and send nothing."""
TABS = ("all", "progress", "ready", "attention")


@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """The page, and with POST a new job."""
    if request.method == "POST":
        return _generate(request)
    offers = Offers(request.user)
    form = ComposerForm(user=request.user, initial=_initial(request, offers))
    return render(request, "studio/page.html", _page_context(request, form, offers))


@require_safe
def live(request: Request) -> HttpResponse:
    """What changed since the cursor: the changed cards, or 204."""
    jobs = _scoped(request.user, request.GET)
    try:
        changes = live_updates.since(jobs, request.GET.get("since", ""))
    except (ValueError, OverflowError, OSError):
        return HttpResponseBadRequest("bad cursor")
    if not changes.is_new:
        return live_updates.nothing_new()
    # A card that is here is kept true, even if its tab would no longer show it.
    known = set(request.GET.get("cards", "").split(","))
    derived = live_updates.derived_among(changes.ids)
    changed = {*changes.ids, *(job.source_id for job in derived if job.source_id)}
    here = {job_id for job_id in changed if job_id.hex[:12] in known}
    wanted = here | (_first_page(request) & set(changes.ids))
    poll = _poll_context(request.GET, jobs, changes.cursor)
    rows = jobs.filter(pk__in=wanted).for_cards()
    cards = cards_for(rows, request.user, get_token(request))
    context = {
        "cards": [card for card in cards if card.job.pk in here],
        "new_cards": [card for card in cards if card.job.pk not in here],
        "announcements": [
            *(
                f"{card.status}: {card.job.prompt[:60]}"
                for card in cards
                if card.job.pk in changes.ids
            ),
            *(
                f"{job.get_kind_display()}: {job.get_status_display()}"
                for job in derived
                if job.kind in UPGRADES and job.pk not in wanted
            ),
        ],
        **poll,
        **_filter_context(request),
    }
    return render(request, "studio/_live.html", context)


def _generate(request: Request) -> HttpResponse:
    intake = Intake() if request.POST.get("mode") == "text" else take_all(request)
    data = arranged(request.POST, intake)
    if ARRANGING & set(data):
        return _arranged(request, data, intake.problems)
    form = ComposerForm(data, user=request.user)
    for problem in intake.problems:
        form.add_error("images", problem)
    job = None
    if form.is_valid() and not _costs_otherwise(request, form):
        try:
            job = lifecycle.submit(request.user, form.submission, form.key)
        except lifecycle.SubmissionKeyReused as error:
            return _refuse(request, form, error, status=409)
        except lifecycle.NotSubmitted as error:
            return _refuse(request, form, error, status=422)
    if job is None:
        return _again(request, form, status=422)
    if not request.htmx:
        messages.success(request, f"Queued. {job.quote:,} credits are held for it.")
        return redirect("studio")
    jobs = _scoped(request.user, request.GET)
    # What ended since the tab's last poll must still reach it, so the next one looks back.
    poll = _poll_context(request.GET, jobs, live_updates.cursor_before_now())
    fresh = ComposerForm(user=request.user, initial={**form.cleaned_data, **_fresh_key()})
    context = {
        "card": cards_for(
            Job.objects.for_cards().filter(pk=job.pk), request.user, get_token(request)
        )[0],
        "announcements": ["Queued"],
        **poll,
        **_composer_context(fresh, Offers(request.user)),
    }
    return render(request, "studio/_accepted.html", context)


def _costs_otherwise(request: Request, form: ComposerForm) -> bool:
    """Whether the price shown was not that of the choice, as it is without scripts; said above."""
    cost = Offers(request.user).cost(form)
    if form.seen_cost is None or not cost or form.seen_cost == cost:
        return False
    # What was ordered by this form already is not ordered again, whatever it costs by now.
    if Job.objects.filter(owner=request.user, submission_key=form.key).exists():
        return False
    shown = f"not the {form.seen_cost:,} shown" if form.seen_cost else "and no price was shown"
    again = "Press Generate again to order it."
    form.add_error(None, f"This costs {cost:,} credits, {shown}. {again}")
    return True


def _arranged(request: Request, data: QueryDict, problems: list[str]) -> HttpResponse:
    """The form with its images changed and all else as it was typed: nothing is sent yet."""
    typed = {**data.dict(), "images": data.getlist("images"), "translate": "translate" in data}
    form = ComposerForm(user=request.user, initial=typed)
    picking = frames_context(request.user, data.get("words", "")) if "pick" in data else {}
    return _again(request, form, status=200, problems=problems, **picking)


def _refuse(
    request: Request, form: ComposerForm, error: lifecycle.NotSubmitted, *, status: int
) -> HttpResponse:
    form.add_error(error.field or None, error.user_message)
    if status == 409:
        # What was typed stays; only a key of its own lets it be sent as something new.
        data = QueryDict(mutable=True)
        data.update(form.data)
        data.update(_fresh_key())
        form.data = data
    return _again(request, form, status=status, cause=error.cause)


def _again(request: Request, form: ComposerForm, *, status: int, **more: Any) -> HttpResponse:
    """The form with its errors and everything that was typed."""
    offers = Offers(request.user)
    if request.htmx:
        context = {**_composer_context(form, offers), **more}
        return render(request, "studio/_composer.html", context, status=status)
    context = {**_page_context(request, form, offers), **more}
    return render(request, "studio/page.html", context, status=status)


def _fresh_key() -> dict[str, Any]:
    return {"submission_key": ComposerForm.defaults()["submission_key"]}


def _job_to_reuse(request: Request) -> Job | None:
    try:
        wanted = UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    return Job.objects.visible_to(request.user).filter(pk=wanted).first()


def _initial(request: Request, offers: Offers) -> dict[str, Any]:
    source = _job_to_reuse(request)
    if source is None:
        providers = list(offers.keys)
        provider = "kie" if "kie" in providers or not providers else providers[0]
        mode, images = request.GET.get("mode", ""), request.GET.getlist("image")
        return {
            **ComposerForm.defaults(provider),
            "project": digits(request.GET.get("project", "")),
            **({"mode": mode} if mode in MODES else {}),
            "images": images,
        }
    submission = lifecycle.submission_of(source)
    fields = {name: getattr(submission, name) for name in submission.__slots__}
    return {
        **fields,
        "images": submission.image_ids,
        "seed": submission.seed or "",
        "project": submission.project_id or "",
        **_fresh_key(),
    }


def _page_context(request: Request, form: ComposerForm, offers: Offers) -> dict[str, Any]:
    jobs = _scoped(request.user, request.GET)
    # The cursor first: what changes while the cards are read comes with the next poll.
    poll = _poll_context(request.GET, jobs, live_updates.cursor_of(jobs))
    page = _page_number(request.GET)
    start = (page - 1) * PAGE_SIZE
    shown = list(_chosen(request.user, request.GET).for_cards()[start : start + PAGE_SIZE + 1])
    following = {**request.GET.dict(), "page": page + 1}
    for name in ("from", "mode", "image"):
        following.pop(name, None)
    context = {
        "catalog": offers.catalog(),
        "cards": cards_for(shown[:PAGE_SIZE], request.user, get_token(request)),
        "next_page": f"?{urlencode(following)}" if len(shown) > PAGE_SIZE else None,
        **poll,
        **_filter_context(request),
        **_composer_context(form, offers),
    }
    if not any(request.GET.get(name) for name in ("scope", "q", "project")):
        context["shell"] = Shell(settings.PRACTICE, request, context["counts"]["progress"])
    return context


def _composer_context(form: ComposerForm, offers: Offers) -> dict[str, Any]:
    return {
        "form": form,
        "offers": offers,
        "cost": offers.cost(form),
        "notes": offers.notes_on(form),
        "shortage": offers.shortage(form),
        "image_hint": offers.image_hint(form.chosen["provider"]),
    }


def _filter_context(request: Request) -> dict[str, Any]:
    project = digits(request.GET.get("project", ""))
    return {
        "tab": _tab(request.GET),
        "scope": request.GET.get("scope", "everyone"),
        "query": _words(request.GET),
        "project": Project.objects.filter(pk=project).first() if project is not None else None,
    }


def _poll_context(filters: QueryDict, jobs: JobQuerySet, cursor: str) -> dict[str, Any]:
    """When and from where to ask next. Called before the cards are read: a job that ends between
    the two is then asked about soon, and not shown as it was for as long as an idle page rests.
    """
    names = ("tab", "scope", "q", "project", "page")
    kept = {name: filters[name] for name in names if filters.get(name)}
    counts = jobs.counts()
    moving = live_updates.MOVING_SECONDS if counts["progress"] else live_updates.interval(jobs)
    return {
        "counts": counts,
        "cursor": cursor,
        "interval": moving,
        "live_url": f"{reverse('live')}?{urlencode({**kept, 'since': cursor})}",
    }


def _first_page(request: Request) -> set[UUID]:
    """The jobs that may turn up by themselves: those a reload would show. None on later pages."""
    if _page_number(request.GET) > 1:
        return set()
    jobs = _chosen(request.user, request.GET)
    return set(jobs.values_list("pk", flat=True)[:PAGE_SIZE])


def _page_number(filters: QueryDict) -> int:
    return min(digits(filters.get("page", "")) or 1, 10_000)


def _words(filters: QueryDict) -> str:
    """What is searched for; without NUL, which PostgreSQL takes for the end of everything."""
    return filters.get("q", "")[:200].replace("\x00", "")


def _tab(filters: QueryDict) -> str:
    tab = filters.get("tab", "all")
    return tab if tab in TABS else "all"


def _scoped(user: User, filters: QueryDict) -> JobQuerySet:
    """The jobs behind the counts: who, which project, which words; but not which tab."""
    jobs = Job.objects.visible_to(user)
    if filters.get("scope") == "me":
        jobs = jobs.filter(owner=user)
    if (project := digits(filters.get("project", ""))) is not None:
        jobs = jobs.filter(project_id=project)
    return jobs.matching(_words(filters))


def _chosen(user: User, filters: QueryDict) -> JobQuerySet:
    jobs = _scoped(user, filters)
    match _tab(filters):
        case "progress":
            return jobs.in_progress()
        case "ready":
            return jobs.ready()
        case "attention":
            return jobs.needing_attention()
        case _:
            return jobs.takes()
