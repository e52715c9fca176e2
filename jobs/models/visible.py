"""Questions about what one person may see, whose SQL is put together once for all of their role."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

from django.db.models import QuerySet

from jobs.models import prepared
from jobs.models.team.user import User

Found = TypeVar("Found")


def rows(
    user: User,
    shape: Hashable,
    build: Callable[..., QuerySet[Any, Found]],
    *given: prepared.Given,
    own: bool = False,
) -> list[Found]:
    """The rows of `build(user, *given)`, under the terms of `prepared.rows`.

    `build` is given somebody of whom nothing is known but the id and the role; of an admin, who
    sees everything and stands in no question about it, the role alone, unless it asks for what is
    their `own`.
    """

    def of_somebody(user_id: int | None, *given: prepared.Given) -> QuerySet[Any, Found]:
        return build(User(pk=user_id, role=user.role), *given)

    if user.is_admin and not own:
        return prepared.rows((shape, user.role), partial(of_somebody, None), *given)
    return prepared.rows((shape, user.role), of_somebody, user.pk, *given)
