"""Caches whose loss makes pages slower, and breaks none."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from jobs.machine import disk
from jobs.machine.outages import Outage, described

AWAY = Outage(
    logging.getLogger(__name__),
    "The cache can’t be reached (%s): pages are made without it, more slowly.",
    "The cache is back.",
    pause=5,
)
"""Of the one server that REDIS_URL names, whichever cache asks it."""

FULL = Outage(
    logging.getLogger(__name__),
    "Figures can’t be kept (%s): they are counted each time.",
    "Figures are kept again.",
)


class PatientCache(RedisCache):
    """While its server is away nothing is remembered, and whatever is asked for was never known."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = Client


class PatientFiles(FileBasedCache):
    """On a disk that takes nothing more nothing new is remembered."""

    def set(self, key: Any, value: Any, *arguments: Any, **options: Any) -> None:
        try:
            super().set(key, value, *arguments, **options)
        except OSError as error:
            FULL.noticed(disk.why(error))
        else:
            FULL.over()


class Client(RedisCacheClient):
    def get(self, key: Any, default: Any) -> Any:
        return _asked(super().get, default, key, default)

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return bool(_asked(super().add, True, key, value, timeout))

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        _asked(super().set, None, key, value, timeout)

    def touch(self, key: Any, timeout: Any) -> bool:
        return bool(_asked(super().touch, False, key, timeout))

    def delete(self, key: Any) -> bool:
        return bool(_asked(super().delete, False, key))

    def get_many(self, keys: Any) -> dict[Any, Any]:
        found: dict[Any, Any] = _asked(super().get_many, {}, keys)
        return found

    def has_key(self, key: Any) -> bool:
        return bool(_asked(super().has_key, False, key))

    def incr(self, key: Any, delta: int) -> int:
        """Raises `ValueError` where nothing is known of the key, as every cache does."""
        if (value := _asked(super().incr, None, key, delta)) is None:
            raise ValueError(key)
        return int(value)

    def set_many(self, data: Any, timeout: Any) -> None:
        _asked(super().set_many, None, data, timeout)

    def delete_many(self, keys: Any) -> None:
        _asked(super().delete_many, None, keys)

    def clear(self) -> bool:
        return bool(_asked(super().clear, False))


def _asked(ask: Callable[..., Any], otherwise: Any, *arguments: Any) -> Any:
    if AWAY.holds_off:
        return otherwise
    try:
        answer = ask(*arguments)
    except RedisError as error:
        AWAY.noticed(described(error))
        return otherwise
    AWAY.over()
    return answer
