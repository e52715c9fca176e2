"""Forms with which somebody new joins: as the first, or by an invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm as DjangoUserCreationForm

from jobs import letters
from jobs.forms.fields import WordsField
from jobs.forms.figures import CreditsField
from jobs.models import User
from jobs.models.team.user import check_spelling

if TYPE_CHECKING:
    UserCreationForm = DjangoUserCreationForm[User]
else:
    # Django's form class takes no type arguments at run time.
    UserCreationForm = DjangoUserCreationForm


class NameField(WordsField):
    """The name of somebody, in the one form in which it is kept."""

    default_validators = [check_spelling]

    def to_python(self, value: Any) -> Any:
        return letters.as_name(super().to_python(value) or "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        plain = {"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}
        return {**super().widget_attrs(widget), **plain}


class NewUserForm(UserCreationForm):
    """A name that nobody has, and a password."""

    class Meta:
        model = User
        fields = ["username"]
        field_classes = {"username": NameField}

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        User.objects.check_free(name)
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
