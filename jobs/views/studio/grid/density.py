"""How closely the studio's cards stand: a choice for one device and not for one person."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from jobs.views.access import Request
from jobs.views.http.cookies import DENSITY
from jobs.views.shell.back import back

COMPACT = "compact"
KEPT = timedelta(days=365)


@require_POST
def choose(request: Request) -> HttpResponse:
    """Keep the choice in this browser, where the page reads it before it is drawn."""
    answer = back(request)
    if request.POST.get("density") == COMPACT:
        answer.set_cookie(DENSITY, COMPACT, max_age=KEPT, httponly=True, samesite="Lax")
    else:
        answer.delete_cookie(DENSITY, samesite="Lax")
    return answer
