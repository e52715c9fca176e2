"""Tries what lies between this server and others, for admins: the way by which callbacks come, with
one of our own that is sent to our public address, and the mail server.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from jobs import mail
from jobs.machine import threads
from jobs.models import User
from jobs.net import addresses
from jobs.providers.answer import Answer
from jobs.providers.errors import OutcomeUnknown, ProviderError, Unreachable
from jobs.providers.http import NO_KEY, Http

SECONDS = 10.0
VALID_SECONDS = 60
SALT, ANSWER_SALT = "jobs.self_test", "jobs.self_test.answer"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try has shown, in a sentence."""

    worked: bool
    said: str


BUSY = Outcome(False, "Another test is under way. Try again in a few seconds.")


def try_callbacks() -> Outcome:
    """Send one and see whether it comes back to us. Takes up to ten seconds, and no transaction."""
    if not addresses.reaches_us():
        return Outcome(False, "PUBLIC_URL isn’t set, so no provider calls back. Jobs are polled.")
    try:
        with threads.one_for("self-test", spared=2):
            return _tried(secrets.token_hex(8))
    except threads.Busy:
        return BUSY


def try_mail(person: User) -> Outcome:
    """Send somebody a test message. Takes as long as the mail server does, and no transaction."""
    if not settings.HAS_MAIL:
        return Outcome(False, "EMAIL_URL isn’t set, so nothing is mailed.")
    if not person.email:
        return Outcome(False, "You have no email address yet. Add one on your profile.")
    try:
        with threads.one_for("self-test", spared=2):
            mail.send_test(person)
    except threads.Busy:
        return BUSY
    except mail.NotSent as error:
        return Outcome(False, f"The mail server didn’t take the message: {error}")
    except mail.Unsure as error:
        return Outcome(False, f"Nobody knows whether the message went out: {error}")
    return Outcome(True, f"The mail server took a message to {person.email}. Look for it there.")


def answer_to(token: str) -> str | None:
    """What this installation, and no other, answers to a test callback; None if it is none."""
    try:
        number = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        return None
    return _answer(str(number))


def _tried(number: str) -> Outcome:
    token = signing.dumps(number, salt=SALT)
    url = addresses.for_provider(reverse("webhook-test", args=[token]))
    host, started = urlsplit(url).netloc, time.monotonic()
    try:
        answer = Http(post_seconds=SECONDS).send_once(url, NO_KEY, {})
    except Unreachable as error:
        return Outcome(
            False,
            f"{host} can’t be reached from this server ({error.detail}). Look at its name, its "
            "certificate and the proxy. Where a network can’t reach its own public address, "
            "callbacks may come all the same.",
        )
    except OutcomeUnknown as error:
        return Outcome(False, f"{host} gave no answer of ours ({error.detail}). Look at the proxy.")
    except ProviderError as error:
        return Outcome(False, f"{host} couldn’t be asked ({error.detail}).")
    if not _is_ours(answer, number):
        return Outcome(
            False,
            f"Something else answers at {host} (HTTP {answer.status}). Let the proxy pass on "
            "/webhooks/ to this server.",
        )
    return Outcome(True, f"A test callback came back in {time.monotonic() - started:.1f} seconds.")


def _is_ours(answer: Answer, number: str) -> bool:
    received = (answer.body or {}).get("received")
    return isinstance(received, str) and constant_time_compare(received, _answer(number))


def _answer(number: str) -> str:
    return signing.Signer(salt=ANSWER_SALT).sign(number)
