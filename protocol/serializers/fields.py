"""The kinds of field: each takes its own JSON type in one spelling, and guesses at nothing."""

import re
import unicodedata

from rest_framework import serializers

from protocol.ids import read_id
from protocol.masking import holds_key

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


class EmailText(TextField, serializers.EmailField):
    """An e-mail address: a string and only a string."""

    default_error_messages = {"invalid": "Enter a valid e-mail address."}


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


class NumberField(serializers.IntegerField):
    """A whole number in a query: digits of ASCII, perhaps a minus; Python reads `1_0`, ` 1` and `1.0` too."""

    def to_internal_value(self, data):
        """Refuse every other spelling."""
        if not re.fullmatch(r"-?[0-9]+", data):
            self.fail("invalid")
        return super().to_internal_value(data)


class IdField(serializers.UUIDField):
    """An id as text in its usual spelling: no number, no URN, no braces."""

    def to_internal_value(self, data):
        """Read it as a path is read; what nothing has is for subclasses to refuse, as `not_found`."""
        found = read_id(data) if isinstance(data, str) else None
        if found is None:
            self.fail("invalid")
        return found


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


class ListField(serializers.ListField):
    """A list, whose length is looked at before what is in it: of 30,000 wrong words one fault tells enough."""

    def to_internal_value(self, data):
        """Refuse a list that is too long unread."""
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)
