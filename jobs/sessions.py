"""Sessions in the database, under a hash of the id: a copy of the table lets nobody in.

A session ends with its last day (SESSION_DAYS), and after hours in which nobody did anything
(SESSION_IDLE_HOURS). They are not cached: without a shared cache, a process would go on believing
in a session that another one ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from jobs import news
from jobs.models import Session, User, prepared
from jobs.times import clock

NOTED_EVERY = timedelta(minutes=1)
"""A page more often opened is not noted each time."""


def hashed(session_key: str) -> str:
    """The text in the table for the id in the cookie."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


def of(user: User) -> list[Session]:
    """Where this person is signed in, the place used last first."""
    store = SessionStore()
    # A new password that was not given on a page, but by a command, leaves rows that open nothing.
    return [
        session
        for session in user.sessions.alive().order_by("-seen_at", "-began_at")
        if constant_time_compare(
            store.decode(session.session_data).get(HASH_SESSION_KEY, ""),
            user.get_session_auth_hash(),
        )
    ]


def end(user: User, which: str) -> bool:
    """End this one of somebody's sessions, by its key in the table; false where there is none."""
    return bool(user.sessions.filter(pk=which).delete()[0])


def end_all(user_id: int, *, but: str | None = None) -> int:
    """End every session of this person, wherever they are signed in; how many there were.

    `but` is the id, as the cookie has it, of the one that goes on.
    """
    rows = Session.objects.filter(user_id=user_id)
    if but:
        rows = rows.exclude(pk=hashed(but))
    return rows.delete()[0]


def _opened_by(key: str) -> QuerySet[Session]:
    """The session with this key in the table, with what is asked of it in every request, and whose
    it is.
    """
    sessions = Session.objects.alive().filter(pk=key).select_related("user")
    return news.with_token(sessions.with_second_factor())


class SessionStore(DatabaseStore):
    row: Session | None = None
    """As it was found for this request."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.over().delete()

    def note_activity(self, address: str, browser: str) -> None:
        """Somebody has just done something here, from there, in a browser that calls itself so."""
        told = {"address": address[:45], "browser": browser[:300]}
        row = self.row
        if row is None:
            return
        is_news = any(getattr(row, field) != value for field, value in told.items())
        if is_news or row.seen_at < timezone.now() - NOTED_EVERY:
            try:
                Session.objects.filter(pk=row.pk).update(seen_at=Now(), **told)
            except OperationalError:
                # What somebody wants to read does not fail for a note of it.
                return

    def _get_session_from_db(self) -> Session | None:
        # Each request begins with this question, and most take less time than putting it together.
        shape = ("session", settings.SESSION_IDLE_HOURS)
        found = prepared.rows(shape, _opened_by, hashed(self.session_key or ""))
        self.row = next(iter(found), None)
        if self.row is None:
            # Never go on under an id that somebody else chose.
            self._session_key = None
        return self.row

    def exists(self, session_key: str) -> bool:
        return super().exists(hashed(session_key))

    def save(self, must_create: bool = False) -> None:
        """Keep what the session holds; when it began and was used is not for this to change."""
        if self.session_key is None:
            self.create()
            return
        data: dict[str, Any] = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        kept = {"session_data": self.encode(data), "user_id": data.get(SESSION_KEY)}
        key = hashed(self.session_key)
        if not must_create:
            if not Session.objects.filter(pk=key).update(**kept):
                raise UpdateError
            return
        last = clock.after(86400 * settings.SESSION_DAYS)
        try:
            with transaction.atomic():
                Session(pk=key, expire_date=last, **kept).save(force_insert=True)
        except IntegrityError as error:
            if not self.exists(self.session_key):
                raise
            # Django goes on with another id.
            raise CreateError from error

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(hashed(key))


_at_hand: ContextVar[User | None] = ContextVar("person at hand", default=None)


@contextmanager
def at_hand(person: User | None) -> Iterator[None]:
    """Within this, Django finds this person, read a moment ago, without asking for them again."""
    before = _at_hand.set(person)
    try:
        yield
    finally:
        _at_hand.reset(before)


class PeopleBackend(ModelBackend):
    """Signs people in as Django does, and finds in each request whose session it is, more quickly.

    Django's own puts its question together anew each time.
    """

    def get_user(self, user_id: int) -> User | None:
        """The person, unless they are deactivated or gone."""
        person = _at_hand.get()
        is_at_hand = person is not None and person.pk == user_id
        found = [person] if is_at_hand else prepared.rows("person", _person, user_id)
        return next(filter(self.user_can_authenticate, found), None)


def _person(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)
