"""Keep a table as a draft: as the text it is, with all that is wrong with it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction

from jobs import limits
from jobs.limits import Limit
from jobs.models import Batch, User

DRAFTS_MAX = 50
"""Of one person at a time: a draft may be half a megabyte of text."""


class TooManyDrafts(Exception):
    """This person has as many tables waiting as one may have."""

    def __init__(self) -> None:
        self.user_message = (
            f"You have {DRAFTS_MAX} tables that were not ordered. Delete one you don’t need."
        )
        super().__init__(self.user_message)


def keep(owner: User, text: str, *, key: UUID, name: str, encoding: str = "") -> Batch:
    """The draft of a table. The same key and text give the same one, as it stands by now.

    Raises `TooManyDrafts`, and `TooMany` of who hands in too much in a short time.
    """
    made = Batch.objects.filter(owner=owner, submission_key=key).first()
    if made and made.text == text:
        return made
    if made and change(made, text, encoding=encoding):
        made.refresh_from_db()
        return made
    if Batch.objects.drafts().filter(owner=owner).count() >= DRAFTS_MAX:
        raise TooManyDrafts
    limits.take(Limit.BATCHES, owner.pk)
    batch, _ = Batch.objects.get_or_create(
        owner=owner,
        # The form of a table that was ordered since, sent with another: that is another batch.
        submission_key=uuid4() if made else key,
        defaults={"text": text, "name": name[:120], "encoding": encoding},
    )
    return batch


def change(batch: Batch, text: str, *, encoding: str = "", name: str = "") -> bool:
    """Put another text into a draft; false where it is none any more."""
    named = {"name": name[:120]} if name else {}
    drafts = Batch.objects.drafts().filter(pk=batch.pk)
    # What is there already is not written anew.
    if named.get("name", batch.name) == batch.name and drafts.filter(text=text).exists():
        return True
    return bool(drafts.update(text=text, encoding=encoding, trouble="", **named))


@transaction.atomic
def discard(batch: Batch) -> bool:
    """Delete a draft; false where it is none any more."""
    return bool(Batch.objects.drafts().filter(pk=batch.pk).delete()[0])
