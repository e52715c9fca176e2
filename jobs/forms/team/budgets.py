"""Credits that are given, capped, asked for and charged."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from jobs.forms.fields import ProjectField, WordsField, offer
from jobs.forms.figures import CreditsField
from jobs.ledger import CREDITS_MAX
from jobs.letters import isolated
from jobs.lifecycle import Limit
from jobs.models import BudgetRequest, Project, Team, User


def reason() -> WordsField:
    """The field for a reason, asked for wherever a budget or a price changes."""
    return WordsField(max_length=200, label="Reason")


class GrantForm(forms.Form):
    """Credits for one person; a negative number takes unspent ones back."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), widget=forms.HiddenInput)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    credits = CreditsField(
        minimum=-CREDITS_MAX,
        label="Credits",
        help_text="A negative number takes unspent credits back.",
    )
    reason = reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "user", User.objects.filter(is_active=True))

    def clean_credits(self) -> int:
        credits: int = self.cleaned_data["credits"]
        if credits == 0:
            raise forms.ValidationError("Enter how many credits to grant.")
        return credits


class AllowanceForm(forms.Form):
    """The credits that one person gets anew in every period."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), widget=forms.HiddenInput)
    allowance = CreditsField(minimum=0, label="Monthly allowance")
    reason = reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "user", User.objects.filter(is_active=True))


class ProjectCapForm(forms.Form):
    """The most that may be spent on one project in all."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), widget=forms.HiddenInput)
    cap = CreditsField(minimum=0, label="Cap", required=False)
    reason = reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "project", Project.objects.all())
        self.fields["cap"].widget.attrs["placeholder"] = "no cap"


class TeamCapForm(forms.Form):
    """The most that all people together may spend in a period."""

    monthly_cap = CreditsField(minimum=0, label="Monthly cap", required=False)
    reason = reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["monthly_cap"].widget.attrs["placeholder"] = "no cap"


class AskForm(forms.Form):
    """Credits asked for before there is a video that needs them."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    credits = CreditsField(minimum=1, label="Credits")
    project = ProjectField()
    reason = WordsField(max_length=200, label="What for")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "project", Project.objects.open())


class RaiseForm(forms.Form):
    """More of what a waiting job lacks: an amount for each limit that is too low."""

    own = forms.ChoiceField(label="Raise", required=False)
    own_by = CreditsField(minimum=1, label="By", required=False)
    project_by = CreditsField(minimum=1, required=False)
    team_by = CreditsField(minimum=1, required=False)
    reason = reason()

    def __init__(
        self,
        data: Any = None,
        *,
        request: BudgetRequest,
        team: Team,
        lacks: dict[str, int],
        auto_id: str,
    ) -> None:
        """`lacks`: by how much own, project and team are too small for the job."""
        proposed = {f"{scope}_by": credits for scope, credits in lacks.items()}
        super().__init__(data, initial=proposed, auto_id=auto_id)
        whose = isolated(request.requester.label)
        job = request.job
        project = job.paid_project if job else None
        offer(
            self,
            "own",
            [
                (str(Limit.GRANT), f"Granted credits of {whose}"),
                (str(Limit.ALLOWANCE), f"Monthly allowance of {whose}"),
            ],
        )
        # A cap that is not there cannot be what is missing, and raising it would make one.
        there = {"own"}
        if project and project.cap is not None:
            there.add("project")
            self.fields["project_by"].label = f"Cap of {isolated(project.name)}, by"
        if team.monthly_cap is not None:
            there.add("team")
            self.fields["team_by"].label = "Monthly cap of the team, by"
        # Where there is room by now, anything that was granted sends it.
        wanted = lacks or {"own"}
        for scope in ("own", "project", "team"):
            # What was typed stays, though its limit has room by now.
            is_typed = bool(self.data.get(f"{scope}_by"))
            if scope not in there or not (scope in wanted or is_typed):
                del self.fields[f"{scope}_by"]
        if "own_by" not in self.fields:
            del self.fields["own"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not self.raises:
            self.add_error(None, "Enter by how much to raise.")
        return data

    @property
    def amounts(self) -> list[forms.BoundField]:
        """The fields to fill in, but for the reason."""
        return [field for field in self if field.name != "reason"]

    @property
    def raises(self) -> dict[Limit, int]:
        """By how much each limit is to be raised. Of a form without errors."""
        data = self.cleaned_data
        own = Limit(data.get("own") or Limit.GRANT)
        amounts = {own: "own_by", Limit.PROJECT: "project_by", Limit.TEAM: "team_by"}
        return {limit: data[name] for limit, name in amounts.items() if data.get(name)}


class DeclineForm(forms.Form):
    """The reason of a refusal: the requester reads it."""

    answer = WordsField(max_length=200, label="Answer")
