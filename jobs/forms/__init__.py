"""The forms that people fill in; each checks what was typed and gives back plain values."""

from jobs.forms.accounts.joining import JoinForm, SetupForm
from jobs.forms.accounts.keys import AccountForm, JoinKeysForm, KeyForm, SigningKeyForm, key_label
from jobs.forms.accounts.profile import AddressForm, ShownNameForm
from jobs.forms.accounts.second_factor import (
    AppForm,
    CodeAgainForm,
    CodeForm,
    PasskeyAgainForm,
    PasskeyForm,
    PasskeyLoginForm,
    PasskeyStepForm,
)
from jobs.forms.accounts.signing_in import (
    EndSessionForm,
    ForgotForm,
    NewPasswordForm,
    PasswordForm,
    ProofForm,
    SignInForm,
)
from jobs.forms.batches.handing_in import ChangeBatchForm, HandInForm, OrderBatchForm
from jobs.forms.fields import digits, search_words, tag_words
from jobs.forms.library.choosing import ChoosingForm
from jobs.forms.library.filters import LibraryForm
from jobs.forms.library.keeping import MoveForm, TitleForm
from jobs.forms.library.saved_views import NewViewForm, SavedViewForm
from jobs.forms.news import WishesForm
from jobs.forms.ordering.building_on import ExtendForm, UpgradeForm
from jobs.forms.ordering.composer import ComposerForm
from jobs.forms.ordering.offered import MODES, find_model
from jobs.forms.ordering.order import OrderForm, PromptForm
from jobs.forms.ordering.promoting import PromoteForm
from jobs.forms.own_names import OwnNameForm
from jobs.forms.presets import PresetForm, PresetNameForm
from jobs.forms.projects import ProjectDetailsForm, ProjectForm
from jobs.forms.shares.gate import UnlockForm
from jobs.forms.shares.review import AnswerForm, ReviewForm
from jobs.forms.shares.terms import ShareForm
from jobs.forms.team.audit import AuditFilterForm
from jobs.forms.team.budgets import (
    AllowanceForm,
    AskForm,
    DeclineForm,
    GrantForm,
    ProjectCapForm,
    RaiseForm,
    TeamCapForm,
)
from jobs.forms.team.people import (
    InviteForm,
    LeaveForm,
    ReasonForm,
    RemoveFactorForm,
    RoleForm,
    SignOutForm,
    TeamForm,
)
from jobs.forms.team.prices import (
    OfferForm,
    PriceForm,
    RateForm,
    TakeOverForm,
    WithdrawForm,
    by_second,
)
from jobs.forms.team.strays import AdoptForm, NameStrayForm
from jobs.forms.templates import FillForm, TemplateForm
from jobs.forms.usage import UsageForm

__all__ = [
    "MODES",
    "AccountForm",
    "AddressForm",
    "AdoptForm",
    "AllowanceForm",
    "AnswerForm",
    "AppForm",
    "AskForm",
    "AuditFilterForm",
    "ChangeBatchForm",
    "ChoosingForm",
    "CodeAgainForm",
    "CodeForm",
    "ComposerForm",
    "DeclineForm",
    "EndSessionForm",
    "ExtendForm",
    "FillForm",
    "ForgotForm",
    "GrantForm",
    "HandInForm",
    "InviteForm",
    "JoinForm",
    "JoinKeysForm",
    "KeyForm",
    "LeaveForm",
    "LibraryForm",
    "MoveForm",
    "NameStrayForm",
    "NewPasswordForm",
    "NewViewForm",
    "OfferForm",
    "OrderBatchForm",
    "OrderForm",
    "OwnNameForm",
    "PasskeyAgainForm",
    "PasskeyForm",
    "PasskeyLoginForm",
    "PasskeyStepForm",
    "PasswordForm",
    "PresetForm",
    "PresetNameForm",
    "PriceForm",
    "ProjectCapForm",
    "ProjectDetailsForm",
    "ProjectForm",
    "PromoteForm",
    "PromptForm",
    "ProofForm",
    "RaiseForm",
    "RateForm",
    "ReasonForm",
    "RemoveFactorForm",
    "ReviewForm",
    "RoleForm",
    "SavedViewForm",
    "SetupForm",
    "ShareForm",
    "ShownNameForm",
    "SignInForm",
    "SignOutForm",
    "SigningKeyForm",
    "TakeOverForm",
    "TeamCapForm",
    "TeamForm",
    "TemplateForm",
    "TitleForm",
    "UnlockForm",
    "UpgradeForm",
    "UsageForm",
    "WishesForm",
    "WithdrawForm",
    "by_second",
    "digits",
    "find_model",
    "key_label",
    "search_words",
    "tag_words",
]
