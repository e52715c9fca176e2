"""Lets time pass for what waits: moments in rows, and wake-ups that are unread, become older."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

from jobs.models import Batch, Heartbeat, Job, Rendition
from jobs.times import clock


def pass_time(seconds: float) -> None:
    """As if everything had been done so many seconds earlier."""
    for model, moment in (
        (Job, "wake_at"),
        (Job, "try_at"),
        (Batch, "wake_at"),
        (Rendition, "try_at"),
        (Rendition, "not_before"),
        (Heartbeat, "beat_at"),
    ):
        rows = model.objects.filter(**{f"{moment}__isnull": False})
        rows.update(**{moment: clock.later(F(moment), -seconds)})
    _age_wake_ups(timedelta(seconds=seconds))


def _age_wake_ups(span: timedelta) -> None:
    broker = get_broker()
    if settings.Q_BROKER == "orm":
        for row in broker.get_connection().all():
            row.payload = _older(row.payload, span)
            row.save(update_fields=["payload"])
    else:
        for place, payload in enumerate(broker.connection.lrange(broker.list_key, 0, -1)):
            broker.connection.lset(broker.list_key, place, _older(payload, span))


def _older(payload: str | bytes, span: timedelta) -> str:
    task = SignedPackage.loads(payload)
    task["started"] -= span
    package: str = SignedPackage.dumps(task)
    return package
