"""The questions to every order before it is paid for."""

from __future__ import annotations

from jobs.forms import OrderForm
from jobs.models import Job, User


def is_ordered(user: User, form: OrderForm) -> bool:
    """This form was sent before: then the same job is the answer, whatever has changed."""
    return Job.objects.filter(owner=user, submission_key=form.key).exists()


def costs_otherwise(user: User, form: OrderForm, cost: int | None, again: str) -> bool:
    """The price shown was not that of the choice, as it is without scripts; said above."""
    if form.seen_cost is None or not cost or form.seen_cost == cost or is_ordered(user, form):
        return False
    if form.seen_cost:
        said = f"This costs {cost:,} credits, not the {form.seen_cost:,} shown."
    else:
        said = f"This costs {cost:,} credits, and no price was shown."
    form.add_error(None, f"{said} {again}")
    return True
