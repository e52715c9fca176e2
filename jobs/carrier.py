"""What carries wake-ups: the database, or a server of its own that may not answer."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django_q.brokers import get_broker

from jobs import database
from jobs.machine.outages import Outage, described

logger = logging.getLogger("jobs.queue")
"""By which it has been known in logs from the first."""

PAUSE_LAST_SECONDS = 10
"""The longest of the pauses between two tries of a broker that workers wait for."""
AWAY = Outage(
    logger,
    "The broker can’t be reached (%s): the follower finds what waits, once it is back.",
    "The broker is back.",
    pause=5,
)


def length() -> int | None:
    """How many wake-ups are unread; None where what carries them does not answer."""
    if AWAY.holds_off:
        return None
    try:
        number = int(get_broker().queue_size())
    except Exception as error:  # noqa: BLE001  # whatever the broker raises
        broke(error)
        return None
    AWAY.over()
    return number


def broke(error: Exception) -> None:
    """Say once that what carries wake-ups is away: the database, or a server of its own."""
    if database.is_away(error):
        database.AWAY.noticed(described(error))
    else:
        AWAY.noticed(described(error))


def answered() -> None:
    AWAY.over()


def wait() -> None:
    """Return once what carries wake-ups answers: workers that start before it would end at once."""
    pause = 0.5
    while settings.Q_BROKER != "orm":
        try:
            get_broker().queue_size()
        except Exception as error:  # noqa: BLE001  # whatever the broker raises
            AWAY.noticed(described(error))
            time.sleep(pause)
            pause = min(2 * pause, PAUSE_LAST_SECONDS)
        else:
            AWAY.over()
            return
