"""What a team's owners are told about keys; `accounts.notices` sends it."""

from accounts import notices


def key_made(key) -> None:
    """A new live key: every owner should know of it."""
    if key.environment == "live":
        notices.send("live_key_made", notices.owners_of(key.team), key=key, team=key.team, maker=key.created_by)


def key_sent_in_clear(key, *, revoked: bool) -> None:
    """A live key came over plain HTTP: whoever stood between may have it."""
    notices.send("key_sent_in_clear", notices.owners_of(key.team), key=key, team=key.team, revoked=revoked)
