"""What people type in, checked; each form gives back plain values."""

from jobs.forms.composer import MODES, PROMPT_LENGTH_MAX, ComposerForm, find_model
from jobs.forms.fields import digits
from jobs.forms.keys import AccountForm, KeyForm, SigningKeyForm
from jobs.forms.takes import ExtendForm, UpgradeForm
from jobs.forms.team import GrantForm, PersonForm, PriceForm, ProjectForm, SetupForm

__all__ = [
    "MODES",
    "PROMPT_LENGTH_MAX",
    "AccountForm",
    "ComposerForm",
    "ExtendForm",
    "GrantForm",
    "KeyForm",
    "PersonForm",
    "PriceForm",
    "ProjectForm",
    "SetupForm",
    "SigningKeyForm",
    "UpgradeForm",
    "digits",
    "find_model",
]
