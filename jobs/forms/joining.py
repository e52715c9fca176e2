"""Forms with which somebody new joins: by oneself, by an invitation, by an admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm as DjangoUserCreationForm

from jobs.forms.fields import WordsField
from jobs.forms.figures import CreditsField
from jobs.models import User

if TYPE_CHECKING:
    UserCreationForm = DjangoUserCreationForm[User]
else:
    # Django's form class takes no type arguments at run time.
    UserCreationForm = DjangoUserCreationForm


class NewUserForm(UserCreationForm):
    """A name that nobody has, and a password."""

    class Meta:
        model = User
        fields = ["username"]
        field_classes = {"username": WordsField}

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if User.objects.named(name).exists():
            raise forms.ValidationError(User.NAME_TAKEN)
        return name

    def say_taken(self) -> None:
        """Somebody was a moment faster with the same name."""
        self.add_error("username", User.NAME_TAKEN)


class SetupForm(NewUserForm):
    """The first admin of a new installation."""

    starting_credits = CreditsField(
        minimum=0,
        label="Your starting credits",
        initial="2,000",
        help_text="Granted to you now. You can change credits on the Team page at any time.",
    )


class JoinForm(NewUserForm):
    """Somebody invited chooses a name and a password."""


class PersonForm(NewUserForm):
    """Someone new on the team, with a first password to hand over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # It stands far down on a page that is about other things first.
        self.fields["username"].widget.attrs.pop("autofocus", None)

    class Meta(NewUserForm.Meta):
        fields = ["username", "role"]
