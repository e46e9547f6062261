"""A column type of keys."""

from django.db import models


class WordsField(models.TextField):
    """A short list of words without spaces, kept as one text: readable in SQL, and cheap on the hot path."""

    def from_db_value(self, value, expression, connection):
        """Text to list."""
        return value.split() if value is not None else value

    def to_python(self, value):
        """Text or list to list."""
        return value.split() if isinstance(value, str) else value

    def get_prep_value(self, value):
        """List to text."""
        return " ".join(value) if isinstance(value, list | tuple) else value
