"""What a file of ours comes to, to be compared with what a server says of its copy."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

PIECE = 8 * 1024**2
"""Bytes that are sent in one request; of a longer file as many such pieces as it has. The least
that every server takes is 5 MiB."""


class Sums(NamedTuple):
    """What a file's content comes to."""

    sha256: str
    etag: str
    """As a server makes it of the pieces that it was sent in."""


def sums_of(path: Path) -> Sums:
    """Both, of a file of ours."""
    digest, pieces = hashlib.sha256(), []
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            pieces.append(hashlib.md5(piece, usedforsecurity=False))
    if path.stat().st_size < PIECE:
        etag = (pieces[0] if pieces else hashlib.md5(usedforsecurity=False)).hexdigest()
    else:
        whole = hashlib.md5(b"".join(each.digest() for each in pieces), usedforsecurity=False)
        etag = f"{whole.hexdigest()}-{len(pieces)}"
    return Sums(digest.hexdigest(), etag)
