"""People and projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import UserCreationForm as DjangoUserCreationForm

from jobs.forms.fields import WordsField
from jobs.forms.figures import CreditsField
from jobs.models import Project, User

if TYPE_CHECKING:
    ProjectModelForm = forms.ModelForm[Project]
    UserCreationForm = DjangoUserCreationForm[User]
else:
    # Django's form classes take no type arguments at run time.
    ProjectModelForm = forms.ModelForm
    UserCreationForm = DjangoUserCreationForm


class ProjectForm(ProjectModelForm):
    class Meta:
        model = Project
        fields = ["name"]
        field_classes = {"name": WordsField}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Project.objects.filter(name__iexact=name).exists():
            raise forms.ValidationError("There is already a project with that name.")
        return name


class PersonForm(UserCreationForm):
    """Someone new on the team, with a first password to hand over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # It stands far down on a page that is about other things first.
        self.fields["username"].widget.attrs.pop("autofocus", None)

    class Meta:
        model = User
        fields = ["username", "role"]
        field_classes = {"username": WordsField}


class SetupForm(UserCreationForm):
    """The first admin of a new installation."""

    starting_credits = CreditsField(
        minimum=0,
        label="Your starting credits",
        initial="2,000",
        help_text="Granted to you now. You can change credits on the Team page at any time.",
    )

    class Meta:
        model = User
        fields = ["username"]
        field_classes = {"username": WordsField}
