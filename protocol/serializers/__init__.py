"""What may be sent: the kinds of `fields`, the `strict` serializers made of them, the `faults` that both find."""

from protocol.serializers.faults import faults_of
from protocol.serializers.fields import (
    ChoiceField,
    EmailText,
    FlagField,
    IdField,
    ListField,
    MomentField,
    NumberField,
    SecretField,
    TextField,
    WholeField,
    is_plain,
)
from protocol.serializers.strict import Anything, Nothing, StrictSerializer

__all__ = [
    "Anything",
    "ChoiceField",
    "EmailText",
    "FlagField",
    "IdField",
    "ListField",
    "MomentField",
    "Nothing",
    "NumberField",
    "SecretField",
    "StrictSerializer",
    "TextField",
    "WholeField",
    "faults_of",
    "is_plain",
]
