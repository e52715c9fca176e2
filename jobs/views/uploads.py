"""Bound the uploads of one request: forms are read before anybody asks who sends them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

REQUEST_MAX = 64 * 1024**2
"""Three pictures of the largest size, and the form around them."""


class WholeRequestCap(FileUploadHandler):
    """Refuses what says to be larger, unread; nobody reads more than a request says it has."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (Django's name for it)
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > REQUEST_MAX:
            raise RequestDataTooBig(f"{content_length} bytes in one request")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
