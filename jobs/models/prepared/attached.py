"""Rows that belong to others, given to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model


def attach(owners: Sequence[Model], name: str, rows: Iterable[Model]) -> None:
    """Let each owner's `name` have those of the rows that are its own, as `prefetch_related` does:
    that puts its questions together anew each time, and these rows were found by one that was not.
    """
    if not owners:
        return
    belongs: Any = type(owners[0])._meta.get_field(name)  # noqa: SLF001 — Django names it so
    found: dict[Any, list[Model]] = {owner.pk: [] for owner in owners}
    by_key = {owner.pk: owner for owner in owners}
    for row in rows:
        key = getattr(row, belongs.field.attname)
        if key in found:
            setattr(row, belongs.field.name, by_key[key])
            found[key].append(row)
    for owner in owners:
        own = getattr(owner, name).all()
        own._result_cache, own._prefetch_done = found[owner.pk], True  # noqa: SLF001
        # Where Django keeps what it has fetched before, and looks first.
        vars(owner).setdefault("_prefetched_objects_cache", {})[name] = own
