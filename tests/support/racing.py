"""Makes things happen at the same moment, in real threads with connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def together(number: int, act: Callable[[int], T]) -> list[T | Exception]:
    """Call `act(0)` … `act(number - 1)` at once; what each returned or raised."""
    barrier = threading.Barrier(number)

    def run(index: int) -> T | Exception:
        try:
            barrier.wait(timeout=30)
            return act(index)
        except Exception as error:  # noqa: BLE001  # the test looks at what was raised
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))
