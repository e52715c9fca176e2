"""Hands a letter to the mail server, and tells what is known of it afterwards."""

from __future__ import annotations

import logging
import smtplib

from django.core.mail import EmailMessage, get_connection
from django.db.models import Q

from jobs.models import User

logger = logging.getLogger(__name__)

AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""Headers of every letter. An absence note answers nobody who says this, so that no two machines
write to each other."""


class NotSent(Exception):
    """The mail server was not reached, or refused the letter: it certainly did not go out."""


class Unsure(Exception):
    """The connection broke while the letter was handed over: it may have gone out."""


def send(written: EmailMessage) -> None:
    """Raises `NotSent` and `Unsure`."""
    try:
        connection = get_connection()
        connection.open()
    except OSError as error:  # of the network, or what the server answers: SMTPException is one
        raise NotSent(_said(error)) from error
    try:
        connection.send_messages([written])
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise NotSent(_said(error)) from error
    except OSError as error:
        raise Unsure(_said(error)) from error
    finally:
        _close(connection)


def one_line(text: str) -> str:
    """A line break in a name must not become a header of its own."""
    return " ".join(text.split())


def readers(whose: Q) -> list[str]:
    """The addresses of those of these people who can be written to."""
    people = User.objects.filter(whose, is_active=True).exclude(email="")
    return list(people.order_by("pk").values_list("email", flat=True))


def _close(connection: object) -> None:
    try:
        connection.close()  # type: ignore[attr-defined]
    except OSError:
        # What was handed over is not called back by a bad farewell.
        logger.info("the connection to the mail server ended badly", exc_info=True)


def _said(error: OSError) -> str:
    """For admins: no more of it than a line, and no address of anybody."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()), (0, b""))
        return one_line(f"{code} {_text(said)}")[:200]
    if isinstance(error, smtplib.SMTPResponseException):
        return one_line(f"{error.smtp_code} {_text(error.smtp_error)}")[:200]
    return one_line(f"{type(error).__name__}: {error}")[:200]


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
