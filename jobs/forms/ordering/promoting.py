"""The form by which a draft is promoted: one press."""

from __future__ import annotations

from jobs.forms.fields import WordsField
from jobs.forms.ordering.order import OrderForm
from jobs.models import Job


class PromoteForm(OrderForm):
    """Everything else stands in the draft, and in what its project delivers in."""

    same: Job | None = None
    """A video of the same, which was there before."""
    reason = WordsField(required=False, max_length=200, label="Reason, for the admin (optional)")

    @property
    def may_park(self) -> bool:
        """The person has seen that it takes an admin's approval."""
        return self.data.get("asks") == "1"
