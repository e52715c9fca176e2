"""Tells admins of a provider that can't be reached."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from jobs import addresses, moments
from jobs.mail.sending import readers, send_text
from jobs.models import Credential, Job, User
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS


def send_outage(number: int) -> None:
    """Tell the admins, if the provider of this key can't be reached still."""
    key = Credential.objects.out_of_reach().filter(pk=number).first()
    to = readers(Q(role=User.Role.ADMIN))
    if key is None or key.unreachable_since is None or not to:
        return
    waiting = Job.objects.filter(status=Status.QUEUED, provider=key.provider, practice=key.practice)
    context = {
        "label": PROVIDERS[key.provider].label,
        "since": moments.in_words(key.unreachable_since),
        "number": waiting.count(),
        "page": addresses.public(f"{reverse('requests')}#outages"),
    }
    send_text("outage", context, to)
