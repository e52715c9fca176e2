"""Forms with which somebody new joins: as the first, or by an invitation."""

from __future__ import annotations

from collections.abc import Callable
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

    def validate_password_for_user(self, user: User, *_: Any) -> None:
        """Django says what is wrong with a password at the field where it is only repeated."""
        super().validate_password_for_user(user, "password1")  # type: ignore[misc]

    def say_taken(self) -> None:
        """Somebody was a moment faster with the same name."""
        self.add_error("username", User.NAME_TAKEN)


class SetupForm(NewUserForm):
    """The first admin of a new installation."""

    code = WordsField(
        max_length=100,
        label="Setup code",
        help_text=(
            "Printed where Dailies runs, when it starts. “manage.py prepare” prints it again."
        ),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "autofocus": True,
                "spellcheck": "false",
            }
        ),
    )
    team_name = WordsField(
        max_length=80,
        required=False,
        label="Team name",
        help_text="People you invite and your clients read it. Change it at any time.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    starting_credits = CreditsField(
        minimum=0,
        label="Your starting credits",
        initial="2,000",
        help_text="Granted to you now. You can change credits on the Team page at any time.",
    )
    field_order = ("code", "team_name")

    def __init__(
        self, *args: Any, try_code: Callable[[str], bool] | None = None, **kwargs: Any
    ) -> None:
        """`try_code` tells whether a code is the right one; None where none is asked for."""
        super().__init__(*args, **kwargs)
        self.try_code = try_code
        # A page has one, and it is the first field; Django's is not.
        del self.fields["username"].widget.attrs["autofocus"]
        if try_code is None:
            del self.fields["code"]
            self.fields["team_name"].widget.attrs["autofocus"] = True

    def clean_code(self) -> str:
        typed: str = self.cleaned_data["code"]
        if self.try_code and not self.try_code(typed):
            raise forms.ValidationError("This isn’t the code that was printed.")
        return typed


class JoinForm(NewUserForm):
    """Somebody invited chooses a name and a password."""
