"""Sends many kept films as one ZIP, under the rules that hold for each film (`kept_files`).

It is sent by ourselves whatever SENDFILE says: no proxy can make one. Of films on our disks it
takes one place of those that somebody has, no thread waits for its reader, and paused it is let go
as a film would be. Films that lie elsewhere are fetched for one ZIP at a time, whoever asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import BoundedSemaphore

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from jobs.archive.packed import Packed
from jobs.models import ShareLink
from jobs.views.answers import downloads
from jobs.views.answers.kept_files import PieceOfFile, place_for, too_many

FETCHING = BoundedSemaphore()
"""Films that lie elsewhere are read by a thread that does nothing else meanwhile: of each process
one at most."""
FETCHED = "Another ZIP is being fetched from our storage. Try again in a moment."


def zip_given_out(
    request: HttpRequest, packed: Packed, save_as: str, link: ShareLink | None = None
) -> HttpResponseBase:
    """The ZIP, to be saved under this name; or word that there is no place for it now."""
    holders = place_for(request, link)
    if holders is None:
        packed.close()
        return too_many(request)
    response: StreamingHttpResponse
    if request.method != "GET":
        packed.close()
        response = StreamingHttpResponse(())
    elif packed.is_at_hand:
        packed.holders = holders
        response = PieceOfFile(packed)
    elif not FETCHING.acquire(blocking=False):
        packed.close()
        return too_many(request, FETCHED)
    else:
        response = StreamingHttpResponse(Fetching(packed))
    response["Content-Type"] = "application/zip"
    response["Content-Length"] = str(packed.size)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # A proxy that read ahead would write all of it to its own disk.
    response["X-Accel-Buffering"] = "no"
    downloads.save_as(response, save_as)
    return response


class Fetching:
    """A ZIP of films that lie elsewhere, while it is fetched."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._packed)

    def close(self) -> None:
        """Called once by Django, read or not."""
        self._packed.close()
        FETCHING.release()
