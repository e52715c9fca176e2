"""Who signs in, and who tries to: counted before anything is compared, logged, in the audit.

Nobody can lock somebody else out. Guesses are counted by name and address together, so a colleague
in the same office, or the owner elsewhere, is not held up by them. A browser that has signed in to
an account before has a count of its own, which no stranger can use up: there the owner comes in
whatever is tried elsewhere. Only the browsers that are new to an account share one bound, wide
enough for a busy day and far too narrow for a search. Codes of a second step are counted apart, in
the same way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from jobs import letters, limits, sessions
from jobs.models import AuditEvent, User, audit_event
from jobs.net.floods import Limit

logger = logging.getLogger(__name__)

# Each is a wider bound over a longer time: the wait for the next try grows from a minute to four,
# and then to more than half an hour.
RATES = (Limit.SIGN_INS, Limit.SIGN_INS_OF_HOUR, Limit.SIGN_INS_OF_DAY)
CODE_RATES = (Limit.CODES, Limit.CODES_OF_DAY)
NOBODY = "somebody unknown"
"""Instead of a name that nobody has: people type their password into the wrong field."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One password, or one code of a second step, tried for one name from somewhere."""

    name: str
    """As it was typed."""
    address: str
    """Of the client, for people to read."""
    caller: str
    """What its address is counted by."""
    browser: str = ""
    """The mark of a browser that has signed in to this account before."""
    inside: User | None = None
    """Somebody who is signed in, and is asked again."""
    is_code: bool = False

    @property
    def counts(self) -> Iterator[limits.Count]:
        key = letters.name_key(self.name)
        # A name that nobody has is counted as any other, so that waits tell nobody who there is.
        if self.inside:
            where = ("inside", str(self.inside.pk))
        else:
            where = ("browser", self.browser) if self.browser else ("address", self.caller)
        for rate in CODE_RATES if self.is_code else RATES:
            yield (rate, key, *where)
        if where[0] == "address" and self.is_code:
            yield (Limit.CODES_OF_PERSON, key)
        elif where[0] == "address":
            yield (Limit.SIGN_INS_OF_ADDRESS, self.caller)
            yield (Limit.SIGN_INS_OF_NAME, key)

    @property
    def failed(self) -> str:
        """What the audit calls a wrong one."""
        if not self.inside:
            return audit_event.SIGN_IN_FAILED
        return audit_event.CODE_FAILED if self.is_code else audit_event.PROOF_FAILED

    @property
    def held_up(self) -> str:
        """What the audit calls one that was not looked at."""
        if not self.inside:
            return audit_event.SIGN_IN_HELD_UP
        return audit_event.CODES_HELD_UP if self.is_code else audit_event.PROOF_HELD_UP


def begin(attempt: Attempt) -> None:
    """Count it. Raises `limits.TooMany`: then nothing may be looked at, and no hash computed."""
    try:
        limits.take_all(*attempt.counts)
    except limits.TooMany as too_many:
        _note_failure(attempt.held_up, attempt, too_many.limit.sentence)
        raise


def succeed(attempt: Attempt) -> None:
    """It was the right one: nothing of it counts."""
    limits.give_back_all(*attempt.counts)


def count_right_password(person: User) -> None:
    """Raises `limits.TooMany` where somebody does nothing else than sign in.

    Each time leaves a session, and a line of the audit.
    """
    limits.take(Limit.RIGHT_PASSWORDS, person.pk)


def fail(attempt: Attempt) -> None:
    """It was a wrong one."""
    _note_failure(attempt.failed, attempt)


def note_sign_in(person: User, address: str, *, by: str = "password") -> None:
    """Put on record that somebody is signed in now, and by what."""
    logger.info("signed in: name=%s address=%s by=%s", person.username, address, by)
    AuditEvent.objects.create(
        actor=person,
        action=audit_event.SIGNED_IN,
        subject=person.username,
        after=f"from {address}",
        reason=f"by {by}",
    )


@transaction.atomic
def keep_password(person: User, address: str, *, but: str | None = None, how: str = "") -> None:
    """Keep the new password that was set on somebody, the one door of all that are given on pages.

    Their sessions end, `but` for the one with this id; so do links that would set another one.
    """
    action = "password reset" if how else "password changed"
    logger.info("%s: name=%s address=%s", action, person.username, address)
    User.objects.filter(pk=person.pk).update(password=person.password)
    # Django would not believe them any more, but they would still be listed.
    sessions.end_all(person.pk, but=but)
    person.password_links.filter(ended_at=None).update(ended_at=Now())
    AuditEvent.objects.create(
        actor=person, action=action, subject=person.username, after=f"from {address}", reason=how
    )


def _note_failure(action: str, attempt: Attempt, why: str = "") -> None:
    """One line of log for each, and of the audit the first ones, then some in each hour.

    For a name that nobody has as much is written as for any other: it takes the same time.
    """
    person = User.objects.named(attempt.name).first()
    name = person.username if person else ""
    logger.warning("%s: name=%s address=%s", action, name or "-", attempt.address)
    key = letters.name_key(attempt.name)
    noted = ((Limit.NOTED_SIGN_INS, action, key, attempt.caller), (Limit.NOTED_SIGN_INS_OF_ALL,))
    try:
        limits.take_all(*noted)
    except limits.TooMany:
        return
    AuditEvent.objects.create(
        actor=attempt.inside,
        action=action,
        subject=name or NOBODY,
        after=f"from {attempt.address}",
        reason=why,
    )
