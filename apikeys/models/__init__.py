"""The key and what it is made with."""

from apikeys import scopes
from apikeys.models.api_key import DEFAULT_OVERLAP, DESCRIPTION_LENGTH, LONGEST_OVERLAP, NAME_LENGTH, ApiKey
from apikeys.models.fields import WordsField

# What a key gets when nothing is said.
DEFAULT_SCOPES = scopes.in_order(scopes.ALL)

__all__ = [
    "DEFAULT_OVERLAP",
    "DEFAULT_SCOPES",
    "DESCRIPTION_LENGTH",
    "LONGEST_OVERLAP",
    "NAME_LENGTH",
    "ApiKey",
    "WordsField",
]
