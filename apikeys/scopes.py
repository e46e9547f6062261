"""What a key may do, by name."""

from enum import StrEnum


class Scope(StrEnum):
    """Every scope there is; a key made without a choice gets all, stored by name, so a later one is not given away."""

    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    DATA_READ = "data:read"
    DATA_WRITE = "data:write"

    @property
    def sentence(self) -> str:
        """What it allows, for people and for refusals."""
        return SENTENCES[self]


SENTENCES = {
    Scope.USERS_READ: "read users",
    Scope.USERS_WRITE: "create users",
    Scope.DATA_READ: "read wearable data",
    Scope.DATA_WRITE: "write wearable data",
}
ALL = tuple(Scope)
READING = (Scope.USERS_READ, Scope.DATA_READ)


def in_order(scopes) -> list[str]:
    """The given scopes once each, in the order of the enum."""
    given = set(scopes)
    return [scope.value for scope in ALL if scope in given]
