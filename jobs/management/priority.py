"""Who waits where there is too little processor for all: never a page that somebody looks at."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

BEHIND_PAGES = 5
"""Of the system's scale from -20 to 19: about a third of a page's share while both want all."""
SESSION = Path("/proc/self/autogroup")
"""What Linux shares the processor by before it looks at processes, where that is switched on."""


def behind_pages() -> None:
    """Let pages have the processor first; for this process, and those that it will start.

    Nothing is taken from it while a processor is idle. The session only changes its share where
    it is this process's own: that of a terminal is everybody's who was started there. In a sandbox
    that lets nobody change it all have the same share, and nothing else is lost.
    """
    with suppress(OSError):
        os.nice(BEHIND_PAGES)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            SESSION.write_text(f"{BEHIND_PAGES}")
