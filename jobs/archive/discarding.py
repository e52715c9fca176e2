"""Removes the files of what was deleted for good."""

from __future__ import annotations

import logging

from jobs.archive.kept import files, posters
from jobs.machine.outages import described
from jobs.models import Rendition

logger = logging.getLogger(__name__)


def discard() -> int:
    """Remove what is to go, also where a process died at it before; the files of how many."""
    gone = 0
    due = Rendition.objects.to_discard()
    for number, film, poster in list(due.values_list("pk", "file", "poster")):
        try:
            for name in (film, *posters.names(poster)):
                files.delete(name)
        except OSError as error:
            said = "the files of rendition %s could not be removed: %s"
            logger.error(said, number, described(error))
            continue
        # Its names last: until they are gone this is tried again.
        gone += due.filter(pk=number).update(file="", poster="")
    return gone
