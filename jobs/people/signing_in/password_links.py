"""A new password for somebody who forgot theirs, by a link that is mailed or handed over.

The link proves that somebody was meant to have it, once, for hours; only its hash is kept. It does
not sign anybody in: whoever has set a password signs in with it, and with whatever else is asked
for there.
"""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from jobs import letters, limits, queue
from jobs.letters import isolated, name_key
from jobs.models import AuditEvent, PasswordLink, User, audit_event
from jobs.net import addresses
from jobs.net.floods import Limit
from jobs.people import sign_ins
from jobs.people.inviting import NotValid
from jobs.people.roles import PersonNotChanged, line_up, require_another
from jobs.secrets.tokens import hash_token, new_token
from jobs.times import clock

HANDED_HOURS, MAILED_HOURS = 8, 1
PEOPLE_MAX = 5
"""Of one e-mail address: a shared one gets a link for each."""


def by_mail() -> bool:
    """Links can be mailed: there is mail, and an address that stands in one."""
    return bool(settings.HAS_MAIL and addresses.public("/"))


@transaction.atomic
def hand_over(person: User, by: User) -> str:
    """Make a link for an admin to hand over; its token. Raises `PersonNotChanged`."""
    line_up(by)
    require_another(person, by)
    if not User.objects.filter(pk=person.pk, is_active=True).exists():
        raise PersonNotChanged(f"{isolated(person.label)} is deactivated. Reactivate them first.")
    # The one before is lost, or somebody else has it.
    person.password_links.open().exclude(made_by=None).update(ended_at=Now())
    AuditEvent.objects.create(actor=by, action="password link made", subject=person.username)
    return _make(person, by, HANDED_HOURS)


def ask(who: str) -> None:
    """Have links mailed to whoever is meant by a name or an e-mail address.

    As much is done for nobody as for somebody, and who is asked for too often gets no more mails
    for a while; whoever asks learns of neither.
    """
    meant = Q(name_key=name_key(who)) | Q(pk__in=_people_at(who.strip()))
    found = User.objects.filter(meant, is_active=True).exclude(email="").order_by("pk")
    # Whoever only comes in by single sign-on has none to forget.
    found = found.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    for number in list(found.values_list("pk", flat=True)[:PEOPLE_MAX]) or [0]:
        # By whom it is for: a name and an address, in all spellings, lead to the same person.
        with suppress(limits.TooMany):
            limits.take(Limit.PASSWORD_MAILS, number or letters.folded(who))
            queue.mail_link(number)


def _people_at(address: str) -> list[int]:
    """Whose e-mail address it is, in any case. Whatever matches, mail goes to the one on record."""
    wanted = letters.folded(address)
    on_record = User.objects.exclude(email="").values_list("pk", "email")
    return [number for number, email in on_record if letters.folded(email) == wanted]


@transaction.atomic
def for_mail(person_id: int) -> tuple[User, str] | None:
    """Make a link for this person's mail, in the worker that sends it: whose, and its token."""
    person = User.objects.filter(pk=person_id, is_active=True).exclude(email="").first()
    if person is None:
        return None
    AuditEvent.objects.create(action=audit_event.LINK_MAILED, subject=person.username)
    return person, _make(person, None, MAILED_HOURS)


def find(token: str) -> PasswordLink:
    """The open link with this token. Raises `NotValid`."""
    rows = PasswordLink.objects.open().filter(token_hash=hash_token(token))
    if found := rows.select_related("person", "made_by").first():
        return found
    raise NotValid


def use(token: str, password: str, address: str) -> User:
    """Set the password and end every session of its owner. Raises `NotValid`."""
    link = find(token)
    by = f"with a link of {link.made_by.username}" if link.made_by else "with a mailed link"
    # The hash first: it takes its time, and a transaction others' time.
    link.person.set_password(password)
    with transaction.atomic():
        # Of two who have the same link the second finds it used. By this table alone: PostgreSQL
        # would not look again at what a join has found.
        if not PasswordLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=Now()):
            raise NotValid
        sign_ins.keep_password(link.person, address, how=by)
    return link.person


def _make(person: User, by: User | None, hours: int) -> str:
    token = new_token()
    PasswordLink.objects.create(
        token_hash=hash_token(token),
        person=person,
        made_by=by,
        expires_at=clock.after(hours * 3600),
    )
    return token
