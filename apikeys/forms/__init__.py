"""The forms of the key pages. They only translate: what may be said is decided by the API's serializers."""

from apikeys.forms.key import KeyEditForm, KeyForm
from apikeys.forms.listing import KeyFilter, without_secret
from apikeys.forms.refusals import RefusalForm
from apikeys.forms.requests import RequestFilter
from apikeys.forms.revoking import RevokeForm
from apikeys.forms.rotation import RotateForm

__all__ = [
    "KeyEditForm",
    "KeyFilter",
    "KeyForm",
    "RefusalForm",
    "RequestFilter",
    "RevokeForm",
    "RotateForm",
    "without_secret",
]
