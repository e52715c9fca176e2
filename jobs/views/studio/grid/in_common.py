"""What tabs ask in common: answered once in a process for all whose people see the same.

A change reaches every tab within seconds, and the numbers of videos and the first page are then
the same for all admins, and for all members who have nothing of their own outside of projects.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.db.models import Exists, QuerySet

from jobs.models import Job, User
from jobs.views.jobs import live as live_updates
from jobs.views.studio.grid.filters import StudioFilters

Answer = TypeVar("Answer")
KEPT_SECONDS = 1
"""So old may be what no change of a video tells of, such as a new price."""
KEPT_MAX = 100
NOBODY = 0
"""The id of a member who has nothing: they see what all members see, and no more."""
_kept: dict[Hashable, tuple[float, Any]] = {}


def with_own(
    shown: StudioFilters, changes: QuerySet[Job, live_updates.Row]
) -> QuerySet[Job, live_updates.Row]:
    """These changes, each with whether there is something that this member alone may see."""
    if shown.user.is_admin or not shown.is_everybodys:
        return changes
    own = Job.objects.filter(owner=shown.user, project=None, trashed_at=None).order_by()
    return changes.annotate(has_own=Exists(own))


class InCommon:
    """What a tab asks in the state that its changes tell."""

    def __init__(self, shown: StudioFilters, changes: live_updates.Changes) -> None:
        role = shown.user.role
        # Without any row nothing is known of the state, nor of what is their own.
        may_share = shown.user.is_admin or changes.beside == (False,)
        self._state: Hashable = None
        self._shown = shown
        if may_share and changes.is_known and shown.is_everybodys:
            # All that decides who sees what, and what is shown: the rest stands in no such address.
            self._state = role, shown.tab, changes.cursor
            # Asked as somebody who sees nothing else: what is one's own a moment later is in no
            # answer that others get.
            self._shown = StudioFilters(User(pk=NOBODY, role=role), shown.filters)

    def ask(self, name: str, question: Callable[[StudioFilters], Answer]) -> Answer:
        """What the question, which has this name, is answered in this state."""
        if self._state is None:
            return question(self._shown)
        key, now = (name, self._state), time.monotonic()
        if (known := _kept.get(key)) and now - known[0] < KEPT_SECONDS:
            answer: Answer = known[1]
            return answer
        answer = question(self._shown)
        if len(_kept) >= KEPT_MAX:
            _kept.clear()
        _kept[key] = now, answer
        return answer
