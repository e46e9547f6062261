"""PostgreSQL databases that live as long as a run: ow_bench_<pid>_<what>. Others on the same server are not touched."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

PREFIX = "ow_bench_"


class Databases:
    """Makes databases on one server, and takes them away.

    Args:
        server: postgres://user:password@host:port, whose user may create databases and is a superuser.
    """

    def __init__(self, server: str):
        self.server = server.rstrip("/")
        self.made: list[str] = []
        self.sweep()

    def make(self, what: str, template: str = "") -> str:
        """The URL of a new database, which takes rows fast; `template`: the URL of one that nobody is connected to."""
        url = self.url(what)
        name = url.rpartition("/")[2]
        copied = f'TEMPLATE "{template.rpartition("/")[2]}"' if template else ""
        self._run(f'CREATE DATABASE "{name}" {copied}')
        self.made.append(name)
        self._run(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        return url

    def url(self, what: str) -> str:
        """Where the database of that name is, or will be."""
        return f"{self.server}/{PREFIX}{os.getpid()}_{what}"

    def settle(self) -> None:
        """Let each COMMIT wait for the disk again, as the server is set up, before anything is measured."""
        for name in self.made:
            self._run(f'ALTER DATABASE "{name}" RESET synchronous_commit')

    def drop_all(self) -> None:
        """Take away what was made here."""
        for name in self.made:
            self._drop(name)
        self.made.clear()

    def sweep(self) -> None:
        """Take away what runs that are gone left behind."""
        for (name,) in self._run("SELECT datname FROM pg_database WHERE datname LIKE %s", f"{PREFIX}%"):
            found = re.fullmatch(rf"{PREFIX}(\d+)_\w+", name)
            if found and not Path(f"/proc/{found[1]}").exists():
                self._drop(name)

    def _drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str, *values) -> list[tuple]:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def filling(url: str) -> Iterator[psycopg.Connection]:
    """A connection for bulk loads, without triggers and foreign key checks, that analyzes when it is done."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        yield connection
        connection.execute("VACUUM ANALYZE accounts_team, apikeys_apikey, wearables_enduser, apikeys_usageday")


def multiply(connection: psycopg.Connection, table: str, rows: str, **columns: str) -> None:
    """Copy one row of `table` for each row of the FROM item `rows`, with some columns said anew, in SQL.

    What is not said is as in the copied row, so a column that a later migration adds needs no change here.
    """
    names = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", [table]
    ).fetchall()
    chosen = [f'"{name}"' for (name,) in names]
    values = [columns.get(name, f'sample."{name}"') for (name,) in names]
    connection.execute(
        f"INSERT INTO {table} ({', '.join(chosen)}) SELECT {', '.join(values)}"
        f" FROM (SELECT * FROM {table} LIMIT 1) AS sample, {rows}"
    )


def uuid7(number: str) -> str:
    """SQL: a UUIDv7 for a row number, later numbers later, a thousand a second from a fixed day on."""
    return (
        f"(lpad(to_hex(1750000000000 + {number}), 12, '0') || '7' || substr(md5({number}::text), 1, 3)"
        f" || '8' || substr(md5({number}::text), 4, 15))::uuid"
    )


def empty_redis(server: str) -> str:
    """The URL of a Redis database that nobody uses, from the last one down; of a URL that names one, that one."""
    base = server.rstrip("/")
    if urlsplit(base).path:
        return base
    for number in range(15, 0, -1):
        with redis.Redis.from_url(f"{base}/{number}") as client:
            if client.dbsize() == 0:
                return f"{base}/{number}"
    raise RuntimeError(f"every Redis database of {base} is in use: say REDIS_SERVER")
