"""How people want to be told of each kind: as they chose, else as is usual."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobs.models import Notice, NoticeWish, User

Kind, Mail = Notice.Kind, NoticeWish.Mail
QUIET = frozenset((Kind.READY,))
"""Comes many times a day, and whoever waits for it looks: no mail of it, unless somebody asks."""
UNSPOKEN = frozenset((Kind.BUDGET,))
"""Hurries nobody."""
HEARD = frozenset((Kind.READY, Kind.FAILED, Kind.LOOK))
OF_ADMINS = frozenset((Kind.REQUEST, Kind.TROUBLE))
"""Kinds that only admins are told of."""
WAYS = ("bell", "browser", "sound", "mail")
"""In which people can be told."""


def usual(kind: str, person: User) -> NoticeWish:
    """What holds for who has chosen nothing."""
    return NoticeWish(
        person=person,
        kind=kind,
        browser=kind not in UNSPOKEN,
        sound=kind in HEARD,
        mail=Mail.NEVER if kind in QUIET else Mail.NOW,
    )


def wishes_about(kind: str, people: Iterable[User]) -> dict[int, NoticeWish]:
    """Those of each of these people about one kind: one query."""
    rows = NoticeWish.objects.filter(kind=kind, person__in=[each.pk for each in people])
    chosen = {wish.person_id: wish for wish in rows}
    return {each.pk: chosen.get(each.pk) or usual(kind, each) for each in people}


def wishes_of(person: User) -> dict[str, NoticeWish]:
    """Those of one person about each kind that they can be told of: one query."""
    chosen = {wish.kind: wish for wish in NoticeWish.objects.filter(person=person)}
    kinds = [kind for kind in Kind if person.is_admin or kind not in OF_ADMINS]
    return {kind: chosen.get(kind) or usual(kind, person) for kind in kinds}


@transaction.atomic
def wish(person: User, kind: str, **changes: str | bool) -> None:
    """Have it so from now on; what was told before stays as it was told."""
    before = wishes_about(kind, [person])[person.pk]
    wanted = {name: changes.get(name, getattr(before, name)) for name in WAYS}
    if not wanted["bell"]:
        wanted |= {"browser": False, "sound": False}
    if all(getattr(before, name) == wanted[name] for name in wanted):
        return
    NoticeWish.objects.bulk_create(
        [NoticeWish(person=person, kind=kind, **wanted)],
        update_conflicts=True,
        unique_fields=["person", "kind"],
        update_fields=list(WAYS),
    )


def next_digest() -> datetime:
    """The moment of the next daily digest, at DIGEST_HOUR in TIME_ZONE."""
    here = timezone.localtime()
    day = here.date() + timedelta(days=int(here.hour >= settings.DIGEST_HOUR))
    noon = datetime(day.year, day.month, day.day, settings.DIGEST_HOUR)  # noqa: DTZ001
    return timezone.make_aware(noon)
