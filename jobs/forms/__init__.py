"""What people type in, checked; each form gives back plain values."""

from jobs.forms.composer import PROMPT_LENGTH_MAX, ComposerForm
from jobs.forms.fields import digits
from jobs.forms.keys import KeyForm, SigningKeyForm
from jobs.forms.team import GrantForm, PersonForm, PriceForm, ProjectForm, SetupForm

__all__ = [
    "PROMPT_LENGTH_MAX",
    "ComposerForm",
    "GrantForm",
    "KeyForm",
    "PersonForm",
    "PriceForm",
    "ProjectForm",
    "SetupForm",
    "SigningKeyForm",
    "digits",
]
