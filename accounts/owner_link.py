"""The one-time link that makes the first owner, printed by `./run` while there is no developer.

The link is a signed time and nothing is stored: what makes it work once is that it makes the *first* developer, and the
database lets only one be the first. Signing covers 128 random bits, which log filters mask: what is left of a logged
link opens nothing.
"""

import secrets

from django.core import signing
from django.db import connection, transaction
from django.urls import reverse

from accounts.models import Developer

LIFE = 24 * 3600  # seconds
SALT = "accounts.owner_link"
LOCK = 0x0A0D18  # the advisory lock's number: one first owner at a time


def make() -> str | None:
    """The path of a fresh link; None when there is a developer already."""
    if Developer.objects.exists():
        return None
    return reverse("first-owner", args=[signing.dumps({"once": secrets.token_urlsafe(16)}, salt=SALT)])


def verify(token: str) -> bool:
    """Whether a link is ours, young enough, and still the first."""
    try:
        signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return False
    return not Developer.objects.exists()


@transaction.atomic
def consume(token: str, *, email: str, password: str, **names: str) -> Developer | None:
    """Make the first developer, an operator; None when the link is no good or somebody was faster.

    Others wait for the lock and then see the developer: on PostgreSQL an advisory lock, on SQLite the transaction
    itself, which is IMMEDIATE and so alone from its beginning.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if not verify(token):
        return None
    return Developer.objects.create_superuser(email, password, **names)
