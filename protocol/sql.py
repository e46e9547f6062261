"""SQL by hand for the hot path: one prepared statement, one round trip, no ORM.

The ORM needs 650–750 µs to build and run a query that a prepared statement answers in about 100 (benchmarks/). So what
every request asks (who is this key, who is this session) is asked here, in SQL that both databases understand.
PostgreSQL answers with Python's types; SQLite has no UUIDs, zones and truths, which `as_uuid`,
`as_moment` and `Columns` turn back.
"""

import uuid
from datetime import UTC, datetime

from django.db import Error, NotSupportedError, connection
from psycopg import Cursor  # Django's own puts parameters into the text, which PostgreSQL then plans each time

from protocol.problems import DATABASE_AWAY


def fetch_row(sql: str, params: tuple, *, again: bool = True) -> tuple | None:
    """The first row that a statement answers, or None.

    A connection that went stale while it was idle is replaced once and the statement asked again, so that no health
    check has to ask first. It must therefore be one that may run twice: a SELECT, or an UPDATE that a second time
    finds nothing to do. `again=False` is for one that may not.

    Raises:
        django.db.Error
    """
    reused = connection.connection is not None and not connection.in_atomic_block
    try:
        return _fetch(sql, params)
    except DATABASE_AWAY:
        if not reused or not again or connection.is_usable():
            raise
    except NotSupportedError:  # a migration has changed what the prepared statement answers
        if not reused:
            raise
    connection.close()
    return _fetch(sql, params)


def _fetch(sql: str, params: tuple) -> tuple | None:
    if connection.connection is None or connection.queries_logged or connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, as_stored(params))
            return cursor.fetchone()
    try:
        with connection.wrap_database_errors:
            row = Cursor(connection.connection).execute(sql, params, prepare=True).fetchone()
    except Error:
        connection.errors_occurred = True  # so that Django looks at the connection before it keeps it
        raise
    connection.health_check_done = True  # type: ignore[attr-defined]
    return row


def as_stored(values: tuple) -> tuple:
    """Values as the database takes them in a statement by hand: PostgreSQL Python's own, SQLite text."""
    if connection.vendor == "postgresql":
        return values
    return tuple(
        value.hex
        if isinstance(value, uuid.UUID)
        else connection.ops.adapt_datetimefield_value(value)
        if isinstance(value, datetime)
        else value
        for value in values
    )


def as_uuid(value) -> uuid.UUID:
    """A UUID as the database answers it."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def as_moment(value) -> datetime | None:
    """A time, or null, as the database answers it; SQLite leaves its zone out, which is UTC."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Columns:
    """All columns of a model, to stand in a SELECT and to be made a row again.

    Args:
        model: whose columns.
        alias: of its table in the statement.
    """

    def __init__(self, model, alias: str) -> None:
        self.model = model
        self.fields = model._meta.concrete_fields
        self.names = [field.attname for field in self.fields]
        self.sql = ", ".join(f"{alias}.{field.column}" for field in self.fields)

    def __len__(self) -> int:
        return len(self.names)

    def row(self, values):
        """The model's instance, as a query of the ORM would make it."""
        if connection.vendor != "postgresql":
            values = [self._converted(field, value) for field, value in zip(self.fields, values, strict=True)]
        return self.model.from_db(connection.alias, self.names, values)

    @staticmethod
    def _converted(field, value):
        column = field.get_col("")
        for convert in (*connection.ops.get_db_converters(column), *field.get_db_converters(connection)):
            value = convert(value, column, connection)
        return value
