"""Forms with which people join, get their rights, and leave."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms

from jobs.file_names import AT_FIRST
from jobs.forms.delivery import DeliversIn, delivers_in_field
from jobs.forms.fields import ProjectField, WordsField, offer
from jobs.forms.figures import CreditsField, FigureField
from jobs.forms.file_names import FileNamesField
from jobs.models import Invitation, Project, Team, User
from jobs.times.months import LAST_OF_EACH

if TYPE_CHECKING:
    InvitationModelForm = forms.ModelForm[Invitation]
    TeamModelForm = forms.ModelForm[Team]
else:
    # Django's form classes take no type arguments at run time.
    InvitationModelForm = TeamModelForm = forms.ModelForm


class InviteForm(InvitationModelForm):
    """What a new person begins with."""

    project = ProjectField(
        help_text="Their first video is filed here unless they choose otherwise."
    )
    allowance = CreditsField(minimum=0, label="Monthly allowance", required=False)
    credits = CreditsField(minimum=0, label="Starting credits", required=False)

    field_order = ("note", "role", "allowance", "credits", "project")

    class Meta:
        model = Invitation
        fields = ["note", "role", "allowance", "credits", "project"]
        field_classes = {"note": WordsField}
        labels = {"note": "Who is it for? (optional)"}
        help_texts = {"note": "Only admins see this."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "project", Project.objects.open())
        for name in ("allowance", "credits"):
            self.fields[name].widget.attrs["placeholder"] = "none"


class ReasonForm(forms.Form):
    """A change that the audit should explain."""

    reason = WordsField(max_length=200, label="Reason")


class SignOutForm(ReasonForm):
    """Somebody else's sessions end."""


class RemoveFactorForm(ReasonForm):
    """Somebody has lost what they signed in with."""


class RoleForm(ReasonForm):
    role = forms.ChoiceField(choices=User.Role, widget=forms.HiddenInput)


class LeaveForm(ReasonForm):
    """The heir of somebody who leaves, and the fate of what was not sent yet."""

    heir = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Pass their work to", empty_label="Choose a colleague"
    )
    queued = forms.ChoiceField(
        choices=[("cancel", "Cancel them; nothing is charged"), ("send", "Send them")],
        initial="cancel",
        label="Queued videos",
        widget=forms.RadioSelect,
    )
    sure = forms.BooleanField(
        error_messages={"required": "Tick this to confirm."}, label="Yes, remove them from the team"
    )

    field_order = ["heir", "queued", "reason", "sure"]

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = User.objects.filter(is_active=True).exclude(pk=person.pk)
        offer(self, "heir", colleagues.order_by("name_key"))


class TeamForm(DeliversIn, TeamModelForm):
    """The settings that hold for everybody; a reason is needed where figures change in meaning."""

    reset_day = FigureField(
        minimum=1,
        maximum=LAST_OF_EACH,
        label="Reset day",
        help_text=(
            f"The day of the month, 1 to {LAST_OF_EACH}, on which allowances and the team’s cap "
            "reset. Changes apply after the current period."
        ),
    )
    credit_value = FigureField(
        minimum=0,
        maximum=999_999,
        is_whole=False,
        required=False,
        label="Value of a credit",
        help_text="For reports only. Leave empty to show credits only.",
    )
    file_names = FileNamesField(required=False)
    delivers_in = delivers_in_field()
    reason = WordsField(
        max_length=200,
        required=False,
        label="Reason",
        help_text="Required unless you only change the name of the team or of files.",
    )

    class Meta:
        model = Team
        fields = [
            "name",
            "reset_day",
            "credit_value",
            "currency",
            "members_share_others",
            "file_names",
            "second_factor_of",
        ]
        field_classes = {"name": WordsField}
        labels = {
            "name": "Team name",
            "members_share_others": "Members may share videos of others",
            "second_factor_of": "A second step at sign-in is required of",
        }
        help_texts = {
            "currency": "Three letters, such as USD or EUR.",
            "second_factor_of": (
                "A code from an app, or a passkey. Whoever has none sets one up before anything "
                "else, at their next click."
            ),
        }
        widgets = {
            "currency": forms.TextInput(
                attrs={"autocapitalize": "characters", "spellcheck": "false"}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["second_factor_of"].required = False
        self.offer_delivery(self.instance, "The usual model, at its usual size")

    def clean_second_factor_of(self) -> str:
        """What a form does not say stays as it is."""
        chosen: str = self.cleaned_data["second_factor_of"]
        return chosen or self.initial["second_factor_of"]

    def clean_file_names(self) -> str:
        """What a form does not say stays as it is; emptied, it is as it was at first."""
        typed: str = self.cleaned_data["file_names"]
        return typed or (AT_FIRST if "file_names" in self.data else self.initial["file_names"])

    def clean_credit_value(self) -> Decimal | None:
        value: Decimal | None = self.cleaned_data["credit_value"]
        if value is not None and value <= 0:
            raise forms.ValidationError("Enter more than 0, or leave empty.")
        return value

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"].upper()
        if not (len(code) == 3 and code.isascii() and code.isalpha()):
            raise forms.ValidationError("Enter the three letters of a currency, such as EUR.")
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        changed = set(self.changed_data) - {"name", "file_names", "reason"}
        if data.get("delivers_in") == self.chosen_before:
            changed.discard("delivers_in")
        if data.get("second_factor_of") == self.initial["second_factor_of"]:
            changed.discard("second_factor_of")
        if changed and not data.get("reason"):
            self.add_error("reason", "Say why, for the audit.")
        return data
