"""Tells admins of a host that files wait for."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from jobs.archive.results.hosts import setting_with
from jobs.mail.plain import send_letter
from jobs.mail.sending import readers
from jobs.models import UnlistedHost, User
from jobs.net import addresses


def send_host(number: int) -> None:
    """Tell the admins of a host to allow, if files wait for it still."""
    hosts = UnlistedHost.objects.waited_for().filter(pk=number, mailed_at=None)
    host = hosts.first()
    to = readers(Q(role=User.Role.ADMIN))
    if host is None or not to:
        return
    page, setting = addresses.public(reverse("requests")), setting_with([host.entry])
    if send_letter("unlisted_host", {"host": host}, to, address=page, setting=setting):
        hosts.update(mailed_at=Now())
