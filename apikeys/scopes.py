"""What a key may do, by name."""

from enum import StrEnum

from django.utils.translation import gettext_noop


class Scope(StrEnum):
    """Every scope there is; a key made without a choice gets all, stored by name, so a later one is not given away."""

    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    DATA_READ = "data:read"
    DATA_WRITE = "data:write"

    @property
    def sentence(self) -> str:
        """What it allows, for refusals and, translated, for people."""
        return SENTENCES[self]


SENTENCES = {
    Scope.USERS_READ: gettext_noop("read users"),
    Scope.USERS_WRITE: gettext_noop("create users"),
    Scope.DATA_READ: gettext_noop("read wearable data"),
    Scope.DATA_WRITE: gettext_noop("write wearable data"),
}
ALL = tuple(Scope)
READING = (Scope.USERS_READ, Scope.DATA_READ)


def in_order(scopes) -> list[str]:
    """The given scopes once each, in the order of the enum."""
    given = set(scopes)
    return [scope.value for scope in ALL if scope in given]
