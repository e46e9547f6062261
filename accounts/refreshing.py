"""One refresh, one statement: the UPDATE that moves a session on to its next generation.

The database decides between simultaneous callers. Generation and liveness are plain columns of the row that is updated,
so PostgreSQL looks at them again once it has waited for whoever was faster; a filter across a relation would become
`id IN (SELECT …)`, which lets several callers win. Disabling a developer closes the sessions in the same transaction,
so the EXISTS needs no second look.
"""

import uuid

from django.conf import settings
from django.utils import timezone

from accounts.models import Session
from protocol.sql import Columns, fetch_row

ROTATED = Columns(Session, "accounts_session")
LARGEST_GENERATION = 2**31 - 1  # what the column holds
ROTATE = f"""
    UPDATE accounts_session
    SET generation = generation + 1, rotated_at = %s, last_used_at = %s, rotated_ip = %s, rotated_user_agent = %s,
        expires_at = CASE WHEN ends_at < %s THEN ends_at ELSE %s END
    WHERE id = %s AND developer_id = %s AND generation = %s AND kind = 'api'
      AND closed_at IS NULL AND expires_at > %s AND ends_at > %s
      AND EXISTS (SELECT 1 FROM accounts_developer d WHERE d.id = accounts_session.developer_id AND d.is_active)
    RETURNING {ROTATED.sql}
"""  # noqa: S608 - names of columns


def rotate(claims, caller: tuple[str | None, str]) -> Session | None:
    """Move the session that `claims` name from their generation to the next, and answer it as it is now.

    None when somebody else was faster, or the session or its developer is over: the caller looks which. Asked twice for
    want of an answer, the second time is such a None, and the caller a retry: nothing is rotated twice.

    Args:
        claims: of a verified refresh token.
        caller: address and agent (`protocol.current.caller_of`).
    """
    generation = claims["gen"]
    if not 0 < generation < LARGEST_GENERATION:
        return None
    now = timezone.now()
    idle_end = Session.idle_end(now)
    ids = (uuid.UUID(claims["sid"]), uuid.UUID(claims["sub"]))
    # Without a leeway nobody forgives a second time, not even ours after a lost answer: then the caller gets a 503.
    forgiven = settings.REFRESH_LEEWAY > 0
    row = fetch_row(ROTATE, (now, now, *caller, idle_end, idle_end, *ids, generation, now, now), again=forgiven)
    return ROTATED.row(row) if row else None
