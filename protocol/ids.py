"""Ids in paths: what is malformed gets the same answer as what does not exist."""

import uuid

from django.urls import register_converter

NOBODY = uuid.UUID(int=0)  # no row has it


class IdConverter:
    """One path segment as a UUID; a malformed one becomes the id that nothing has, so that every check still runs."""

    regex = "[^/]+"

    def to_python(self, value: str) -> uuid.UUID:
        """Read the usual spelling, in either case; braces, URNs and bare hex are malformed."""
        try:
            return uuid.UUID(value) if len(value) == 36 else NOBODY
        except ValueError:
            return NOBODY

    def to_url(self, value) -> str:
        """The usual spelling."""
        return str(value)


register_converter(IdConverter, "id")
