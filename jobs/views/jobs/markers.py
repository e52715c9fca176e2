"""Comments for the edit: what was said of videos as markers, in files that editors read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from jobs import limits
from jobs.limits import Limit
from jobs.markers import HEAD, Clip, Marker, Rate, edl, fcpxml, rows
from jobs.models import Rendition, ReviewNote
from jobs.models.jobs.rendition import films_of
from jobs.providers.base import UPGRADES
from jobs.views.access import Request, job_to_see
from jobs.views.answers import csv
from jobs.views.answers.downloads import save_as
from jobs.views.jobs.media import NAME_LENGTH, file_name

NOTHING = "There are no comments to export yet."


class Writer(Protocol):
    def __call__(self, title: str, clips: Sequence[Clip]) -> str: ...


WRITERS: dict[str, tuple[Writer, str]] = {
    "edl": (edl, "text/plain; charset=utf-8"),
    "fcpxml": (fcpxml, "application/xml"),
}
TABLE = "csv"
SAID = {
    ReviewNote.Kind.COMMENT: "{name}",
    ReviewNote.Kind.PICK: "Picked by {name}",
    ReviewNote.Kind.APPROVE: "Approved by {name}",
    ReviewNote.Kind.CHANGES: "{name} asked for changes",
}


@require_safe
def markers(request: Request, job_id: UUID, kind: str) -> HttpResponseBase:
    """What was said of one video, on whichever link."""
    job = job_to_see(request.user, job_id)
    if job.kind in UPGRADES and job.source_id:
        job = job_to_see(request.user, job.source_id)
    films, notes = films_of(job), ReviewNote.objects.of_job(job).spoken()
    if not (films and notes):
        messages.info(request, NOTHING)
        return redirect("job", job.pk)
    clips = [clip(films[-1], job.label, notes)]
    return written(request, kind, job.label[:NAME_LENGTH], clips)


def written(request: Request, kind: str, title: str, clips: Sequence[Clip]) -> HttpResponseBase:
    """The file of this kind (edl, fcpxml or csv), as a download. Raises `limits.TooMany`."""
    if kind not in (*WRITERS, TABLE):
        raise Http404
    limits.take(Limit.EXPORTS, str(request.user.pk))
    name = f"dailies-markers-{title}"
    if kind == TABLE:
        return csv.stream(name, HEAD, rows(clips))
    write, content_type = WRITERS[kind]
    response = HttpResponse(write(title, clips), content_type=content_type)
    save_as(response, f"{name}.{kind}")
    return response


def clip(film: Rendition, name: str, notes: Iterable[ReviewNote]) -> Clip:
    """A stored film with what was said of it."""
    return Clip(
        name=name,
        file=file_name(film),
        seconds=film.seconds or Decimal(1),
        rate=Rate.read(film.frame_rate),
        width=film.width or 0,
        height=film.height or 0,
        markers=[Marker(note.seconds, _text(note), bool(note.resolved_at)) for note in notes],
    )


def _text(note: ReviewNote) -> str:
    """Who said what, and what the team answered."""
    said = SAID[ReviewNote.Kind(note.kind)].format(name=note.name)
    words = [f"{said}: {note.text}" if note.text else said]
    answers = note.answers.all()
    words += [f"{each.author.label}: {each.text}" for each in answers if each.author]
    return "\n".join(words)
