"""Name the file that a download is saved as, whatever it holds and whoever named it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import NamedTuple
from urllib.parse import quote

from django.http.response import HttpResponseBase

from jobs.file_names import FORBIDDEN, harmless

KEPT = "!#$&+-.^_`|~"
"""Beside letters and digits, what RFC 8187 lets stand as it is."""


class Names(NamedTuple):
    """One file's name as people gave it, and in ASCII for programs that know no other."""

    real: str
    plain: str


def save_as(response: HttpResponseBase, name: str) -> None:
    """Have it saved under this name. The name ends with the kind of file."""
    response.headers["Content-Disposition"] = disposition(name)


def disposition(name: str) -> str:
    """What has a file saved under this name (RFC 6266)."""
    real, plain = names(name)
    header = f'attachment; filename="{plain}"'
    if real != plain:
        header += f"; filename*=utf-8''{quote(real, safe=KEPT)}"
    return header


def names(name: str) -> Names:
    """Both forms of it, harmless on any disk. Different names stay different, also in ASCII."""
    composed = unicodedata.normalize("NFC", name)
    stem, dot, ending = composed.rpartition(".")
    # Of a name in which something was replaced, what it was is in four bytes of its hash.
    print_of_it = hashlib.sha256(composed.encode(errors="surrogatepass")).hexdigest()[:8]
    real = harmless(stem)
    if real != stem:
        real = _joined(real, print_of_it)
    plain = _in_ascii(real)
    if plain != real:
        plain = _joined(plain, print_of_it)
    return Names(f"{real}{dot}{ending}", f"{plain}{dot}{ending}")


def _in_ascii(text: str) -> str:
    """Without accents, without what has no ASCII letter, and without what is read as an escape."""
    if text.isascii() and "%" not in text:
        return text
    apart = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in apart if letter.isascii() and letter not in FORBIDDEN)
    return re.sub(r"([ -])[ -]+", r"\1", kept.replace("%", "")).strip(" .-")


def _joined(name: str, print_of_it: str) -> str:
    return f"{name}-{print_of_it}" if name else print_of_it
