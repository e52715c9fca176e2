"""Letters about somebody's own account: no choice of theirs turns them off."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from jobs.mail.plain import letter, send_letter
from jobs.mail.sending import readers, send
from jobs.models import AuditEvent, User
from jobs.net import addresses


def send_password_link(person: User, token: str, *, hours: int) -> None:
    """Mail somebody the link with which they set a new password. It is nowhere else."""
    link = addresses.public(reverse("new-password", args=[token]))
    context = {"person": person, "hours": hours}
    send_letter("password_link", context, [person.email], address=link)


def send_address_link(person: User, address: str, token: str, *, hours: int) -> None:
    """Mail to a new address the link that proves it to be theirs. It is nowhere else."""
    link = addresses.public(reverse("confirm-address", args=[token]))
    context = {"person": person, "hours": hours}
    send_letter("address_link", context, [address], address=link)


def send_test(person: User) -> None:
    """Mail somebody that mails arrive. Raises `NotSent` and `Unsure`."""
    send(letter("test", {"person": person}, [person.email]))


def tell_old_address(number: int) -> None:
    """Tell the address that somebody had that they have another one, or none, from now on."""
    event = AuditEvent.objects.select_related("actor").get(pk=number)
    if event.before:
        context = {"person": event.actor, "has_another": bool(event.after)}
        send_letter("address_changed", context, [event.before])


def tell_of_lost_factor(number: int) -> None:
    """Tell somebody that an admin took away their second factor: it may be none that was lost."""
    event = AuditEvent.objects.select_related("actor").get(pk=number)
    to = readers(Q(username=event.subject))
    if to:
        page = addresses.public(reverse("security"))
        send_letter("second_factor_removed", {"by": event.actor}, to, address=page)
