"""What one test had of PostgreSQL and Redis is there for the next: plans, and a connection.

What the product says to either is the same; only what has to be made anew for each test is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

import pytest
from django_q.brokers import redis_broker
from django_q.conf import Conf
from psycopg._preparing import PrepareManager
from redis import Redis

PLANS_MAX = 1000
"""Of one connection. In a run some hundreds are asked for again and again."""


@contextmanager
def over_all_tests() -> Iterator[None]:
    """Of what is done in here, in this process."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:

        @cache
        def client(address: str) -> Redis:
            made: Redis = stack.enter_context(Redis.from_url(address))
            return made

        # psycopg forgets its plans whenever something is undone, as each test is in the end, since
        # a name may lead elsewhere then. PostgreSQL sees to that by itself. Planning was two fifths
        # of all that it did.
        patch.setattr(PrepareManager, "clear", lambda _: False)
        patch.setattr(PrepareManager, "prepared_max", PLANS_MAX)
        # django-q2 connects anew for each wake-up, which takes longer than sending it. Threads and
        # children share a client as they like: its pool sees to it that they share no connection.
        connect = staticmethod(lambda list_key=None: client(Conf.REDIS))
        patch.setattr(redis_broker.Redis, "get_connection", connect)
        yield
