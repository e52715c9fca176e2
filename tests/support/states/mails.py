"""Sends what e-mail there is to send, now, as the follower and the workers do together."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from jobs import mail as letters
from jobs.models import Mailing, Notice, User
from jobs.times import clock
from tests.support.running import drain_queue


def with_addresses(*people: User) -> None:
    for each in people:
        User.objects.filter(pk=each.pk).update(email=f"{each.username}@studio.example")


def a_minute_passes() -> None:
    """Everything that only waited for company goes out."""
    Notice.objects.filter(is_digest=False, mail_at__isnull=False).update(mail_at=clock.after(-1))
    Mailing.objects.update(made_at=clock.after(-3600))
    post()


def post() -> None:
    """One round of the follower, and the workers that it woke."""
    letters.gather()
    letters.wake()
    drain_queue()


def page_of(letter: EmailMessage) -> str:
    """The letter as a page."""
    content = letter.alternatives[0].content  # type: ignore[attr-defined]
    return str(content)


class Unreachable(BaseEmailBackend):
    """A mail server that is not there."""

    def open(self) -> bool:
        raise ConnectionRefusedError("nobody there")


class Silent(BaseEmailBackend):
    """A mail server that says nothing any more once it has the letter."""

    def send_messages(self, email_messages: object) -> int:
        raise TimeoutError("no answer")
