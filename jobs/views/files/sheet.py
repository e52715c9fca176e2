"""Videos on paper: a PDF with the poster of each and what people ask about it."""

from __future__ import annotations

from datetime import datetime
from threading import BoundedSemaphore

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jobs import file_names, shares, sheets
from jobs.archive.kept import posters
from jobs.decoding.answers import POSTER_SIDES
from jobs.forms import digits
from jobs.markers import Rate
from jobs.models import Rendition, ReviewNote, Team
from jobs.views.access import Request
from jobs.views.answers import csv, downloads
from jobs.views.answers.kept_files import too_many
from jobs.views.files.wanted import Video, Wanted, wanted_by
from jobs.views.meant import NoneMeant

VIDEOS_MAX = 200
"""Of one sheet: ten pages of paper, and a few seconds of a processor."""
COLUMNS_AT_FIRST = 4
DRAWING = BoundedSemaphore(2)
"""Sheets that a process draws at once: each takes a processor to itself."""
BUSY = "Other contact sheets are being made. Try again in a few seconds."
LETTER_COUNTRIES = ("US", "CA", "MX", "PH", "CL", "CO")
"""Where paper is of the size Letter."""


@require_safe
@csv.counted
def contact_sheet(request: Request) -> HttpResponse:
    """The PDF, of the paper and in the columns that are asked for."""
    try:
        wanted = wanted_by(request)
    except NoneMeant as error:
        messages.error(request, error.user_message)
        return redirect("studio")
    if problem := problem_of(wanted):
        messages.error(request, problem)
        return redirect(wanted.address)
    if not DRAWING.acquire(blocking=False):
        return too_many(request, BUSY)
    try:
        paper, columns = asked_for(request)
        made = sheets.as_pdf(_sheet(wanted), paper, columns)
    finally:
        DRAWING.release()
    response = HttpResponse(made, content_type="application/pdf")
    response["Cache-Control"] = "private, no-store"
    day = timezone.localdate().isoformat()
    parts = filter(None, (wanted.project, f"contact sheet {day}"))
    downloads.save_as(response, f"{file_names.lined_up(parts, ' ').strip()}.pdf")
    return response


def problem_of(wanted: Wanted) -> str:
    """Say why there is no sheet of these; '' where there is one."""
    if not wanted.videos:
        return "Choose at least one video."
    if len(wanted.videos) > VIDEOS_MAX:
        return f"A contact sheet holds up to {VIDEOS_MAX} videos. Choose fewer."
    return ""


def asked_for(request: Request) -> tuple[str, int]:
    """The paper and the columns, those that are likely where the address says none."""
    language = request.headers.get("Accept-Language", "").partition(",")[0]
    usual = "letter" if language[-2:].upper() in LETTER_COUNTRIES else "a4"
    paper, columns = request.GET.get("paper", ""), digits(request.GET.get("columns", ""))
    return (
        paper if paper in sheets.PAPERS else usual,
        columns if columns in sheets.COLUMNS else COLUMNS_AT_FIRST,
    )


def _sheet(wanted: Wanted) -> sheets.Sheet:
    verdicts = shares.verdicts_on([video.job.pk for video in wanted.videos])
    picked = {
        video
        for video, notes in verdicts.items()
        if any(note.kind == ReviewNote.Kind.PICK for note in notes)
    }
    number = len(wanted.videos)
    note = ngettext("%d video", "%d videos", number) % number
    return sheets.Sheet(
        wanted.project or Team.current().name or "Contact sheet",
        f"{note} · {_day(timezone.localtime())}",
        [_cell(video, video.job.pk in picked) for video in wanted.videos],
    )


def _cell(video: Video, is_picked: bool) -> sheets.Cell:
    job, file = video.job, video.best
    where = [job.project.name if job.project else "", f"take {job.take}" if job.take else ""]
    # What is least asked for last: in narrow columns the end is left out.
    what = [
        file.name if file else job.get_status_display(),
        _length(file),
        _day(timezone.localtime(job.created_at)),
    ]
    verdict = ["Picked" if is_picked else ""]
    verdict += ["Favorite" if job.is_favorite else ""]
    verdict += ["Rejected" if job.is_rejected else ""]
    return sheets.Cell(
        title=job.label,
        lines=(_joined(*where, job.owner.label), _joined(*what)),
        poster=_poster(video),
        rating=job.rating,
        verdict=_joined(*verdict),
    )


def _poster(video: Video) -> bytes:
    """Its poster for paper; nothing where there is none, or none that can be read."""
    name = next((file.poster for file in video.files if file.is_stored and file.poster), "")
    return posters.as_jpeg(name, POSTER_SIDES[-1])


def _length(file: Rendition | None) -> str:
    if file is None or not file.seconds:
        return ""
    rate = Rate.read(file.frame_rate)
    return rate.timecode(rate.frames_in(file.seconds))


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
