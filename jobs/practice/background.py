"""Things that happen later: a clock thread and small pools of daemon threads."""

import heapq
import itertools
import queue
import threading
import time
from collections.abc import Callable

Action = Callable[[], None]


class Workers:
    """A few threads that run actions in the order given. Daemons, so that none delays the end."""

    def __init__(self, count: int, name: str) -> None:
        self._queue: queue.SimpleQueue[Action | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"practice-{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def do(self, action: Action) -> None:
        """Run the action soon."""
        self._queue.put(action)

    def stop(self, seconds: float) -> None:
        """Take no more actions; wait so long (seconds, in all) for those under way."""
        until = time.monotonic() + seconds
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while (action := self._queue.get()) is not None:
            action()


class Schedule:
    """Runs short actions at their time, on one thread."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="practice-schedule", daemon=True)
        self._thread.start()

    def after(self, seconds: float, action: Action) -> None:
        """Run the action so many seconds from now."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), action))
            self._changed.notify()

    def stop(self) -> None:
        """Forget what is still to come."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join(1.0)

    def _run(self) -> None:
        while (action := self._next()) is not None:
            action()

    def _next(self) -> Action | None:
        with self._changed:
            while not self._stopped:
                if not self._due:
                    self._changed.wait()
                    continue
                remaining = self._due[0][0] - time.monotonic()
                if remaining <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(remaining)
        return None
