"""Warnings by e-mail, where mail is configured. A worker sends them, never a page."""

from __future__ import annotations

import logging

from django.core.mail import EmailMessage
from django.db.models import Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse

from jobs import addresses, forecast, ledger
from jobs.archive.results.hosts import setting_with
from jobs.forecast import SpendingPace
from jobs.ledger import Standing
from jobs.models import AuditEvent, Budget, BudgetWarning, Team, UnlistedHost, User

logger = logging.getLogger(__name__)


def send_warning(number: int) -> None:
    """Tell the budget's person and the admins. What cannot be sent is left for the next night."""
    warnings = BudgetWarning.objects.filter(pk=number, mailed_at=None)
    warning = warnings.select_related("budget__owner", "budget__project").first()
    if warning is None:
        return
    to = _readers(Q(role=User.Role.ADMIN) | Q(pk=warning.budget.owner_id))
    if to and _is_sent("budget_warning", _facts_of(warning), to):
        warnings.update(mailed_at=Now())


def send_host(number: int) -> None:
    """Tell the admins of a host to allow, if files wait for it still."""
    hosts = UnlistedHost.objects.waited_for().filter(pk=number, mailed_at=None)
    host = hosts.first()
    to = _readers(Q(role=User.Role.ADMIN))
    if host is None or not to:
        return
    context = {
        "host": host,
        "setting": setting_with([host.entry]),
        "page": addresses.public(reverse("outstanding")),
    }
    if _is_sent("unlisted_host", context, to):
        hosts.update(mailed_at=Now())


def send_password_link(person: User, token: str, *, hours: int) -> None:
    """Mail somebody the link with which they set a new password. It is nowhere else."""
    link = addresses.public(reverse("new-password", args=[token]))
    context = {"person": person, "link": link, "hours": hours}
    _is_sent("password_link", context, [person.email])


def tell_of_lost_factor(number: int) -> None:
    """Tell somebody that an admin took away their second factor: it may be none that was lost."""
    event = AuditEvent.objects.select_related("actor").get(pk=number)
    to = _readers(Q(username=event.subject))
    if to:
        context: dict[str, object] = {
            "by": event.actor,
            "page": addresses.public(reverse("security")),
        }
        _is_sent("second_factor_removed", context, to)


def _readers(whose: Q) -> list[str]:
    people = User.objects.filter(whose, is_active=True).exclude(email="")
    return list(people.order_by("pk").values_list("email", flat=True))


def _is_sent(name: str, context: dict[str, object], to: list[str]) -> bool:
    """Send the message of these templates; false where it did not go out."""
    # A line break in a name must not become a header of its own.
    subject = " ".join(render_to_string(f"mail/{name}_subject.txt", context).split())
    body = render_to_string(f"mail/{name}.txt", context).lstrip()
    try:
        EmailMessage(subject, body, to=to).send()
    except OSError:  # of the network, or what the mail server answers (SMTPException is one)
        logger.warning("the message %r could not be sent", subject, exc_info=True)
        return False
    return True


def _facts_of(warning: BudgetWarning) -> dict[str, object]:
    budget = warning.budget
    standing, pace = _facts(budget)
    return {
        "warning": warning,
        "owner": budget.owner,
        "project": budget.project,
        "budget": standing,
        "outlook": forecast.outlook(standing, pace),
        "credits_page": addresses.public(reverse("credits")),
        "budgets_page": addresses.public(reverse("budgets")),
    }


def _facts(budget: Budget) -> tuple[Standing, SpendingPace]:
    if budget.owner:
        standing = ledger.standing_of(budget.owner)
        return standing, forecast.paces_of({budget.owner: standing})[budget.owner.pk]
    if budget.project:
        standing = ledger.standing_of_project(budget.project)
        return standing, forecast.paces_of_projects([budget.project])[budget.project.pk]
    standing = ledger.standing_of_team(Team.current())
    return standing, forecast.pace_of_team(standing)
