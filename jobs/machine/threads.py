"""Leaves threads of each web process to pages, whatever takes its time elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from django.conf import settings


class Busy(Exception):
    """As many threads of this process do so already as may."""


@contextmanager
def one_for(work: str, *, spared: int = 1) -> Iterator[None]:
    """Take a thread of this process for work that takes long. Raises `Busy`, at once.

    Of the threads that the process has (WEB_THREADS), so many are never taken for it; one is had
    in any case.
    """
    places = _places(work, max(settings.WEB_THREADS - spared, 1))
    if not places.acquire(blocking=False):
        raise Busy(work)
    try:
        yield
    finally:
        places.release()


@cache
def _places(work: str, number: int) -> BoundedSemaphore:
    return BoundedSemaphore(number)
