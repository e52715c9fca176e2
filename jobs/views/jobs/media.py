"""Plays what we keep, to who may see it, in the pieces a browser asks for."""

from __future__ import annotations

import re
from typing import BinaryIO
from uuid import UUID

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from jobs.archive import files
from jobs.models import Image, Rendition
from jobs.views import downloads
from jobs.views.access import Request, rendition_to_see

ONE_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)
NAME_LENGTH = 60


class Unsatisfiable(Exception):
    """A well-formed range that lies outside the file."""


@require_safe
def video(request: Request, rendition_id: UUID) -> HttpResponseBase:
    """The MP4, whole or one range of it (RFC 9110); `?download` names it for saving."""
    rendition = rendition_to_see(request.user, rendition_id)
    save_as = file_name(rendition) if "download" in request.GET else ""
    return streamed(request, rendition.file, etag_of(rendition), save_as)


def streamed(request: HttpRequest, name: str, etag: str, save_as: str = "") -> HttpResponseBase:
    """A stored MP4, whole or the range asked for; to be saved under a name if one is given.

    Only that it did not change, to a browser that has this version (RFC 9110).
    """
    if known := already_known(request, etag):
        return known
    file = opened(name)
    size = files.size_of(file)
    try:
        span = _span(request, size, etag)
    except Unsatisfiable:
        file.close()
        refused = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        return with_media_headers(refused, etag)
    start, end = span or (0, size - 1)
    length = end - start + 1
    body = files.Range(file, start, length if request.method == "GET" else 0)
    response = StreamingHttpResponse(body, status=206 if span else 200, content_type="video/mp4")
    response["Content-Length"] = str(length)
    if span:
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    if save_as:
        downloads.save_as(response, save_as)
    return with_media_headers(response, etag)


@require_safe
def poster(request: Request, rendition_id: UUID) -> HttpResponseBase:
    rendition = rendition_to_see(request.user, rendition_id)
    etag = etag_of(rendition, "-poster")
    if known := already_known(request, etag):
        return known
    response = FileResponse(opened(rendition.poster), content_type="image/webp")
    return with_media_headers(response, etag)


def etag_of(kept: Rendition | Image, part: str = "") -> str:
    """The name of a kept file's content, or of a part that goes with it."""
    return f'"{kept.sha256[:32]}{part}"'


def already_known(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    """The answer to who has this version, or to who wants only another one; None for all others.

    Kept files alone carry an ETag: a page holds a token that is masked anew each time.
    """
    answer = get_conditional_response(request, etag=etag)
    return with_media_headers(answer, etag) if answer else None


def opened(name: str) -> BinaryIO:
    """A stored file; the page of what is missing, should it have vanished from the disk."""
    if not name:
        raise Http404
    try:
        return files.opened(name)
    except OSError as error:
        raise Http404 from error


def _span(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte that are asked for; None for the whole file. Raises `Unsatisfiable`.

    A header that is not one well-formed range is ignored, as the standard allows, and so is any
    in another method than GET, as it demands.
    """
    match = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), int(last or size)
        if last and end < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return start, min(end, size - 1)


def file_name(rendition: Rendition, text: str = "") -> str:
    """The beginning of the prompt, or of another text, harmless in a header and on any disk."""
    # A point within would say what kind of file it is.
    words = downloads.harmless((text or rendition.job.prompt).replace(".", " "))
    name = words[:NAME_LENGTH].strip() or "video"
    return f"{name} {rendition.resolution}.mp4"


def with_media_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Keep a stored file a video: never sniffed, never run, kept only by this browser."""
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
