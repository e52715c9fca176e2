"""People, projects, credits and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib.auth.forms import UserCreationForm as DjangoUserCreationForm

from jobs.forms.fields import CreditsField
from jobs.ledger import CREDITS_MAX
from jobs.models import Price, Project, User

if TYPE_CHECKING:
    ProjectModelForm = forms.ModelForm[Project]
    PriceModelForm = forms.ModelForm[Price]
    UserCreationForm = DjangoUserCreationForm[User]
else:
    # Django's form classes take no type arguments at run time.
    ProjectModelForm = PriceModelForm = forms.ModelForm
    UserCreationForm = DjangoUserCreationForm


class GrantForm(forms.Form):
    """Credits for one person; a negative number takes unspent ones back."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), widget=forms.HiddenInput)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    credits = CreditsField(minimum=-CREDITS_MAX, label="Credits")
    reason = forms.CharField(max_length=200, label="Reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.fields["user"]
        if isinstance(user, forms.ModelChoiceField):
            user.queryset = User.objects.filter(is_active=True)

    def clean_credits(self) -> int:
        credits: int = self.cleaned_data["credits"]
        if credits == 0:
            raise forms.ValidationError("Enter how many credits to grant.")
        return credits


class ProjectForm(ProjectModelForm):
    class Meta:
        model = Project
        fields = ["name"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Project.objects.filter(name__iexact=name).exists():
            raise forms.ValidationError("There is already a project of that name.")
        return name


class PriceForm(PriceModelForm):
    credits = CreditsField(minimum=1, label="Credits")

    class Meta:
        model = Price
        fields = ["credits"]


class PersonForm(UserCreationForm):
    """Someone new on the team, with a first password to hand over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # It stands far down on a page that is about other things first.
        self.fields["username"].widget.attrs.pop("autofocus", None)

    class Meta:
        model = User
        fields = ["username", "role"]


class SetupForm(UserCreationForm):
    """The first admin of a new installation."""

    starting_credits = CreditsField(
        minimum=0,
        label="Your starting credits",
        initial="2,000",
        help_text="Granted to you now. You can give and take credits on the Team page any time.",
    )

    class Meta:
        model = User
        fields = ["username"]
