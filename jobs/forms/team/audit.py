"""The filter of the audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from jobs.forms.fields import day_field, digits, offer
from jobs.models import AuditEvent, User
from jobs.models.team.user import labels_of

SERVER = "server"
"""The doer of what no person has done: a command, or the follower."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    words: str
    action: str
    actor_id: int | None
    is_by_server: bool
    first: date | None
    last: date | None


class AuditFilterForm(forms.Form):
    """The part of the audit that is to be shown."""

    q = forms.CharField(required=False, max_length=100, label="Words")
    action = forms.ChoiceField(required=False, label="Action")
    actor = forms.ChoiceField(required=False, label="By")
    first = day_field("From")
    last = day_field("To")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actions = AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct()
        people = ((str(pk), label) for pk, label in labels_of(User.objects.all()))
        offer(self, "action", [("", "Any"), *((name, name.capitalize()) for name in actions)])
        offer(
            self,
            "actor",
            [("", "Anybody"), (SERVER, "The server"), *people],
        )

    @property
    def wanted(self) -> AuditFilter:
        """Of a form that is valid."""
        data = self.cleaned_data
        return AuditFilter(
            words=data["q"],
            action=data["action"],
            actor_id=digits(data["actor"]),
            is_by_server=data["actor"] == SERVER,
            first=data["first"],
            last=data["last"],
        )
