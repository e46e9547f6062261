"""Deleting what is old, a batch at a time: no lock is held long, and others write in between."""

from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from protocol.locks import alone

BATCH = 5_000  # rows that one transaction deletes at most


def id_at(moment) -> UUID:
    """The lowest UUIDv7 of a moment (RFC 9562 §5.7): ids below it are older, so the primary key finds what is old."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def delete_some(rows: QuerySet) -> int:
    """Delete at most BATCH of these rows, by their primary key; answers how many.

    Only for rows that no foreign key leads to: the database alone deletes, and Django follows nothing.
    """
    meta = rows.model._meta
    key = [field.attname for field in meta.pk_fields]
    found, values = rows.order_by().values_list(*key)[:BATCH].query.sql_with_params()
    quoted = ", ".join(connection.ops.quote_name(field.column) for field in meta.pk_fields)
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(meta.db_table)
        cursor.execute(f"DELETE FROM {table} WHERE ({quoted}) IN ({found})", values)  # noqa: S608 - names of columns
        return cursor.rowcount


def prune(lock: str, rows: QuerySet, delete=delete_some) -> int:
    """Delete all of these rows, each batch in a transaction of its own; answers how many.

    Args:
        lock: the name of the job: two servers never prune the same table at once.
        delete: takes the rows, deletes at most a batch of them and answers how many.

    Raises:
        Busy: another server prunes now.
    """
    total = 0
    while True:
        with alone(lock):
            done = delete(rows)
        total += done
        if not done:
            return total
