"""Takes one finished file from the provider's link into our storage."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Greatest, Now

from jobs import news, queue
from jobs.archive import attempts
from jobs.archive.announcing import hold, show
from jobs.archive.fetching import lease, outgoing
from jobs.archive.fetching.download import (
    Caps,
    Downloaded,
    LinkGone,
    NoRoom,
    NotNow,
    Unacceptable,
    Unlisted,
    download,
)
from jobs.archive.intake import turns
from jobs.archive.intake.decoders import Unread, examine
from jobs.archive.kept import files, places, posters
from jobs.archive.kept.away import Unreachable
from jobs.archive.results import links
from jobs.decoding.answers import CutShort, Facts, NotAFilm
from jobs.machine import disk
from jobs.models import Job, Rendition
from jobs.providers import errors
from jobs.providers.base import UPGRADES, lines_of
from jobs.secrets import vault

CAPS = Caps()
REDIRECTS_MAX = 5
"""Followed one after the other: more than any CDN needs."""


def store(rendition_id: UUID, caps: Caps = CAPS) -> None:
    """Fetch and keep one rendition, if no other worker is at it and it is not put off."""
    with ExitStack() as afterwards, turns.film() as is_free:
        if not is_free:
            # Slow transfers may not take all the workers: submissions have to go out.
            lease.leave(rendition_id)
            return
        rendition = lease.claim(rendition_id)
        if rendition is None:
            return
        # Once this place is free: whoever is woken before would find none, and leave it.
        afterwards.callback(lease.wake_next)
        _take_in(rendition, caps)


def _take_in(rendition: Rendition, caps: Caps) -> None:
    try:
        _require_same_world(rendition.job)
        if places.is_far():
            _send(rendition, outgoing.found(rendition) or _laid_down(rendition, caps))
            return
        with files.incoming(".mp4") as film, posters.incoming() as (poster, copies):
            done = _fetch(rendition, film, caps)
            facts = examine(film, poster, copies)
            _publish(rendition, film, poster, copies, done, facts)
    except Unreachable as error:
        attempts.wait_for_bucket(rendition, str(error))
    except LinkGone:
        attempts.close(rendition, Rendition.State.EXPIRED, "The provider's link no longer works.")
    except NotAFilm as error:
        attempts.close(
            rendition, Rendition.State.REJECTED, f"What the provider sent is not a video ({error})."
        )
    except Unlisted as error:
        attempts.put_off(
            rendition,
            f"Fetched once an admin has allowed its host, {error.entry}.",
            error.entry,
        )
    except Unacceptable as error:
        attempts.close(rendition, Rendition.State.REJECTED, str(error))
    except CutShort:
        attempts.put_off(rendition, "the file was cut short")
    except vault.Unreadable:
        attempts.put_off(rendition, "the key to ask the provider with can’t be opened")
    except (NotNow, Unread, errors.ProviderError, OSError) as error:
        _put_off(rendition, error)


def _put_off(rendition: Rendition, error: Exception) -> None:
    """Try again later; where only our disk is to blame, soon."""
    text = disk.why(error) if isinstance(error, OSError) else str(error)
    if isinstance(error, NoRoom) or disk.is_to_blame(error):
        attempts.wait_for_disk(rendition, text)
    else:
        attempts.put_off(rendition, text or type(error).__name__)


def _require_same_world(job: Job) -> None:
    """A practice file is not looked for at the real provider, nor a real one at the practice."""
    if job.practice != settings.PRACTICE:
        raise NotNow("it was made in the other mode (see PRACTICE)")


def _fetch(rendition: Rendition, target: Path, caps: Caps) -> Downloaded:
    """Download, with two more chances for a link that expired: a fresh look, a fresh link."""
    ways: tuple[Callable[[], str], ...] = (
        lambda: rendition.source_url,
        lambda: links.looked_up(rendition),
        lambda: links.renewed(rendition),
    )
    for link in ways:
        try:
            return download(
                link(),
                target,
                settings.ARCHIVE_HOSTS,
                caps,
                lease.Lease(rendition).beat,
                redirects=REDIRECTS_MAX,
            )
        except LinkGone:
            target.unlink(missing_ok=True)
    raise LinkGone


def _publish(
    rendition: Rendition,
    film: Path,
    poster: Path,
    copies: Mapping[int, Path],
    done: Downloaded,
    facts: Facts,
) -> None:
    """Keep the files, synced, and only then let the database say that they exist.

    The row is taken first, after its video's, and committed last: of two workers only one keeps
    anything.
    """
    name = f"{rendition.pk.hex[:2]}/{rendition.pk}"
    made = {posters.copy_of(f"{name}.webp", side): path for side, path in copies.items()}
    made[f"{name}.webp"] = poster
    for path in made.values():
        disk.sync(path)
    with transaction.atomic():
        hold(rendition)
        if _noted(rendition, f"{name}.mp4", f"{name}.webp", done, facts):
            files.keep({**made, f"{name}.mp4": film})
            _tell(rendition, facts)


def _laid_down(rendition: Rendition, caps: Caps) -> outgoing.Film:
    """Fetch it and look at it; from then on it need not be fetched again."""
    with files.incoming(".mp4") as film, posters.incoming() as (poster, copies):
        done = _fetch(rendition, film, caps)
        facts = examine(film, poster, copies)
        return outgoing.lay_down(rendition, film, poster, copies, done, facts)


def _send(rendition: Rendition, film: outgoing.Film) -> None:
    """Have the bucket keep it, which takes its time and no transaction; then say so in the row."""
    ends = time.monotonic() + queue.UPLOAD_SECONDS
    beat = lease.Lease(rendition).beat

    def go_on() -> None:
        if time.monotonic() > ends:
            raise Unreachable("sending it to the storage for videos took too long")
        beat()

    name, poster = outgoing.send(rendition, film, go_on)
    with transaction.atomic():
        hold(rendition)
        is_kept = _noted(rendition, name, poster, film.done, film.facts)
        if is_kept:
            _tell(rendition, film.facts)
    if is_kept:
        outgoing.forget(rendition.pk)
        outgoing.remove_earlier(rendition, name)


def _noted(rendition: Rendition, film: str, poster: str, done: Downloaded, facts: Facts) -> bool:
    """The row says that it is kept under these names, if this worker still has it."""
    kept = {
        "state": Rendition.State.STORED,
        "try_at": None,
        "stored_at": Now(),
        "problem": "",
        "file": film,
        "poster": poster,
        "bytes": done.bytes,
        "sha256": done.sha256,
        "width": facts.width,
        "height": facts.height,
        "seconds": facts.seconds,
        "codec": facts.codec,
        "frame_rate": str(facts.rate or ""),
    }
    return lease.held(rendition).update(**kept) > 0


def _tell(rendition: Rendition, facts: Facts) -> None:
    """Let pages and people know, and note on the video what it is found and sorted by."""
    job, about = rendition.job, dict[str, Any]()
    if not rendition.is_part:
        about["film_seconds"] = facts.seconds
        lines = Greatest("film_lines", lines_of(rendition.resolution))
        if job.kind in UPGRADES and job.source_id:
            Job.objects.filter(pk=job.source_id).update(film_lines=lines)
        else:
            about["film_lines"] = lines
    show(rendition, **about)
    news.ready(rendition)
