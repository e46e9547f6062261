"""SQL by hand: prepared on PostgreSQL, asked again on a connection that went stale."""

import pytest
from django.db import NotSupportedError, OperationalError, connection, connections

from protocol import sql

ONE = "SELECT %s::int + 1" if connection.vendor == "postgresql" else "SELECT %s + 1"
postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite prepares everything itself")


@postgresql
def test_a_statement_is_prepared_once_and_kept(transactional_db):
    for number in range(3):
        assert sql.fetch_row(ONE, (number,)) == (number + 1,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int + 1'")
        assert cursor.fetchone() == (1,)


@postgresql
def test_a_connection_that_was_cut_while_it_was_idle_is_replaced(transactional_db):
    assert sql.fetch_row(ONE, (1,)) == (2,)
    connection.connection.pgconn.finish()
    assert sql.fetch_row(ONE, (1,)) == (2,)


@postgresql
def test_a_migration_that_changes_what_a_prepared_statement_answers_costs_one_more_question(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE sketch (size int)")
        cursor.execute("INSERT INTO sketch VALUES (1)")
    try:
        assert sql.fetch_row("SELECT size FROM sketch", ()) == (1,)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE sketch ALTER size TYPE bigint, ADD note text")
        assert sql.fetch_row("SELECT size FROM sketch", ()) == (1,)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE sketch")


@pytest.mark.parametrize("error", [OperationalError, NotSupportedError])
def test_what_fails_twice_is_told(transactional_db, monkeypatch, error):
    def broken(statement, params):
        asked.append(statement)
        raise error("no")

    asked = []
    sql.fetch_row(ONE, (1,))
    monkeypatch.setattr(sql, "_fetch", broken)
    monkeypatch.setattr(type(connections["default"]), "is_usable", lambda self: False)
    with pytest.raises(error):
        sql.fetch_row(ONE, (1,))
    assert len(asked) == 2


def test_what_may_not_run_twice_does_not(transactional_db, monkeypatch):
    def broken(statement, params):
        asked.append(statement)
        raise OperationalError("no")

    asked = []
    sql.fetch_row(ONE, (1,))
    monkeypatch.setattr(sql, "_fetch", broken)
    monkeypatch.setattr(type(connections["default"]), "is_usable", lambda self: False)
    with pytest.raises(OperationalError):
        sql.fetch_row(ONE, (1,), again=False)
    assert len(asked) == 1
