"""Which of the declared models are offered: all but those that an admin, or a provider, withdrew.

A withdrawn model stays readable everywhere. Nothing new is ordered of it, and what waits to be sent
to it fails uncharged; larger copies of what it made are no work of its own, and go on.
"""

from __future__ import annotations

import logging

from django.db import IntegrityError, transaction

from jobs.models import AuditEvent, User, WithdrawnModel
from jobs.providers import PROVIDERS
from jobs.providers.declarations import Provider
from jobs.providers.models import Model

logger = logging.getLogger(__name__)

OFFERED, WITHDRAWN = "offered", "withdrawn"
"""What the audit calls the two; the latter is the code as well of what failed for that."""


def why_not(provider: Provider, model: Model) -> str:
    """The sentence that people read of a withdrawn model."""
    return f"{model.label} is no longer offered at {provider.label}. Choose another model."


def is_withdrawn(provider: str, model: str) -> bool:
    return WithdrawnModel.objects.filter(provider=provider, model=model).exists()


@transaction.atomic
def withdraw(provider: str, model: str, *, reason: str, actor: User | None) -> bool:
    """Offer a model no more; true if that is news. Without an actor the provider has said so; an
    admin who withdraws it as well makes that their own word.
    """
    before = OFFERED
    try:
        with transaction.atomic():
            WithdrawnModel.objects.create(
                provider=provider, model=model, reason=reason[:300], withdrawn_by=actor
            )
    except IntegrityError:
        rows = WithdrawnModel.objects.filter(provider=provider, model=model, withdrawn_by=None)
        if actor is None or not rows.update(withdrawn_by=actor, reason=reason[:300]):
            return False
        before = WITHDRAWN
    _note("model withdrawn", provider, model, reason, actor, (before, WITHDRAWN))
    if actor is None:
        logger.error("%s has %s no longer: nothing new is ordered of it", provider, model)
    return True


@transaction.atomic
def offer_again(provider: str, model: str, *, reason: str, actor: User) -> bool:
    """Offer a model anew; true if that is news."""
    rows = WithdrawnModel.objects.filter(provider=provider, model=model)
    if not rows.delete()[0]:
        return False
    _note("model offered again", provider, model, reason, actor, (WITHDRAWN, OFFERED))
    return True


def _note(
    action: str,
    provider: str,
    model: str,
    reason: str,
    actor: User | None,
    change: tuple[str, str],
) -> None:
    known = PROVIDERS.get(provider)
    declared = known.model(model) if known else None
    subject = f"{declared.label}, {known.label}" if known and declared else f"{model}, {provider}"
    before, after = change
    AuditEvent.objects.create(
        actor=actor,
        action=action,
        subject=subject,
        before=before,
        after=after,
        reason=reason[:300],
    )
