"""The key and what it is made with."""

from apikeys import scopes
from apikeys.models.api_key import (
    DEFAULT_OVERLAP,
    DESCRIPTION_LENGTH,
    LONGEST_OVERLAP,
    NAME_LENGTH,
    STATUS_WORDS,
    ApiKey,
)
from apikeys.models.fields import WordsField
from apikeys.models.queryset import EXPIRES_SOON, UNUSED_AFTER
from apikeys.models.request import RequestRecord
from apikeys.models.usage import (
    BusiestKeys,
    EndpointDay,
    LastUse,
    Outcome,
    TeamEndpointDay,
    TeamHour,
    UsageBatch,
    UsageDay,
    UsageHour,
)
from apikeys.models.watch import KnownNetwork, Reminder

# What a key gets when nothing is said.
DEFAULT_SCOPES = scopes.in_order(scopes.ALL)

__all__ = [
    "DEFAULT_OVERLAP",
    "DEFAULT_SCOPES",
    "DESCRIPTION_LENGTH",
    "LONGEST_OVERLAP",
    "NAME_LENGTH",
    "STATUS_WORDS",
    "ApiKey",
    "BusiestKeys",
    "EXPIRES_SOON",
    "EndpointDay",
    "KnownNetwork",
    "LastUse",
    "Outcome",
    "Reminder",
    "RequestRecord",
    "TeamEndpointDay",
    "TeamHour",
    "UNUSED_AFTER",
    "UsageBatch",
    "UsageDay",
    "UsageHour",
    "WordsField",
]
