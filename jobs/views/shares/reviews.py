"""The words of visitors, as the team reads, answers, resolves and exports them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jobs import shares
from jobs.forms import AnswerForm
from jobs.models import Job, ReviewNote, ShareLink
from jobs.views import csv
from jobs.views.access import Request

HEAD = (
    "when",
    "take",
    "video",
    "at second",
    "what",
    "who",
    "text",
    "answer to",
    "resolved",
    "resolved by",
)


@require_POST
def answer(request: Request, note_id: int) -> HttpResponse:
    note = _note(request, note_id)
    form = AnswerForm(request.POST)
    if form.is_valid():
        shares.answer(note, form.cleaned_data["text"], request.user)
        messages.success(request, "Answered. Your answer is on the link’s page.")
    else:
        messages.error(request, " ".join(map(str, form["text"].errors)))
    return _back(note)


@require_POST
def resolve(request: Request, note_id: int) -> HttpResponse:
    note = _note(request, note_id)
    if not shares.resolve(note, request.user):
        messages.warning(request, "This was already resolved.")
    return _back(note)


@require_safe
@csv.counted
def export(request: Request, link_id: int) -> HttpResponseBase:
    """Everything that was said on a link."""
    link = get_object_or_404(ShareLink.objects.visible_to(request.user), pk=link_id)
    return csv.stream(f"dailies-review-{link.label}-{link.pk}", HEAD, _rows(link))


def _rows(link: ShareLink) -> Iterator[Sequence[object]]:
    places = shares.places_of(link)
    for note in link.notes.with_people():
        yield (
            note.created_at,
            places.get(note.take_id),
            note.take.rendition.job_id,
            note.seconds,
            note.get_kind_display(),
            note.author.label if note.author else note.name,
            note.text,
            note.answer_to_id,
            note.resolved_at,
            note.resolved_by.label if note.resolved_by else "",
        )


def _note(request: Request, note_id: int) -> ReviewNote:
    """One of a video that this person may see."""
    notes = ReviewNote.objects.with_people().filter(answer_to=None)
    seen = Job.objects.visible_to(request.user)
    return get_object_or_404(notes.filter(take__rendition__job__in=seen), pk=note_id)


def _back(note: ReviewNote) -> HttpResponse:
    return redirect(f"{reverse('job', args=[note.take.rendition.job_id])}#review")
