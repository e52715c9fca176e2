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

from jobs import lifecycle, pricing
from jobs.forms import ComposerForm, digits
from jobs.models import Credential, Job, Project, User
from jobs.models.job import JobQuerySet
from jobs.providers import PROVIDERS
from jobs.views import live as live_updates
from jobs.views.access import Request
from jobs.views.cards import cards_for
from jobs.views.context import Shell

PAGE_SIZE = 24
TABS = ("all", "progress", "ready", "attention")


@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """The page, and with POST a new job."""
    if request.method == "POST":
        return _generate(request)
    source = _job_to_reuse(request)
    providers = _providers_with_key(request.user)
    form = ComposerForm(initial=_initial(request, source, providers))
    return render(request, "studio/page.html", _page_context(request, form, providers))


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
    here = {job_id for job_id in changes.ids if job_id.hex[:12] in known}
    wanted = here | (_first_page(request) & set(changes.ids))
    rows = jobs.filter(pk__in=wanted).for_cards()
    cards = cards_for(rows, request.user, get_token(request))
    context = {
        "cards": [card for card in cards if card.job.pk in here],
        "new_cards": [card for card in cards if card.job.pk not in here],
        "announcements": [f"{card.status}: {card.job.prompt[:60]}" for card in cards],
        **_poll_context(request.GET, jobs, changes.cursor),
        **_filter_context(request),
    }
    return render(request, "studio/_live.html", context)


def _generate(request: Request) -> HttpResponse:
    form = ComposerForm(request.POST)
    job = None
    if form.is_valid():
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
    cursor = live_updates.cursor_before_now()
    context = {
        "form": ComposerForm(initial={**form.cleaned_data, **_fresh_key()}),
        "card": cards_for(
            Job.objects.for_cards().filter(pk=job.pk), request.user, get_token(request)
        )[0],
        "announcements": ["Queued"],
        **_poll_context(request.GET, jobs, cursor),
        **_composer_context(_providers_with_key(request.user)),
    }
    return render(request, "studio/_accepted.html", context)


def _refuse(
    request: Request, form: ComposerForm, error: lifecycle.NotSubmitted, *, status: int
) -> HttpResponse:
    form.add_error(error.field or None, error.user_message)
    if status == 409:
        # What was typed stays; only a key of its own lets it be sent as something new.
        form.data = {**request.POST.dict(), **_fresh_key()}
    return _again(request, form, status=status, cause=error.cause)


def _again(request: Request, form: ComposerForm, *, status: int, cause: str = "") -> HttpResponse:
    """The form with its errors and everything that was typed."""
    providers = _providers_with_key(request.user)
    if request.htmx:
        context = {"form": form, "cause": cause, **_composer_context(providers)}
        return render(request, "studio/_composer.html", context, status=status)
    context = {**_page_context(request, form, providers), "cause": cause}
    return render(request, "studio/page.html", context, status=status)


def _fresh_key() -> dict[str, Any]:
    return {"submission_key": ComposerForm.defaults()["submission_key"]}


def _job_to_reuse(request: Request) -> Job | None:
    try:
        wanted = UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    return Job.objects.visible_to(request.user).filter(pk=wanted).first()


def _providers_with_key(user: User) -> list[str]:
    return list(Credential.objects.usable_by(user).values_list("provider", flat=True))


def _initial(request: Request, source: Job | None, providers: list[str]) -> dict[str, Any]:
    if source is None:
        provider = "kie" if "kie" in providers or not providers else providers[0]
        return {
            **ComposerForm.defaults(provider),
            "project": digits(request.GET.get("project", "")),
        }
    submission = lifecycle.submission_of(source)
    fields = {name: getattr(submission, name) for name in submission.__slots__}
    return {
        **fields,
        "seed": submission.seed or "",
        "project": submission.project_id or "",
        **_fresh_key(),
    }


def _page_context(request: Request, form: ComposerForm, providers: list[str]) -> dict[str, Any]:
    jobs = _scoped(request.user, request.GET)
    # The cursor first: what changes while the cards are read comes with the next poll.
    cursor = live_updates.cursor_of(jobs)
    page = _page_number(request.GET)
    start = (page - 1) * PAGE_SIZE
    shown = list(_chosen(request.user, request.GET).for_cards()[start : start + PAGE_SIZE + 1])
    following = {**request.GET.dict(), "page": page + 1}
    following.pop("from", None)
    context = {
        "form": form,
        "cards": cards_for(shown[:PAGE_SIZE], request.user, get_token(request)),
        "next_page": f"?{urlencode(following)}" if len(shown) > PAGE_SIZE else None,
        **_poll_context(request.GET, jobs, cursor),
        **_filter_context(request),
        **_composer_context(providers),
    }
    if not any(request.GET.get(name) for name in ("scope", "q", "project")):
        context["shell"] = Shell(settings.PRACTICE, request, context["counts"]["progress"])
    return context


def _composer_context(with_key: list[str]) -> dict[str, Any]:
    prices = pricing.table()
    return {
        "catalog": {
            "providers": [
                {
                    "name": provider.name,
                    "label": provider.label,
                    "preview": provider.preview,
                    "has_key": provider.name in with_key,
                    "models": [
                        {
                            "name": model.name,
                            "label": model.label,
                            "hint": model.hint,
                            "aspect_ratios": model.aspect_ratios,
                            "resolutions": model.resolutions,
                            "durations": {r: model.durations_at(r) for r in model.resolutions},
                            "prices": {
                                r: prices.get(f"{provider.name}:{model.name}:{r}")
                                for r in model.resolutions
                            },
                        }
                        for model in provider.models
                    ],
                }
                for provider in PROVIDERS.values()
            ]
        },
        "credential_missing": [p.label for p in PROVIDERS.values() if p.name not in with_key],
        "prices": prices,
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
            return jobs.filter(status="succeeded")
        case "attention":
            return jobs.needing_attention()
        case _:
            return jobs
