"""Puts what there is to write to somebody into one e-mail, and wakes workers for it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from jobs import queue
from jobs.mail.news import send_news
from jobs.models import Mailing, Notice
from jobs.times import clock

PAUSE_SECONDS = 300
"""Between two e-mails to one person: in the worst of storms twelve in an hour."""
PEOPLE_AT_ONCE = 64
WAKE_AGAIN_SECONDS = 30
AT_ONCE = 8
KEPT = timedelta(days=90)


def gather() -> None:
    """Make an e-mail of what is due, for everybody who was not written to just now."""
    if not settings.HAS_MAIL:
        return
    lately = Mailing.objects.filter(person=OuterRef("person"), is_digest=False)
    rests = Exists(lately.filter(made_at__gt=clock.after(-PAUSE_SECONDS)))
    due = Notice.objects.to_mail().filter(mail_at__lte=Now()).exclude(rests, is_digest=False)
    found = due.order_by().values_list("person", "is_digest").distinct()[:PEOPLE_AT_ONCE]
    for person_id, is_digest in list(found):
        _begin(person_id, is_digest=is_digest)


def _begin(person_id: int, *, is_digest: bool) -> None:
    with transaction.atomic():
        mailing = Mailing.objects.create(
            person_id=person_id, is_digest=is_digest, try_at=clock.after(WAKE_AGAIN_SECONDS)
        )
        rows = Notice.objects.to_mail().filter(person=person_id, is_digest=is_digest)
        # Another trouble of a kind that was mailed just now keeps its hour.
        rows = rows.exclude(kind=Notice.Kind.TROUBLE, mail_at__gt=clock.after(PAUSE_SECONDS))
        if is_digest:
            # Those of tomorrow wait for tomorrow.
            rows = rows.filter(mail_at__lte=Now())
        if rows.update(mailing=mailing):
            queue.mail_news(mailing.pk)
        else:
            # Another follower was quicker.
            mailing.delete()


def wake() -> None:
    """Wake workers for what still waits: its wake-up was lost, or its pause is over.

    Of what a worker died over nobody knows whether it went out: it is given up, for admins to see.
    """
    Mailing.objects.abandoned().update(
        state=Mailing.State.FAILED, problem="It may have gone out. Its worker stopped meanwhile."
    )
    due = Mailing.objects.due()
    for number in queue.unwoken(due, "try_at", PEOPLE_AT_ONCE):
        with transaction.atomic():
            if due.filter(pk=number).update(try_at=clock.after(WAKE_AGAIN_SECONDS)):
                queue.mail_news(number)


def send_waiting() -> None:
    """Send here and now what waits for a worker, since none works."""
    numbers = Mailing.objects.filter(state=Mailing.State.WAITING).order_by("pk")
    for number in list(numbers.values_list("pk", flat=True)[:AT_ONCE]):
        send_news(number)


def forget_unsent() -> None:
    """Mail nothing that may have gone out already, since the database was restored.

    What it would have said stands behind the bell.
    """
    unsent = [Mailing.State.WAITING, Mailing.State.TAKEN]
    Mailing.objects.filter(state__in=unsent).update(
        state=Mailing.State.FAILED, problem="It may have gone out before the database was restored."
    )
    Notice.objects.to_mail().update(mail_at=None)


def tidy() -> None:
    """Forget what went out months ago. Nightly."""
    Mailing.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
