"""Forms of the second factor: its codes, and setting it up."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

from jobs import limits
from jobs.credentials import specimen
from jobs.forms.fields import WordsField
from jobs.models import User
from jobs.people import sign_ins
from jobs.people.signing_in import second_factor
from jobs.secrets import vault

UNREADABLE = "Your second factor can’t be read on this server any more. Ask an admin to remove it."
NOT_HERE = "This server can’t check codes at the moment. Please tell an admin, and try again later."
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}


class CodeField(forms.CharField):
    """A code of an app, or one of the recovery codes."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={**CODE, "autofocus": True})
        super().__init__(max_length=40, widget=widget, **kwargs)


class CodeForm(forms.Form):
    """A code of somebody who is known by then. Few wrong ones are looked at."""

    code = CodeField(
        label="Code",
        help_text="From your authenticator app, or one of your recovery codes.",
    )
    reauthenticated = False

    def __init__(self, *args: Any, user: User, attempt: sign_ins.Attempt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.attempt = attempt
        self.authenticator: Authenticator | None = None
        self.too_many: limits.TooMany | None = None
        if second_factor.of(user).app is None:
            self.fields["code"].label = "Recovery code"
            self.fields["code"].help_text = "One of those that you kept with your passkey."

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            sign_ins.begin(self.attempt)
            self.authenticator = second_factor.match(self.user, code)
        except limits.TooMany as too_many:
            self.too_many = too_many
            raise forms.ValidationError(too_many.user_message) from too_many
        except vault.Unreadable as error:
            raise forms.ValidationError(UNREADABLE if specimen.fits() else NOT_HERE) from error
        if self.authenticator is None:
            sign_ins.fail(self.attempt)
            raise get_adapter().validation_error("incorrect_code")
        sign_ins.succeed(self.attempt)
        return code

    def save(self) -> None:
        """Put on this session's record that it was right."""
        if self.authenticator is not None:
            self.authenticator.user = self.user
            post_authentication(
                context.request, self.authenticator, reauthenticated=self.reauthenticated
            )


class CodeAgainForm(CodeForm):
    """The same of somebody who is signed in."""

    reauthenticated = True


class AppForm(ActivateTOTPForm):
    """The first code of an app, which proves that it has the secret."""

    code = CodeField(label="Code", help_text="The six digits that the app shows now.")
    step = 0

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        step = second_factor.step_of(self.secret, code)
        if step is None:
            raise forms.ValidationError(
                "That code is not right. If it is the one that the app shows, the clock of your "
                "phone may be wrong."
            )
        self.step = step
        return code


class Signed:
    """What a browser has signed. What somebody made up may be of any shape, and is no error."""

    def full_clean(self) -> None:
        try:
            super().full_clean()  # type: ignore[misc]
        except (AttributeError, KeyError, TypeError, ValueError):
            self.add_error(None, get_adapter().validation_error("incorrect_code"))  # type: ignore[attr-defined]


class PasskeyLoginForm(Signed, LoginWebAuthnForm):
    """A passkey in place of name and password."""


class PasskeyStepForm(Signed, AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class PasskeyAgainForm(Signed, ReauthenticateWebAuthnForm):
    """The same of somebody who is signed in."""


class PasskeyForm(Signed, AddWebAuthnForm):
    """A new passkey, as the browser has made it."""

    name = WordsField(
        max_length=60,
        required=False,
        label="Name",
        help_text="To tell your passkeys apart, such as “Phone” or “Key on my ring”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    passwordless = forms.BooleanField(
        required=False,
        initial=True,
        label="Sign in with it alone, without name and password",
    )
