"""Plays what we keep, to who may see it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from jobs.file_names import harmless, lined_up
from jobs.models import Rendition
from jobs.views.access import Request, poster_to_see, rendition_to_see
from jobs.views.answers.kept_files import etag_of, given_out, poster_given_out

NAME_LENGTH = 60


@require_safe
def video(request: Request, rendition_id: UUID) -> HttpResponseBase:
    """The MP4, whole or one range of it; `?download` names it for saving."""
    rendition = rendition_to_see(request.user, rendition_id)
    save_as = file_name(rendition) if "download" in request.GET else ""
    return given_out(request, rendition.file, "video/mp4", etag_of(rendition), save_as=save_as)


@require_safe
def poster(request: Request, rendition_id: UUID) -> HttpResponseBase:
    """Its picture; `?side` takes a smaller copy."""
    rendition = poster_to_see(request.user, rendition_id)
    return poster_given_out(request, rendition.poster, f"{rendition.sha256[:32]}-poster")


def file_name(rendition: Rendition, text: str = "") -> str:
    """The beginning of what it is called, or of a text, harmless in a header and on any disk."""
    # A point within would say what kind of file it is.
    words = harmless((text or rendition.job.label).replace(".", " "))
    name = words[:NAME_LENGTH].strip() or "video"
    return f"{lined_up((name, rendition.resolution), ' ')}.mp4"
