"""The files behind a public link: played, shown, and handed out where that is allowed."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from jobs import file_names, shares
from jobs.archive.kept.away import Unreachable
from jobs.archive.packed import LEFT_OUT, Entry, Packed
from jobs.decoding.pictures.encoding import as_jpeg
from jobs.models import ShareLink
from jobs.views.answers.elsewhere import unreachable
from jobs.views.answers.kept_files import etag_of, given_out, opened, poster_given_out
from jobs.views.answers.zips import zip_given_out
from jobs.views.jobs.media import file_name
from jobs.views.shared.link import is_opened, may_pass, public, take_to_show

VIDEO = "video/mp4"
WAITS = "its watermark is still being added. Download it later."


@require_safe
@public
def video(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    found = shares.film_of(link, rendition_id) if may_pass(request, link) else None
    if found is None or not found[0].is_ready:
        raise Http404
    take, film = found
    if take.is_watermarked:
        return given_out(request, take.video, VIDEO, _etag(take), link=link)
    return given_out(request, film.file, VIDEO, etag_of(film), link=link)


@require_safe
@public
def download(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    """The file to keep: the largest that the link allows, or the one with its watermark."""
    take = _playable(request, link, rendition_id)
    if take.whole is None:
        raise Http404
    name = take.video if take.is_watermarked else take.whole.file
    # An ETag of its own: when a larger copy arrives, no half of the smaller one is gone on with.
    etag = _etag(take) if take.is_watermarked else etag_of(take.whole)

    def count() -> None:
        if is_opened(request):
            shares.count_download(link)

    save_as = file_name(take.whole, link.title or "video")
    return given_out(request, name, VIDEO, etag, link=link, save_as=save_as, at_first_byte=count)


@require_safe
@public
def download_all(request: HttpRequest, link: ShareLink, token: str) -> HttpResponseBase:
    """All that may be kept, as one ZIP. What is still being marked is said in it."""
    if not may_pass(request, link):
        raise Http404
    takes = [take for take in shares.takes_of(link) if take.whole]
    ready = [take for take in takes if take.is_ready]
    if not (ready and shares.zip_bytes(takes)):
        raise Http404
    names = file_names.apart((_name(link, take) for take in ready), ".mp4")
    entries = [_entry(take, name) for take, name in zip(ready, names, strict=True)]
    waits = [f"Video {take.place}: {WAITS}" for take in takes if not take.is_ready]
    texts = [(LEFT_OUT, "\r\n".join(waits))] if waits else []
    try:
        packed = Packed(entries, texts)
    except OSError as error:
        raise Http404 from error
    name = file_names.lined_up((link.title, "videos"), [" - "]) if link.title else "Videos"
    response = zip_given_out(request, packed, f"{name}.zip", link)
    if response.status_code == HTTPStatus.OK and is_opened(request):
        shares.count_download(link)
    return response


@require_safe
@public
def poster(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    take = _playable(request, link, rendition_id)
    return poster_given_out(request, take.poster, f"{Path(take.poster).stem}-poster", link)


@require_safe
@public
def picture(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    """The poster as JPEG: what a chat shows beside the link."""
    take = _playable(request, link, rendition_id)
    try:
        with opened(take.poster) as file:
            return HttpResponse(as_jpeg(file), content_type="image/jpeg")
    except Unreachable:
        return unreachable(request)
    except OSError as error:
        raise Http404 from error


def _playable(request: HttpRequest, link: ShareLink, rendition_id: UUID) -> shares.Take:
    """The take of this file; with a watermark only once that is drawn. Raises `Http404`."""
    take = take_to_show(request, link, rendition_id)
    if not take.is_ready:
        raise Http404
    return take


def _name(link: ShareLink, take: shares.Take) -> str:
    size = take.whole.name if take.whole else ""
    if not link.title:
        return file_names.harmless(f"Video {take.place} - {size}")
    parts = link.title[:60], f"video {take.place} - {size}"
    return file_names.harmless(file_names.lined_up(parts, [" - "]))


def _entry(take: shares.Take, name: str) -> Entry:
    if take.is_watermarked or take.whole is None:
        return Entry(take.video, 0, name)
    return Entry(take.whole.file, take.whole.bytes or 0, name)


def _etag(take: shares.Take) -> str:
    # A copy goes by its name, in which its text is: pieces of two texts make no film.
    return f'"{Path(take.video).stem}"'
