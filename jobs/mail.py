"""Warnings by e-mail, where mail is configured. A worker sends them, never a page."""

from __future__ import annotations

import logging

from django.core.mail import EmailMessage
from django.db.models import Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse

from jobs import addresses, forecast, ledger
from jobs.forecast import SpendingPace
from jobs.ledger import Standing
from jobs.models import Budget, BudgetWarning, Team, User

logger = logging.getLogger(__name__)


def send_warning(number: int) -> None:
    """Tell the budget's person and the admins. What cannot be sent is left for the next night."""
    warnings = BudgetWarning.objects.filter(pk=number, mailed_at=None)
    warning = warnings.select_related("budget__owner", "budget__project").first()
    if warning is None:
        return
    to = _readers(warning.budget)
    if not to:
        return
    message = _message(warning, to)
    try:
        message.send()
    except OSError:  # of the network, or what the mail server answers (SMTPException is one)
        logger.warning("the warning %s could not be sent", number, exc_info=True)
        return
    warnings.update(mailed_at=Now())


def _readers(budget: Budget) -> list[str]:
    whose = Q(role=User.Role.ADMIN) | Q(pk=budget.owner_id)
    people = User.objects.filter(whose, is_active=True).exclude(email="")
    return list(people.order_by("pk").values_list("email", flat=True))


def _message(warning: BudgetWarning, to: list[str]) -> EmailMessage:
    budget = warning.budget
    standing, pace = _facts(budget)
    context = {
        "warning": warning,
        "owner": budget.owner,
        "project": budget.project,
        "budget": standing,
        "outlook": forecast.outlook(standing, pace),
        "credits_page": addresses.public(reverse("credits")),
        "budgets_page": addresses.public(reverse("budgets")),
    }
    # A line break in a name must not become a header of its own.
    subject = " ".join(render_to_string("mail/budget_warning_subject.txt", context).split())
    body = render_to_string("mail/budget_warning.txt", context).lstrip()
    return EmailMessage(subject, body, to=to)


def _facts(budget: Budget) -> tuple[Standing, SpendingPace]:
    if budget.owner:
        standing = ledger.standing_of(budget.owner)
        return standing, forecast.paces_of({budget.owner: standing})[budget.owner.pk]
    if budget.project:
        standing = ledger.standing_of_project(budget.project)
        return standing, forecast.paces_of_projects([budget.project])[budget.project.pk]
    standing = ledger.standing_of_team(Team.current())
    return standing, forecast.pace_of_team(standing)
