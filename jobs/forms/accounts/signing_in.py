"""Forms with which somebody who is on the team proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, ReauthenticateForm
from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.forms import SetPasswordForm as DjangoSetPasswordForm

from jobs.forms.fields import WordsField
from jobs.models import User

if TYPE_CHECKING:
    SetPasswordForm = DjangoSetPasswordForm[User]
else:
    # Django's form class takes no type arguments at run time.
    SetPasswordForm = DjangoSetPasswordForm

NAME = {
    "autocapitalize": "none",
    "autocomplete": "username",
    "autofocus": True,
    "spellcheck": "false",
}


class SignInForm(LoginForm):
    """A name, as it comes from a person's hand, and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs = dict(NAME)
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""

    def add_prefix(self, field_name: str) -> str:
        """Called by its own name in the page, as browsers that keep passwords know it."""
        return super().add_prefix("username" if field_name == "login" else field_name)


class ForgotForm(forms.Form):
    """Who forgot their password."""

    who = WordsField(max_length=254, label="Username or e-mail", widget=forms.TextInput(attrs=NAME))


class AtFirstField:
    """Django says what is wrong with a new password at the field where it is only repeated."""

    def validate_password_for_user(self, user: User, *_: Any) -> None:
        super().validate_password_for_user(user, "new_password1")  # type: ignore[misc]


class NewPasswordForm(AtFirstField, SetPasswordForm):
    """A new password, of somebody who came by a link."""


class EndSessionForm(forms.Form):
    """One of one's sessions by its key in the table; empty for all others."""

    session = forms.CharField(required=False, max_length=40)


class ProofForm(ReauthenticateForm):
    """The password again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs = {
            "autocomplete": "current-password",
            "autofocus": True,
        }
        self.fields["password"].help_text = ""


class PasswordForm(AtFirstField, PasswordChangeForm):
    """A new password of one's own, and the old one."""

    def clean_old_password(self) -> str:
        """Counted as at the sign-in: an open browser is no place to guess it either."""
        old: str = self.cleaned_data["old_password"]
        if not get_adapter().reauthenticate(self.user, old):
            raise forms.ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return old

    def save(self, commit: bool = True) -> User:
        get_adapter().set_password(self.user, self.cleaned_data["new_password1"])
        return self.user
