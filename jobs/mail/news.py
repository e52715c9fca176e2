"""Sends one e-mail about somebody's news: taken by one worker, written as things stand by then."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db.models import F

from jobs.mail.sending import NotSent, Unsure, send
from jobs.mail.writing import letter_of
from jobs.models import Mailing, Notice, NoticeWish, User
from jobs.news.wishes import wishes_of
from jobs.news.wording import line_of
from jobs.times import clock

logger = logging.getLogger(__name__)

State = Mailing.State
TRIES_MAX = 8
PAUSE_FIRST_SECONDS, PAUSE_LAST_SECONDS = 60, 4 * 3600
"""Seconds until the next try, doubled each time: over nearly three hours in all."""
LEASE_SECONDS = 900
"""Longer than the slowest mail server keeps a worker that still lives."""
SHOWN_MAX = 20


def send_news(number: int) -> None:
    """Send this e-mail, if no other worker took it. What may have gone out is never repeated."""
    rows = Mailing.objects.filter(pk=number)
    waiting = rows.filter(state=State.WAITING)
    lease = clock.after(LEASE_SECONDS)
    if not waiting.update(state=State.TAKEN, tries=F("tries") + 1, try_at=lease):
        return
    mailing = rows.select_related("person").get()
    notices = _still_wanted(mailing)
    if not notices:
        rows.update(state=State.NOTHING, problem="")
        return
    try:
        lines = [line_of(notice) for notice in notices[:SHOWN_MAX]]
        send(letter_of(mailing, lines, more=len(notices) - len(lines)))
    except NotSent as error:
        logger.warning("mail %s could not be sent: %s", number, error)
        _put_off(mailing, str(error))
    except Unsure as error:
        logger.error("nobody knows whether mail %s went out: %s", number, error)  # noqa: TRY400
        rows.update(state=State.FAILED, problem=f"It may have gone out. {error}"[:200])
    except Exception:
        # A letter of ours that cannot be put together: nothing was sent, and nothing else would be.
        logger.exception("mail %s broke", number)
        rows.update(state=State.FAILED, problem="Something went wrong here. See the log.")
    else:
        rows.update(state=State.SENT, problem="")


def _still_wanted(mailing: Mailing) -> list[Notice]:
    """What of it is news still, to somebody who may still read it and still wants a mail of it."""
    person = User.objects.filter(pk=mailing.person_id, is_active=True).exclude(email="").first()
    if person is None or not settings.HAS_MAIL:
        return []
    mailing.person = person
    unwanted = [
        kind for kind, wish in wishes_of(person).items() if wish.mail == NoticeWish.Mail.NEVER
    ]
    rows = Notice.objects.filter(mailing=mailing).readable_by(person).unseen()
    return list(rows.exclude(kind__in=unwanted).in_full())


def _put_off(mailing: Mailing, problem: str) -> None:
    rows = Mailing.objects.filter(pk=mailing.pk, state=State.TAKEN)
    if mailing.tries >= TRIES_MAX:
        rows.update(state=State.FAILED, problem=problem)
        return
    pause = min(PAUSE_FIRST_SECONDS * 2 ** (mailing.tries - 1), PAUSE_LAST_SECONDS)
    rows.update(state=State.WAITING, problem=problem, try_at=clock.after(pause))
