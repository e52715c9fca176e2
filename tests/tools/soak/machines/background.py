"""A thread that does one thing again and again, until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection


class Background:
    """As long as its block lasts."""

    def __init__(self, turn: Callable[[], None], pause: float, name: str) -> None:
        """`turn`: done every `pause` seconds."""
        self._turn, self._pause = turn, pause
        self._stopped = threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Background:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Raises what broke the thread, if anything did."""
        self._stopped.set()
        self._thread.join()
        if self._problem is not None:
            raise self._problem

    def wait(self, seconds: float) -> None:
        """Within a turn: for so long, unless it is told to stop."""
        self._stopped.wait(seconds)

    def _run(self) -> None:
        try:
            while not self._stopped.wait(self._pause):
                self._turn()
        except BaseException as problem:  # noqa: BLE001  # handed on by stop()
            self._problem = problem
        finally:
            connection.close()
