"""The baselines: each view does the one thing its path cannot do without, on the same tables."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.template import engines
from django.urls import include, path

from jobs.models import Job, WebhookEvent
from jobs.views.access import Request
from jobs.views.jobs.cards.dealing import cards_for

SECRET = b"bench"
SIGNATURE = "X-Bench-Signature"
PAGE_SIZE = 24
PAGE = """{% load cache %}<!doctype html><title>Bare</title>{% for card in cards %}
{% cache None card card.job.pk card.job.version %}{% include "jobs/_card.html" %}{% endcache %}
{% endfor %}"""


def sign(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def webhook(request: HttpRequest, job_id: str) -> HttpResponse:
    """HMAC, one UPDATE, one INSERT."""
    body = request.body
    if not hmac.compare_digest(sign(body), request.headers.get(SIGNATURE, "")):
        return HttpResponseForbidden()
    with transaction.atomic():
        Job.objects.filter(pk=job_id).update(nudged_at=Now(), check_at=Now())
        WebhookEvent.objects.create(
            job_id=job_id, external_id="bare", body_hash=hashlib.sha256(body).hexdigest()
        )
    return HttpResponse()


def poll(request: Request) -> HttpResponse:
    """Session, user, one indexed query."""
    since = datetime.fromtimestamp(float(request.GET["since"]), UTC)
    changed = Job.objects.filter(owner=request.user.pk, changed_at__gt=since)
    return HttpResponse(status=200 if list(changed.values_list("pk")[:1]) else 204)


def page(request: Request) -> HttpResponse:
    """Session, user, 24 rows, and their cards' HTML cached by version."""
    jobs = Job.objects.filter(owner=request.user.pk).for_cards()[:PAGE_SIZE]
    template = engines["django"].from_string(PAGE)
    return HttpResponse(template.render({"cards": cards_for(jobs, request.user, "")}))


urlpatterns = [
    path("webhook/<str:job_id>/", webhook),
    path("poll/", poll),
    path("", page),
    path("", include("jobs.urls")),  # the addresses that cards link to
]
