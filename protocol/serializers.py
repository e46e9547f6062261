"""Serializers that take what they were promised and nothing else."""

import re
import unicodedata
from urllib.parse import quote

from rest_framework import serializers

from protocol.masking import holds_key
from protocol.problems import Fault

FRAGMENT = "!$&'()*+,;=:@?-._~"  # what a fragment may hold unescaped beside letters and digits (RFC 3986 §3.5)
# They can make one name look like another (Unicode TR 36 §2.10).
BIDIRECTIONAL = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_plain(text: str) -> bool:
    """Whether a name holds neither control nor bidirectional characters."""
    return not any(c in BIDIRECTIONAL or unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in text)


class TextField(serializers.CharField):
    """A string, and only a string: DRF's own field turns numbers and true into text."""

    default_error_messages = {
        "not_plain": "Control and bidirectional characters are not allowed.",
        "secret": "This holds an API key: keys belong in a header, never in a name.",
    }

    def __init__(self, *, plain=True, **kwargs):
        self.plain = plain
        super().__init__(**kwargs)

    def to_internal_value(self, data):
        """Refuse everything that is not a str, then what a stored name may not hold."""
        if not isinstance(data, str):
            self.fail("invalid")
        value = super().to_internal_value(data)
        if self.plain and not is_plain(value):
            self.fail("not_plain")
        if self.plain and holds_key(value):
            self.fail("secret")
        return value


class ChoiceField(serializers.ChoiceField):
    """One of a few words; the refusal names them and does not repeat what was sent."""

    def __init__(self, choices, **kwargs):
        super().__init__(choices, **kwargs)
        self.error_messages["invalid_choice"] = f"Use one of: {', '.join(map(str, self.choices))}."


class SecretField(TextField):
    """A password or token: neither trimmed nor normalised."""

    def __init__(self, **kwargs):
        kwargs.setdefault("trim_whitespace", False)
        kwargs.setdefault("write_only", True)
        super().__init__(plain=False, **kwargs)


class WholeField(serializers.IntegerField):
    """A JSON whole number: no strings, no true."""

    def to_internal_value(self, data):
        """Refuse strings, booleans and fractions."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """JSON's true or false: not "yes", not 1."""

    def to_internal_value(self, data):
        """Refuse everything but a bool."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class MomentField(serializers.DateTimeField):
    """A time as ISO 8601 text with an offset or `Z`."""

    default_error_messages = {"naive": "Say the offset: end the time with Z."}

    def to_internal_value(self, value):
        """Refuse numbers, and times whose zone would have to be guessed."""
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        if not re.search(r"(?:[Zz]|[+-]\d\d:?\d\d)$", value):
            self.fail("naive")
        try:
            return super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")


class StrictSerializer(serializers.Serializer):
    """Refuses fields it does not know, read-only ones included."""

    def to_internal_value(self, data):
        """Report unknown fields beside every other fault."""
        unknown = set()
        if isinstance(data, dict) and not getattr(self, "ignore_unknown", False):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = {str(name) for name in data} - known
        errors = {
            name[:80]: [serializers.ErrorDetail("This field is not known here.", "unknown_field")]
            for name in sorted(unknown)
        }
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**error.detail, **errors}) from error  # type: ignore[dict-item]
        if errors:
            raise serializers.ValidationError(errors)
        return value


class Nothing(StrictSerializer):
    """The body or query of a call that takes none."""


class Anything(StrictSerializer):
    """The query of a call that takes none and ignores what it is sent (RFC 6749 §3.2)."""

    ignore_unknown = True


def faults_of(detail, *, in_query: bool, path: str = "") -> list[Fault]:
    """Flatten DRF's error detail into faults, each at its RFC 6901 pointer (or its parameter)."""
    if isinstance(detail, dict):
        return [
            fault
            for name, inner in detail.items()
            for fault in faults_of(inner, in_query=in_query, path=_below(path, name, inner, in_query))
        ]
    if isinstance(detail, list):
        found = []
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            if nested and inner:
                found += faults_of(inner, in_query=in_query, path=f"{path}/{number}")
            elif not nested:
                found += faults_of(inner, in_query=in_query, path=path)
        return found
    where = {"parameter": path} if in_query else {"pointer": f"#{path}"}
    return [Fault(str(detail), getattr(detail, "code", "invalid"), **where)]


def _below(path: str, name, inner, in_query: bool) -> str:
    """The place of `name` under `path`: a query is flat, a body's names stand in a fragment (RFC 6901 §6)."""
    codes = {getattr(fault, "code", "") for fault in inner}
    if name == "non_field_errors" and "unknown_field" not in codes:
        return path
    if in_query:
        return str(name)
    return f"{path}/{quote(str(name).replace('~', '~0').replace('/', '~1'), safe=FRAGMENT)}"
