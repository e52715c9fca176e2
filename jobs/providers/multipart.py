"""A file on its way to a provider, as multipart/form-data: read while it is sent, however large."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from urllib3 import encode_multipart_formdata

PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """A file to hand over, with the fields that go beside it."""

    name: str
    content: BinaryIO
    content_type: str
    fields: Mapping[str, str]


class Body:
    """The bytes of a form, with their length known beforehand."""

    def __init__(self, form: Form) -> None:
        boundary = secrets.token_hex(16)
        file = (form.name, b"", form.content_type)
        empty, self.content_type = encode_multipart_formdata(
            [*form.fields.items(), ("file", file)], boundary
        )
        self._file = form.content
        self._after = f"\r\n--{boundary}--\r\n".encode()
        self._before = empty.removesuffix(self._after)
        self._size = form.content.seek(0, os.SEEK_END)

    def __len__(self) -> int:
        return len(self._before) + self._size + len(self._after)

    def __iter__(self) -> Iterator[bytes]:
        yield self._before
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece
        yield self._after
