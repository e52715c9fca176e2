"""The end of what visitors say: notes that are deleted, and visitors who are not heard any more."""

from __future__ import annotations

from django.db import transaction

from jobs.models import AuditEvent, BlockedVisitor, ReviewNote, ShareLink, User
from jobs.shares.review import show


@transaction.atomic
def delete(note: ReviewNote, by: User) -> bool:
    """Take a note and the answers to it off all pages; true if it was still there.

    The audit keeps who said it and how it began.
    """
    rows = ReviewNote.objects.filter(pk=note.pk)
    if not rows.delete()[0]:
        return False
    AuditEvent.objects.create(**_told(note, by))
    show(note.take)
    return True


@transaction.atomic
def block(note: ReviewNote, by: User, *, and_delete: bool) -> int:
    """Hear no more on its link of who said this, and of nobody new from the same address.

    With `and_delete` all that they said there goes too; how many notes those were.
    """
    link = note.link
    _, is_new = BlockedVisitor.objects.get_or_create(
        link=link,
        visitor=note.visitor,
        defaults={"name": note.name, "address": note.address, "blocked_by": by},
    )
    if is_new:
        AuditEvent.objects.create(
            actor=by, action="visitor blocked", subject=_subject(link), after=note.name
        )
    if not and_delete:
        return 0
    said = [*link.notes.filter(visitor=note.visitor).select_related("take__rendition__job", "link")]
    AuditEvent.objects.bulk_create(AuditEvent(**_told(each, by)) for each in said)
    link.notes.filter(pk__in=[each.pk for each in said]).delete()
    show(*(each.take for each in said))
    return len(said)


@transaction.atomic
def unblock(blocked: BlockedVisitor, by: User) -> bool:
    """Hear them again; true if they were still blocked."""
    if not BlockedVisitor.objects.filter(pk=blocked.pk).delete()[0]:
        return False
    AuditEvent.objects.create(
        actor=by, action="visitor unblocked", subject=_subject(blocked.link), before=blocked.name
    )
    return True


def _told(note: ReviewNote, by: User) -> dict[str, object]:
    said = f"{note.name}, {note.get_kind_display().lower()}: {note.text}"
    return {
        "actor": by,
        "action": "comment deleted",
        "subject": _subject(note.link),
        "before": said.removesuffix(": ")[:200],
    }


def _subject(link: ShareLink) -> str:
    return f"link {link.pk}: {link.label}"
