"""Settings that hold for the whole team, apart from its budget."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.db.models import F

from jobs.models import AuditEvent, Team, User

WORDS = {
    "name": "team's name",
    "reset_day": "reset day",
    "credit_value": "value of a credit",
    "currency": "currency",
    "members_share_others": "members may share videos of others",
    "file_names": "names of downloaded files",
    "second_factor_of": "second step at sign-in",
    "delivers_model": "model that drafts are promoted to",
    "delivers_size": "size that drafts are promoted to",
}


@transaction.atomic
def change_settings(
    by: User,
    *,
    name: str,
    reset_day: int,
    credit_value: Decimal | None,
    currency: str,
    members_share_others: bool,
    second_factor_of: str | None = None,
    file_names: str | None = None,
    delivers_in: str | None = None,
    reason: str = "",
) -> list[str]:
    """Set them all, but what has None only where it is given; what has changed by that, in words.

    Another reset day holds from the end of the periods that run now.
    """
    wanted: dict[str, object] = {
        "name": name,
        "reset_day": reset_day,
        "credit_value": credit_value,
        "currency": currency,
        "members_share_others": members_share_others,
    }
    if second_factor_of is not None:
        wanted["second_factor_of"] = second_factor_of
    if file_names is not None:
        wanted["file_names"] = file_names
    if delivers_in is not None:
        wanted["delivers_model"], _, wanted["delivers_size"] = delivers_in.partition(" ")
    Team.objects.get_or_create(pk=1)
    rows = Team.objects.filter(pk=1)
    # Locked until the end: of two changes at once the second sees what the first has made.
    rows.update(name=F("name"))
    before = rows.get()
    changed = {field: new for field, new in wanted.items() if getattr(before, field) != new}
    if not changed:
        return []
    rows.update(**changed)
    AuditEvent.objects.bulk_create(
        AuditEvent(
            actor=by,
            action="setting changed",
            subject=WORDS[field],
            before=_text(getattr(before, field)),
            after=_text(new),
            reason=reason,
        )
        for field, new in changed.items()
    )
    return [_news(field, new) for field, new in changed.items()]


def _news(field: str, new: object) -> str:
    """What to call a change: of a switch its new state, since its name alone reads as "yes"."""
    if field == "members_share_others":
        whose = "videos of others" if new else "only their own videos"
        return f"members may now share {whose}"
    return WORDS[field]


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
