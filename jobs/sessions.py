"""Sessions in the database, under a hash of the id: a copy of the table lets nobody in.

They are not cached: without a shared cache, a process would go on believing in a session that
another one ended.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone


def hashed(session_key: str) -> str:
    """The text in the table for the id in the cookie."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


def end_all(user_id: int) -> None:
    """End every session of this person, wherever they are signed in."""
    store = SessionStore()
    # Whose a session is stands sealed in its row only; of a whole team there are some hundreds.
    for session in store.model.objects.iterator():
        if store.decode(session.session_data).get(SESSION_KEY) == str(user_id):
            session.delete()


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> AbstractBaseSession | None:
        found = self.model.objects.filter(
            session_key=hashed(self.session_key or ""), expire_date__gt=timezone.now()
        ).first()
        if found is None:
            # Never go on under an id that somebody else chose.
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(hashed(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        session = super().create_model_instance(data)
        session.session_key = hashed(session.session_key)
        return session

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(hashed(key))
