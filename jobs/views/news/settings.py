"""How somebody is told of what: by kind, and by the ways there are."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from jobs.forms import WishesForm
from jobs.mail import stopping
from jobs.models import Notice, NoticeWish
from jobs.news.wishes import wish, wishes_of
from jobs.views.access import Request


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """The table of kinds and ways, and with POST what was chosen there."""
    form = WishesForm(
        request.POST if request.method == "POST" else None,
        wishes=wishes_of(request.user),
        has_mail=settings.HAS_MAIL,
    )
    if form.is_valid():
        for kind, chosen in form.chosen.items():
            wish(request.user, kind, **chosen)
        messages.success(request, "Saved. It holds for what happens from now on.")
        return redirect("news-settings")
    context = {
        "form": form,
        "has_mail": settings.HAS_MAIL,
        "digest_hour": f"{settings.DIGEST_HOUR:02}:00",
        "zone": settings.TIME_ZONE,
    }
    return render(request, "news/settings.html", context, status=422 if form.errors else 200)


@login_not_required
@never_cache
@csrf_exempt  # the address is the secret, and mail programs post to it (RFC 8058)
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Fewer letters, or none, by the link in one of them; a GET changes nothing, since programs
    that look at mails open every link.
    """
    found = stopping.read(token)
    if found is None:
        raise Http404
    chosen = ""
    if request.method == "POST":
        asked = request.POST.get("mail", NoticeWish.Mail.NEVER)
        chosen = asked if asked in NoticeWish.Mail.values else NoticeWish.Mail.NEVER
        for kind in found.kinds:
            wish(found.person, kind, mail=chosen)
    wishes = wishes_of(found.person)
    # Who is no admin by now is told of fewer kinds than the letter was about.
    told = [kind for kind in found.kinds if kind in wishes] or found.kinds
    current = {wishes[kind].mail for kind in told if kind in wishes}
    context = {
        "labels": [Notice.Kind(kind).label for kind in told],
        "chosen": chosen,
        "current": current.pop() if len(current) == 1 else "",
        "ways": NoticeWish.Mail.values,
        "digest_hour": f"{settings.DIGEST_HOUR:02}:00",
    }
    response = render(request, "news/stop.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
