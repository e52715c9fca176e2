"""The prompts that somebody wrote last, to take one again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.forms import search_words
from jobs.models import Job
from jobs.models.jobs.job import Jobs
from jobs.providers.base import Kind
from jobs.views.access import Request

SHOWN = 20
READ_AT_ONCE = 100
READ_MAX = 1000
"""Of somebody who made the same a thousand times in a row nothing older is looked for."""


@dataclass(frozen=True, slots=True)
class Recent:
    """A prompt, and the newest video that was ordered with it."""

    prompt: str
    job_id: UUID
    ordered_at: datetime

    @property
    def fields(self) -> str:
        """What js/tools.js takes of it."""
        return json.dumps({"prompt": self.prompt})


@require_safe
def page(request: Request) -> HttpResponse:
    """This person's newest prompts with all the words; with htmx their list alone."""
    words = search_words(request.GET.get("q", ""))
    own = Job.objects.filter(owner=request.user, kind=Kind.GENERATE).matching(words)
    context = {"prompts": _newest(own), "words": words}
    template = "studio/_recent.html" if request.htmx else "studio/recent.html"
    return render(request, template, context)


def _newest(jobs: Jobs) -> list[Recent]:
    """The newest prompts, each once."""
    rows = jobs.order_by("-created_at").values_list("prompt", "pk", "created_at")
    found: dict[str, Recent] = {}
    for start in range(0, READ_MAX, READ_AT_ONCE):
        part = rows[start : start + READ_AT_ONCE]
        for row in part:
            found.setdefault(row[0].strip(), Recent(*row))
        if len(found) >= SHOWN or len(part) < READ_AT_ONCE:
            break
    return list(found.values())[:SHOWN]
