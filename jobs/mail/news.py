"""Sends one e-mail about somebody's news: taken by one worker, written as things stand by then."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db.models import F

from jobs import database
from jobs.mail.sending import NotSent, Unsure, send
from jobs.mail.writing import Letter, letter_of
from jobs.models import Mailing, Notice, NoticeWish, User
from jobs.news.wishes import wishes_of
from jobs.news.wording import OVER, line_of
from jobs.times import clock

logger = logging.getLogger(__name__)

State, Kind = Mailing.State, Notice.Kind
WAITING_FIRST = (
    *(Kind.TROUBLE, Kind.LOOK, Kind.REQUEST, Kind.FAILED, Kind.BUDGET),
    *(Kind.DECISION, Kind.COMMENT, Kind.PICK, Kind.READY),
)
"""What waits for its reader, then what is only told: the first of a letter is its subject, and the
last of very many are left out."""
TRIES_MAX = 8
PAUSE_FIRST_SECONDS, PAUSE_LAST_SECONDS = 60, 4 * 3600
"""Seconds until the next try, doubled each time: over nearly three hours in all."""
LEASE_SECONDS = 900
"""Longer than the slowest mail server keeps a worker that still lives."""
SHOWN_MAX = 20


def send_news(number: int) -> None:
    """Send this e-mail, if no other worker takes it. What may have gone out is never repeated.

    It is taken only once it is written: whatever breaks before that leaves it waiting.
    """
    rows = Mailing.objects.filter(pk=number)
    waiting = rows.filter(state=State.WAITING)
    mailing = waiting.first()
    if mailing is None:
        return
    try:
        letter = _letter(mailing)
        if letter is None:
            waiting.update(state=State.NOTHING, problem="")
            return
        lease = clock.after(LEASE_SECONDS)
        if not waiting.update(state=State.TAKEN, tries=F("tries") + 1, try_at=lease):
            return
        send(letter)
    except NotSent as error:
        logger.warning("mail %s could not be sent: %s", number, error)
        _put_off(mailing, str(error))
    except Unsure as error:
        logger.error("nobody knows whether mail %s went out: %s", number, error)
        rows.update(state=State.FAILED, problem=f"It may have gone out. {error}"[:200])
    except Exception as error:
        if database.is_away(error):
            raise
        # A letter of ours that cannot be put together: nothing was sent, and nothing else would be.
        logger.exception("mail %s broke", number)
        rows.filter(state__in=[State.WAITING, State.TAKEN]).update(
            state=State.FAILED, problem="Something went wrong here. See the log."
        )
    else:
        rows.update(state=State.SENT, problem="")


def _letter(mailing: Mailing) -> Letter | None:
    """It as things stand now; None where nothing of it is news any more."""
    notices = _still_wanted(mailing)
    if not notices:
        return None
    lines = [line_of(notice) for notice in notices[:SHOWN_MAX]]
    return letter_of(mailing, lines, more=len(notices) - len(lines))


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
    newest_first = rows.exclude(kind__in=unwanted).in_full()
    return sorted(newest_first, key=_place)


def _place(notice: Notice) -> int:
    # That something is over waits for nobody.
    is_over = notice.fact.startswith(f"{OVER} ")
    return len(WAITING_FIRST) if is_over else WAITING_FIRST.index(Kind(notice.kind))


def _put_off(mailing: Mailing, problem: str) -> None:
    """Try it again later, or no more; `mailing` as it was before this try."""
    rows = Mailing.objects.filter(pk=mailing.pk, state=State.TAKEN)
    tries = mailing.tries + 1
    if tries >= TRIES_MAX:
        rows.update(state=State.FAILED, problem=problem)
        return
    pause = min(PAUSE_FIRST_SECONDS * 2 ** (tries - 1), PAUSE_LAST_SECONDS)
    rows.update(state=State.WAITING, problem=problem, try_at=clock.after(pause))
