"""The name that people are shown by, and the address that they are written to.

An address counts once a link that was mailed to it was opened by somebody signed in as its person:
what is typed proves nothing, and links for new passwords go to what counts.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from jobs import letters, limits, queue
from jobs.models import AddressLink, AuditEvent, User
from jobs.models.team.user import check_shown_name
from jobs.net import addresses
from jobs.net.floods import Limit
from jobs.people.inviting import NotValid
from jobs.people.roles import line_up
from jobs.secrets.tokens import hash_token, new_token
from jobs.times import clock

HOURS = 24
"""For which a link to confirm an address works."""


def can_confirm() -> bool:
    """There is mail, and an address of ours that stands in a link."""
    return bool(settings.HAS_MAIL and addresses.public("/"))


def as_shown_name(text: str) -> str:
    """A name in the one form in which it is kept: as usernames are, with single spaces."""
    return " ".join(letters.as_name(text).split())


def rename(person: User, name: str) -> bool:
    """Have people read this name from now on; empty for the username. False where they do already.

    Raises `ValidationError` where it is no name, or looks like somebody else's.
    """
    name = as_shown_name(name)
    check_shown_name(name)
    try:
        with transaction.atomic():
            # One after the other: of two who want the same name the second sees the first's.
            line_up(None)
            before = User.objects.get(pk=person.pk).display_name
            if before == name:
                return False
            if name:
                User.objects.check_shown_free(name, person)
            User.objects.filter(pk=person.pk).update(display_name=name)
            _note(person, "display name changed", before, name)
    except IntegrityError as error:
        raise ValidationError("Somebody else has just taken this name.") from error
    return True


def ask_address(person: User, email: str) -> AddressLink:
    """Have a link mailed to a new address; nothing else changes until it is opened.

    Raises `limits.TooMany`: mail to addresses of strangers is no toy.
    """
    limits.take(Limit.ADDRESS_MAILS, person.pk)
    with transaction.atomic():
        end_links(person)
        link = AddressLink.objects.create(
            person=person, email=email, expires_at=clock.after(HOURS * 3600)
        )
        queue.mail_address_link(link.pk)
    return link


def waiting_address(person: User) -> AddressLink | None:
    """The address that waits for its link to be opened."""
    return AddressLink.objects.open().filter(person=person).order_by("-pk").first()


def end_links(person: User) -> int:
    """No address of this person waits any more; how many did."""
    return person.address_links.filter(ended_at=None).update(ended_at=Now())


def link_for_mail(number: int) -> tuple[AddressLink, str] | None:
    """Make the token of a link, in the worker that mails it: what goes through the queue can be
    read there. None where it was mailed already, or is over.
    """
    token = new_token()
    rows = AddressLink.objects.filter(pk=number, token_hash="", ended_at=None)
    if not rows.update(token_hash=hash_token(token)):
        return None
    link = AddressLink.objects.select_related("person").get(pk=number)
    return (link, token) if link.person.is_active else None


def find_link(token: str, person: User) -> AddressLink:
    """This person's open link with this token. Raises `NotValid`."""
    rows = AddressLink.objects.open().filter(person=person, token_hash=hash_token(token))
    if found := rows.first():
        return found
    raise NotValid


@transaction.atomic
def confirm_address(token: str, person: User) -> str:
    """The address counts from now on; which one. Raises `NotValid`."""
    link = find_link(token, person)
    # Of two clicks the second finds it used.
    if not AddressLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=Now()):
        raise NotValid
    _change(person, link.email)
    return link.email


@transaction.atomic
def remove_address(person: User) -> bool:
    """Write to this person no more; false where nobody did."""
    end_links(person)
    return _change(person, "")


def _change(person: User, email: str) -> bool:
    rows = User.objects.filter(pk=person.pk)
    before = rows.get().email
    if not rows.exclude(email=email).update(email=email):
        return False
    # What was mailed to the old address opens nothing any more.
    person.password_links.filter(ended_at=None, made_by=None).update(ended_at=Now())
    event = _note(person, "address changed", before, email)
    if before and settings.HAS_MAIL:
        queue.tell_old_address(event.pk)
    return True


def _note(person: User, action: str, before: str, after: str) -> AuditEvent:
    return AuditEvent.objects.create(
        actor=person,
        action=action,
        subject=person.username,
        before=before[:200],
        after=after[:200],
    )
