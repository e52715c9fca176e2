"""Bound the uploads of one request: forms are read before anybody asks who sends them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from jobs import limits
from jobs.archive import NotAnImage
from jobs.archive.intake import images
from jobs.limits import TooMany
from jobs.net.floods import Limit

STRANGER = "nobody is signed in"


class WholeRequestCap(FileUploadHandler):
    """Refuses what says to be larger, unread; nobody reads more than a request says it has.

    Files for which there is no room, or of somebody who may bring no more today, or of strangers,
    are read past and written nowhere. The rest of the form is read, and the page says why.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (Django's name for it)
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > settings.REQUEST_BYTES_MAX:
            raise RequestDataTooBig(f"{content_length} bytes in one request")
        self._size = content_length
        self._why: str | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._why is None:
            self._why = _why_not(self.request, self._size)
        if self._why:
            vars(self.request).setdefault("unread", []).append((self.file_name or "", self._why))
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def unread(request: HttpRequest) -> list[tuple[str, str]]:
    """The name of each file of a form that was read past, and why, as a sentence."""
    request.FILES  # noqa: B018  (the form is read here at the latest)
    found: list[tuple[str, str]] = vars(request).get("unread", [])
    return found


def _why_not(request: HttpRequest | None, size: int) -> str:
    """Why files are not even read, of a request that has so many bytes; empty where they are."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return STRANGER
    try:
        images.require_room(size)
        limits.check(Limit.IMAGE_BYTES, user.pk, amount=size)
    except (NotAnImage, TooMany) as error:
        return error.user_message
    return ""
