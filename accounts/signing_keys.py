"""What a change of JWT_SIGNING_KEYS means for the sessions that are open (`accounts.key_sets` writes the setting).

Tokens are not stored, so nothing knows which key signed which. But a session's refresh token was signed when the
session was last rotated: once every live session was rotated after an old key stopped signing, nothing of it is left.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from accounts.models import AuditEvent, Session, audit


@dataclass(frozen=True)
class Leftovers:
    """What may still be signed by a key that signs no more. Times are None where they are not known."""

    since: datetime | None  # when the key that signs now began to
    live: int  # API sessions that can be refreshed
    old: int | None  # … whose refresh token was signed before `since`
    oldest: datetime | None  # the oldest refresh token that is still good was signed then
    safe_at: datetime | None  # by then nothing of an older key is left, whatever anybody does

    @property
    def none_is_left(self) -> bool | None:
        """Whether older keys may go; None where `since` is not known."""
        if self.since is None:
            return None
        access_ended = self.since + timedelta(seconds=settings.ACCESS_TOKEN_LIFETIME) <= timezone.now()
        return self.old == 0 and access_ended


def note_promotion(kid: str) -> None:
    """Keep when a key was moved first, so that `leftovers` can count from then."""
    audit.record("command", audit.Action.SIGNING_KEY_PROMOTED, None, kid=kid)


def leftovers(since: datetime | None = None) -> Leftovers:
    """Count what older keys may still hold good.

    Args:
        since: when the last server began to sign with the first key; default: when that was promoted by command.
    """
    signing = next(iter(settings.JWT_SIGNING_KEYS))
    noted = AuditEvent.objects.filter(action=audit.Action.SIGNING_KEY_PROMOTED, data__kid=signing)
    since = since or noted.order_by("-at").values_list("at", flat=True).first()
    live = Session.objects.live().filter(kind=Session.Kind.API)
    longest = max(settings.REFRESH_TOKEN_LIFETIME, settings.ACCESS_TOKEN_LIFETIME)
    return Leftovers(
        since=since,
        live=live.count(),
        old=live.filter(rotated_at__lt=since).count() if since else None,
        oldest=live.aggregate(oldest=Min("rotated_at"))["oldest"],
        safe_at=since + timedelta(seconds=longest) if since else None,
    )


@transaction.atomic
def compromised(kid: str) -> int:
    """End every session of everybody at once, for a key that somebody else may hold; answers how many.

    Whoever holds the key can sign tokens for the sessions they have seen, and those are over.
    """
    ended = Session.objects.close(Session.Reason.KEY_COMPROMISED)
    audit.record("command", audit.Action.SIGNING_KEY_COMPROMISED, None, kid=kid, ended=ended)
    return ended
