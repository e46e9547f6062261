"""What the text of a pasted key shows by itself: its length, its checksum, its environment. No database is asked."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from apikeys import keys

LIVE, TEST = "ow_live_", "ow_test_"


class Shape(StrEnum):
    """What is off with it, if anything."""

    WHOLE = "whole"
    SHORT = "short"
    LONG = "long"
    CHECKSUM = "checksum"
    ENVIRONMENT = "environment"
    CHARACTER = "character"
    START = "start"
    ACCESS = "access"

    @property
    def sentence(self):
        """The same for people."""
        return SENTENCES[self]


SENTENCES = {
    Shape.WHOLE: _("By its text it is a whole key: the length and the checksum are right."),
    Shape.SHORT: _("It is shorter than the 70 characters of a key: it was not copied whole."),
    Shape.LONG: _("It is longer than the 70 characters of a key: a quote, a line break or two keys in a row?"),
    Shape.CHECKSUM: _("Its checksum does not match: a character was cut, mistyped or changed."),
    Shape.ENVIRONMENT: _(
        "Its environment was changed: the checksum says that “live” and “test” were swapped. A test key can’t be made "
        "a live one by its name."
    ),
    Shape.CHARACTER: _("It holds a character that no key has: keys are letters and digits."),
    Shape.START: _("Keys begin with ow_live_ or ow_test_, and this one does not."),
    Shape.ACCESS: _("It is an access or refresh token, no key. Tokens are short-lived; sign in for a new one."),
}


def shape_of(text: str) -> Shape:
    """What the text of something that should be a key shows."""
    if text.startswith("eyJ"):
        return Shape.ACCESS
    if not text.startswith((LIVE, TEST)):
        return Shape.START
    if _is_key(text):
        return Shape.WHOLE
    if len(text) != keys.KEY_LENGTH:
        return Shape.SHORT if len(text) < keys.KEY_LENGTH else Shape.LONG
    if not keys.PATTERN.fullmatch(text):
        return Shape.CHARACTER
    swapped = (TEST if text.startswith(LIVE) else LIVE) + text[len(LIVE) :]
    return Shape.ENVIRONMENT if _is_key(swapped) else Shape.CHECKSUM


def _is_key(text: str) -> bool:
    try:
        keys.parse(text)
    except keys.MalformedKey:
        return False
    return True
