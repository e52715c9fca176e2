"""The words of visitors, as the team reads, answers, resolves, exports and ends them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from jobs import shares
from jobs.forms import AnswerForm
from jobs.letters import isolated
from jobs.models import BlockedVisitor, Job, ReviewNote, ShareLink
from jobs.views.access import Request
from jobs.views.answers import csv

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


@require_POST
def delete(request: Request, note_id: int) -> HttpResponse:
    note = _own_note(request, note_id)
    if shares.delete(note, request.user):
        messages.success(request, "Deleted. It is on no page any more.")
    return _back(note)


@require_POST
def block(request: Request, note_id: int) -> HttpResponse:
    """Hear no more of who said this; with `delete` everything goes that they said on the link."""
    note = _own_note(request, note_id)
    gone = shares.block(note, request.user, and_delete="delete" in request.POST)
    said = f"Blocked. {isolated(note.name)} can’t comment on this link any more."
    if gone:
        said += ngettext(" %d comment was deleted.", " %d comments were deleted.", gone) % gone
    messages.success(request, said)
    return _back(note)


@require_POST
def unblock(request: Request, blocked_id: int) -> HttpResponse:
    rows = BlockedVisitor.objects.filter(link__in=ShareLink.objects.visible_to(request.user))
    blocked = get_object_or_404(rows.select_related("link"), pk=blocked_id)
    if shares.unblock(blocked, request.user):
        messages.success(request, f"{isolated(blocked.name)} can comment on this link again.")
    return redirect("share", blocked.link_id)


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


def _own_note(request: Request, note_id: int) -> ReviewNote:
    """One on a link that this person answers for."""
    notes = ReviewNote.objects.with_people().filter(answer_to=None)
    links = ShareLink.objects.visible_to(request.user)
    return get_object_or_404(notes.filter(link__in=links), pk=note_id)


def _back(note: ReviewNote) -> HttpResponse:
    return redirect(f"{reverse('job', args=[note.take.rendition.job_id])}#review")
