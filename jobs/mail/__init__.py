"""Letters by e-mail, where that is configured. A worker sends them; a page only its test."""

from jobs.mail.accounts import (
    send_address_link,
    send_password_link,
    send_test,
    tell_of_lost_factor,
    tell_old_address,
)
from jobs.mail.gathering import forget_unsent, gather, send_waiting, tidy, wake
from jobs.mail.hosts import send_host
from jobs.mail.news import send_news
from jobs.mail.sending import NotSent, Unsure

__all__ = [
    "NotSent",
    "Unsure",
    "forget_unsent",
    "gather",
    "send_address_link",
    "send_host",
    "send_news",
    "send_password_link",
    "send_test",
    "send_waiting",
    "tell_of_lost_factor",
    "tell_old_address",
    "tidy",
    "wake",
]
