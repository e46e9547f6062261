"""One at a time over every server: a lock that lasts as long as its transaction.

PostgreSQL's advisory locks, of the transaction and not of the session: a pooler (PgBouncer) hands each transaction
another connection, and what a session holds would stay behind. On SQLite every transaction of ours begins IMMEDIATE,
so that there is never more than one.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


class Busy(Exception):
    """Somebody else is at it at this moment, and does what there is to do."""


def number_of(name: str) -> int:
    """The number under which PostgreSQL knows a lock: 64 bits, signed."""
    return int.from_bytes(hashlib.sha256(f"openwearables:{name}".encode()).digest()[:8], "big", signed=True)


@contextmanager
def alone(name: str) -> Iterator[None]:
    """A transaction that nobody else is in under the same name.

    Raises:
        Busy: somebody is; at once, without waiting (on SQLite it waits its turn instead, as every writer does).
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number_of(name)])
                if not cursor.fetchone()[0]:
                    raise Busy(name)
        yield
