"""The forms of a developer's own pages."""

from accounts.forms.audit import AuditFilter
from accounts.forms.closing import ClosingForm
from accounts.forms.factors import AppForm, CodeForm, NewPasskeyForm, PasskeyForm, PasskeyNameForm, PasskeySignInForm
from accounts.forms.first_owner import FirstOwnerForm
from accounts.forms.profile import NamesForm, PasswordForm
from accounts.forms.sign_in import ConfirmForm, SignInForm

__all__ = [
    "AppForm",
    "AuditFilter",
    "ClosingForm",
    "CodeForm",
    "ConfirmForm",
    "FirstOwnerForm",
    "NamesForm",
    "NewPasskeyForm",
    "PasskeyForm",
    "PasskeyNameForm",
    "PasskeySignInForm",
    "PasswordForm",
    "SignInForm",
]
