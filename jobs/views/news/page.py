"""What is new for somebody: the list behind the bell."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs import news
from jobs.forms import digits
from jobs.models import Notice
from jobs.news.wishes import wishes_of
from jobs.news.wording import line_of
from jobs.views.access import Request
from jobs.views.jobs import live as live_updates

PAGE_SIZE, IN_BELL = 50, 12


@require_safe
def page(request: Request) -> HttpResponse:
    """All of it, the newest first; with `before` what is older."""
    return render(request, "news/page.html", _lines(request, PAGE_SIZE))


@require_safe
def bell(request: Request) -> HttpResponse:
    """The newest, as the bell shows them, and its number."""
    wishes = wishes_of(request.user)
    context = {
        **_lines(request, IN_BELL),
        "spoken": {kind for kind, wish in wishes.items() if wish.browser},
        "heard": {kind for kind, wish in wishes.items() if wish.sound},
    }
    return render(request, "news/_bell_list.html", context)


@require_safe
def live(request: Request) -> HttpResponse:
    """Nothing but the header that tells of news, for a page that has no other poll."""
    return live_updates.nothing_new()


@require_safe
def follow(request: Request, notice_id: int) -> HttpResponse:
    """Lead to what a notice is about; then it is seen."""
    rows = Notice.objects.readable_by(request.user).in_full()
    notice = get_object_or_404(rows, pk=notice_id)
    if request.method == "GET":
        news.see(request.user, Q(pk=notice.pk))
    return redirect(line_of(notice).path)


@require_POST
def seen(request: Request) -> HttpResponse:
    """All that the list showed is seen; what has come since is not."""
    number = digits(request.POST.get("newest", ""))
    if number is not None:
        news.see_all(request.user, number)
    if request.htmx:
        return render(request, "news/_bell_list.html", _lines(request, IN_BELL))
    messages.success(request, "All marked as seen.")
    return redirect("news")


def _lines(request: Request, number: int) -> dict[str, Any]:
    readable = Notice.objects.readable_by(request.user).listed()
    before = digits(request.GET.get("before", ""))
    rows = readable if before is None else readable.filter(pk__lt=before)
    found = list(rows.in_full()[: number + 1])
    lines = [line_of(notice) for notice in found[:number]]
    return {
        "lines": lines,
        "newest": lines[0].notice.pk if lines and before is None else None,
        "before": lines[-1].notice.pk if len(found) > number else None,
        "is_later": before is not None,
    }
