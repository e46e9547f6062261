"""Ids as text, and in paths, where what is malformed gets the same answer as what does not exist."""

import re
import uuid

from django.urls import register_converter

NOBODY = uuid.UUID(int=0)  # no row has it
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")  # what may stand in X-Request-ID (contract §1)
SPELLING = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")  # RFC 9562 §4


def read_id(text: str) -> uuid.UUID | None:
    """The UUID that is written here, in either case; None for every spelling that Python would guess at."""
    return uuid.UUID(text) if SPELLING.fullmatch(text) else None


class IdConverter:
    """One path segment as a UUID; a malformed one becomes the id that nothing has, so that every check still runs."""

    regex = "[^/]+"

    def to_python(self, value: str) -> uuid.UUID:
        """What is malformed becomes NOBODY."""
        return read_id(value) or NOBODY

    def to_url(self, value) -> str:
        """The usual spelling."""
        return str(value)


class RequestIdConverter:
    """One path segment as what may stand in X-Request-ID (contract §1); every check runs for a malformed one too."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """What is malformed becomes the empty id, which no request has."""
        return value if REQUEST_ID.fullmatch(value) else ""

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(IdConverter, "id")
register_converter(RequestIdConverter, "request")
