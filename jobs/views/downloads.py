"""Name the file that a download is saved as, whatever it holds and whoever named it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import NamedTuple
from urllib.parse import quote

from django.http.response import HttpResponseBase

from jobs import letters

FORBIDDEN = frozenset('/\\:*?"<>|')
"""Characters that a file system forbids in a file name, or reads as a folder."""
JOINERS = "\u200c\u200d"
"""Unseen, but Persian and Hindi words and many an emoji are others without them."""
BYTES_MAX = 200
"""File systems take 255, and a browser may number the name."""
KEPT = "!#$&+-.^_`|~"
"""Beside letters and digits, what RFC 8187 lets stand as it is."""


class Names(NamedTuple):
    """One file's name as people gave it, and in ASCII for programs that know no other."""

    real: str
    plain: str


def save_as(response: HttpResponseBase, name: str) -> None:
    """Have it saved under this name (RFC 6266). The name ends with the kind of file."""
    real, plain = names(name)
    header = f'attachment; filename="{plain}"'
    if real != plain:
        header += f"; filename*=utf-8''{quote(real, safe=KEPT)}"
    response.headers["Content-Disposition"] = header


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


def harmless(text: str) -> str:
    """The text as the beginning of a file's name: visible, on one line, and not too long."""
    words = " ".join("".join(map(_or_space, text)).split())
    return words.encode()[:BYTES_MAX].decode(errors="ignore").strip(f" .{JOINERS}")


def _or_space(letter: str) -> str:
    is_control = unicodedata.category(letter)[0] in "CZ" and letter not in JOINERS
    # A sign that is younger than our Unicode is of no category, and still drawn.
    is_unseen = is_control and not letters.is_shown(letter)
    return " " if is_unseen or letter in FORBIDDEN else letter


def _in_ascii(text: str) -> str:
    """Without accents, without what has no ASCII letter, and without what is read as an escape."""
    if text.isascii() and "%" not in text:
        return text
    apart = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in apart if letter.isascii() and letter not in FORBIDDEN)
    return re.sub(r"([ -])[ -]+", r"\1", kept.replace("%", "")).strip(" .-")


def _joined(name: str, print_of_it: str) -> str:
    return f"{name}-{print_of_it}" if name else print_of_it
