"""The studio: the composer, and below it the live grid of cards."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from jobs import lifecycle, people, prompt_help
from jobs.forms import ComposerForm
from jobs.models import Job
from jobs.providers.base import Mode
from jobs.views.access import Request
from jobs.views.answers.packed import packed
from jobs.views.budget_fit import beyond
from jobs.views.callers import later
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards.dealing import cards_for, outcome_sentence
from jobs.views.jobs.cards.kept.dealing import deal
from jobs.views.jobs.cards.kept.facts import groups_in
from jobs.views.shell.answers import answer_for, tell_decisions
from jobs.views.shell.context import Shell
from jobs.views.studio.composer.catalog import script_of
from jobs.views.studio.composer.fitting import fit_of
from jobs.views.studio.composer.images import (
    Intake,
    arranged,
    frames_context,
    keep_all,
)
from jobs.views.studio.composer.offers import Offers
from jobs.views.studio.composer.reuse import reused
from jobs.views.studio.composer.starting import started
from jobs.views.studio.first_steps import first_steps
from jobs.views.studio.grid.filters import NARROWS, StudioFilters
from jobs.views.studio.grid.groups import grouped
from jobs.views.studio.grid.polling import cursor_of, poll_of
from jobs.views.studio.starters import STARTERS

SEARCHES = ("q", "scope", "tab", *NARROWS)
"""What narrows the list down: who looks for something is not just beginning."""
DECISIONS_MAX = 3
"""As many are told at the top; older ones stand on their cards."""
ARRANGING = {"arrange", "frame", "film", "pick"}
"""The composer's buttons that change its images and send nothing."""


@packed
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """The page, and with POST a new job."""
    if request.method == "POST":
        return _generate(request)
    offers = Offers(request.user)
    reuse = reused(request)
    again = reuse and reuse.fields(offers.prices)
    initial = again or started(request, offers.keys, offers.prices)
    form = ComposerForm(user=request.user, initial=initial)
    # What was written and not sent comes back, unless the address says what to start from.
    is_fresh = not {"from", "mode", "image"} & set(request.GET)
    may_be_first = not ("from" in request.GET or form.initial["project"])
    shown = _page_context(request, form, offers, may_be_first=may_be_first)
    context = {**shown, "is_fresh": is_fresh, "reuse": reuse}
    return render(request, "studio/page.html", context)


def _generate(request: Request) -> HttpResponse:
    intake = Intake() if request.POST.get("mode") == "text" else keep_all(request)
    data = arranged(request.POST, intake)
    if ARRANGING & set(data):
        return _arranged(request, data, intake.problems)
    form = ComposerForm(data, user=request.user)
    offers = Offers(request.user)
    form.drafts_at = offers.keys, offers.prices
    for problem in intake.problems:
        form.add_error("images", problem)
    if not form.is_valid():
        return _again(request, form, status=422)
    news = lifecycle.confirm(
        request.user,
        form.submission,
        form.key,
        takes=form.take_count,
        seen_cost=form.seen_cost,
        seen_duplicate=form.seen_duplicate,
    )
    if isinstance(news, lifecycle.CostsOtherwise):
        form.add_error(None, f"{news.user_message} Press {form.button} again to order it.")
        return _again(request, form, status=422)
    if news:
        return _again(request, form, status=422, same=news.job, is_asked=True)
    try:
        jobs = lifecycle.submit_takes(
            request.user,
            form.submission,
            form.key,
            form.take_count,
            may_park=form.may_park,
            reason=form.cleaned_data["reason"],
        )
    except lifecycle.NotSubmitted as error:
        return _refuse(request, form, error)
    return _accepted(request, form, jobs)


def _accepted(request: Request, form: ComposerForm, jobs: list[Job]) -> HttpResponse:
    if not request.htmx:
        messages.success(request, outcome_sentence(*jobs))
        return redirect("studio")
    # What ended since the tab's last poll must still reach it, so the next one looks back.
    shown = StudioFilters(request.user, request.GET)
    poll = poll_of(shown, live_updates.cursor_before_now())
    kept = {**form.cleaned_data, **ComposerForm.fresh_key(), "reason": ""}
    fresh = ComposerForm(user=request.user, initial=kept)
    rows = Job.objects.for_cards().filter(pk__in=[job.pk for job in jobs])
    cards = cards_for(rows, request.user, get_token(request), joins=True)
    context = {
        "made": grouped(cards)[0],
        "announcements": [outcome_sentence(*jobs)],
        **poll,
        **_composer_context(request, fresh, Offers(request.user)),
    }
    return render(request, "studio/_accepted.html", context)


def _arranged(request: Request, data: QueryDict, problems: list[str]) -> HttpResponse:
    """The form with its images changed and all else as it was typed: nothing is sent yet."""
    typed = {**data.dict(), "images": data.getlist("images"), "translate": "translate" in data}
    form = ComposerForm(user=request.user, initial=typed)
    picking = frames_context(request.user, data.get("words", "")) if "pick" in data else {}
    return _again(request, form, status=200, problems=problems, **picking)


def _refuse(request: Request, form: ComposerForm, error: lifecycle.NotSubmitted) -> HttpResponse:
    # Of a provider one learns at the model: it is chosen with that.
    field = "model" if error.field == "provider" else error.field
    form.add_error(field or None, error.user_message)
    status = 422
    if isinstance(error, lifecycle.SubmissionKeyReused):
        # What was typed stays; only a key of its own lets it be sent as something new.
        data, status = QueryDict(mutable=True), 409
        data.update(form.data)
        data.update(ComposerForm.fresh_key())
        form.data = data
    too_many = error.too_many if isinstance(error, lifecycle.TooManyOrders) else None
    # Whatever its page says it can afford: by now it is beyond a budget.
    asks = {"asks": True} if error.cause == "budget" else {}
    return later(_again(request, form, status=status, cause=error.cause, **asks), too_many)


def _again(request: Request, form: ComposerForm, *, status: int, **more: Any) -> HttpResponse:
    """The form with its errors and everything that was typed."""
    offers = Offers(request.user)
    if request.htmx:
        context = {**_composer_context(request, form, offers), **more}
        return render(request, "studio/_composer.html", context, status=status)
    context = {**_page_context(request, form, offers), **more}
    return render(request, "studio/page.html", context, status=status)


def _page_context(
    request: Request, form: ComposerForm, offers: Offers, *, may_be_first: bool = False
) -> dict[str, Any]:
    """`may_be_first`: somebody's first video is offered the project of their invitation."""
    shown = StudioFilters(request.user, request.GET)
    # The cursor first: what changes while the cards are read comes with the next poll.
    poll = poll_of(shown, cursor_of(shown))
    facts = shown.facts()
    on_page, next_page = shown.cut(groups_in(facts))
    facts = [row for row in facts if row[0] in on_page]
    cards = deal(
        facts, request.user, get_token(request), offers.prices, are_first=shown.after is None
    )
    # Whose own videos are here has had a first one: no need to ask.
    if may_be_first and not any(card.job.owner_id == request.user.pk for card in cards):
        form.initial["project"] = people.first_project(request.user)
    context = {
        "cards": cards,
        "shown": grouped(cards),
        "next_page": next_page,
        "starters": STARTERS,
        **poll,
        **shown.context,
    }
    counted = context["counts"]["progress"] if shown.is_everything else None
    shell = Shell(settings.PRACTICE, request, counted, offers.usable)
    context["interval"] = live_updates.as_seen_by(poll["interval"], shell.budget)
    if not context["is_later"] and not any(request.GET.get(name) for name in SEARCHES):
        context["first_steps"] = first_steps(
            request.user,
            [card.job for card in cards],
            has_key=bool(offers.keys),
            means=shell.means,
        )
    waiting = shell.waiting
    context["answer"] = answer_for(request) if waiting.answers else None
    told = tell_decisions(request, DECISIONS_MAX) if waiting.decisions else []
    context["decisions"] = [notice.request for notice in told]
    shell.have_told(sum(notice.is_listed for notice in told))
    return {**context, **_composer_context(request, form, offers, shell)}


def _composer_context(
    request: Request, form: ComposerForm, offers: Offers, shell: Shell | None = None
) -> dict[str, Any]:
    # The composer and the sidebar show the same figures: asked for once.
    shell, cost = shell or Shell(settings.PRACTICE, request), offers.cost(form)
    form.offer_projects(shell.all_projects)
    form.offer_models(offers.keys, offers.prices.withdrawn)
    form.drafts_at = offers.keys, offers.prices
    short = beyond(shell.means, cost, form.chosen_project) if shell.means else ""
    return {
        "shell": shell,
        "short": short,
        "asks": bool(short),
        "form": form,
        "choices": form.choices,
        "modes": tuple(Mode),
        "offers": offers,
        "catalog_script": script_of(offers),
        "help_host": prompt_help.host(),
        "cost": cost,
        "no_price": lifecycle.NO_PRICE,
        "each": cost // form.chosen_takes if cost else None,
        "fit": fit_of(form.chosen),
        "draft": offers.draft(form),
        "notes": offers.notes_on(form),
        "mode_hint": offers.mode_hint(form.chosen),
        "shortage": offers.shortage(form.chosen["provider"], cost, form.chosen_takes),
        "made_by": offers.made_by(form.chosen["provider"]),
        "image_hint": offers.image_hint(form.chosen["provider"]),
    }
