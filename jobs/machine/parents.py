"""Ties the life of a process to that of the one that forked it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # of Linux' prctl(2)


def die_with(parent: int, by: signal.Signals) -> None:
    """Asks Linux to send this process a signal when `parent` dies, even by SIGKILL.

    For one that was forked just now: it ends at once where that has happened already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)
        if os.getppid() != parent:
            os._exit(1)
