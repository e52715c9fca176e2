"""Takes in the films that words change: those that somebody uploads, and videos of ours."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.template.defaultfilters import filesizeformat

from jobs.archive.intake import decoders, images
from jobs.archive.intake.turns import turn
from jobs.archive.kept import files
from jobs.decoding.answers import CutShort, Facts, NotAFilm, NotAnImage
from jobs.models import Image, Rendition, User
from jobs.providers import PROVIDERS

TAKEN = [
    model.source_film
    for provider in PROVIDERS.values()
    for model in provider.models
    if model.source_film
]
BYTES_MAX = max(film.bytes_max for film in TAKEN)
"""What any model takes; what the chosen one takes is checked with the order."""
SECONDS_MAX = max(film.seconds_max for film in TAKEN)
SPAN_MAX = max(film.span_max for film in TAKEN)
QUICKTIME = b"ftypqt"
"""What a film begins with that only some players and providers read, behind the length of that."""


def add(owner: User, source: bytes | Path) -> Image:
    """Check and keep an uploaded MP4; the same one of the same person is kept once.

    Raises `NotAnImage` with a sentence for people.
    """
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    require_size(size)
    images.count(owner, size)
    with _on_disk(source) as film:
        facts = _facts(owner, film)
        with film.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        new = Image(
            owner=owner,
            origin=Image.Origin.UPLOAD,
            content_type="video/mp4",
            seconds=facts.seconds,
            width=facts.width,
            height=facts.height,
            bytes=size,
            sha256=digest,
        )
        return images.keep(new, "mp4", lambda part: shutil.copyfile(film, part))


def of_video(owner: User, video: Rendition) -> Image:
    """One of our stored videos, which stays where it is. Raises `NotAnImage`."""
    if video.seconds is None or not (video.width and video.height and video.bytes):
        raise NotAnImage("This video can’t be opened.")
    facts = {
        "origin": Image.Origin.VIDEO,
        "rendition": video,
        "content_type": "video/mp4",
        "seconds": video.seconds,
        "width": video.width,
        "height": video.height,
        "bytes": video.bytes,
    }
    # Not of its content: the same file may be uploaded, and is then kept beside it.
    named = hashlib.sha256(video.pk.bytes).hexdigest()
    made, is_new = Image.objects.get_or_create(owner=owner, sha256=named, defaults=facts)
    return made if is_new else images.touched(made) or made


def is_taken(video: Rendition) -> bool:
    """Some model changes it: it is stored, and neither too long nor too large."""
    return (
        video.is_stored
        and 1 <= (video.seconds or 0) <= SECONDS_MAX
        and (video.bytes or 0) <= BYTES_MAX
    )


def require_size(size: int) -> None:
    """Raise `NotAnImage` for a film of more bytes than any model takes."""
    if size > BYTES_MAX:
        raise NotAnImage(
            f"This video has {filesizeformat(size)}, and {filesizeformat(BYTES_MAX)} is the most."
        )


@contextmanager
def _on_disk(source: bytes | Path) -> Iterator[Path]:
    """A path to read it at: a large one lies on the disk already."""
    if isinstance(source, Path):
        yield source
        return
    with files.incoming(".mp4") as film:
        film.write_bytes(source)
        yield film


def _facts(owner: User, film: Path) -> Facts:
    """What it is, once all of it was read. Raises `NotAnImage`."""
    with film.open("rb") as file:
        is_quicktime = file.read(12)[4:].startswith(QUICKTIME)
    if is_quicktime:
        raise NotAnImage("This is a QuickTime video. Save it as MP4 first.")
    try:
        with turn(owner.pk), files.incoming(".webp") as poster:
            facts = decoders.examine(film, poster, {})
    except CutShort as error:
        raise NotAnImage("The end of this video is missing. Upload it again.") from error
    except NotAFilm as error:
        raise NotAnImage("This is not a video that can be read. Save it as MP4 first.") from error
    except decoders.Unread as error:
        raise NotAnImage("This video could not be read. Try again, or try another one.") from error
    if not 1 <= facts.seconds <= SECONDS_MAX:
        raise NotAnImage(
            f"This video is {facts.seconds:.1f} seconds long. It has to have 1 to {SECONDS_MAX}."
        )
    return facts
