"""What a password may be, after NIST SP 800-63B: long rather than odd, and not one that everybody tries."""

from django.core.exceptions import ValidationError

MAX_BYTES = 1024  # a longer one would make the server hash for the sender's pleasure
CONTEXT_WORDS = ("openwearables", "open wearables", "open-wearables")


class MaxBytesValidator:
    """Refuses a password past MAX_BYTES, and characters that no database takes."""

    def validate(self, password, user=None):
        """Raise ValidationError for one that is too long."""
        if len(password.encode("utf-8", "replace")) > MAX_BYTES:
            raise ValidationError("This password is too long: 1,024 bytes at most.", "password_too_long")
        if "\0" in password:
            raise ValidationError("This password holds a NUL character.", "null_characters_not_allowed")

    def get_help_text(self):
        """For forms."""
        return "At most 1,024 bytes; spaces and every character are welcome."


class ContextWordsValidator:
    """Refuses a password that is little more than the name of this product."""

    def validate(self, password, user=None):
        """Raise ValidationError when what is left beside our name is short."""
        rest = password.lower()
        for word in CONTEXT_WORDS:
            rest = rest.replace(word, "")
        if rest != password.lower() and len(rest) < 8:
            raise ValidationError("This password is too close to the name of this product.", "password_too_common")

    def get_help_text(self):
        """For forms."""
        return "Not the name of this product."
