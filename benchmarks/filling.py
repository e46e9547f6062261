"""Large tables in little time: rows by SQL, and keys whose text is known here."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from apikeys import keys
from benchmarks.databases import multiply, uuid7
from benchmarks.servers import Ours

chance = random.Random(7)  # nobody guards anything with these keys


def fresh_keys(how_many: int) -> list[keys.Key]:
    """Well-formed live keys, quickly."""
    found = []
    for _ in range(how_many):
        letters = "".join(chance.choices(keys.ALPHABET, k=keys.PUBLIC_ID_LENGTH + keys.SECRET_LENGTH))
        public_id = letters[: keys.PUBLIC_ID_LENGTH]
        unsigned = f"ow_live_{public_id}_{letters[keys.PUBLIC_ID_LENGTH :]}"
        found.append(keys.Key("live", public_id, unsigned + keys.checksum(unsigned)))
    return found


def add_keys(connection: psycopg.Connection, how_many: int) -> list[str]:
    """Keys that are good, dealt to all teams; answers their texts."""
    pepper_id, _, pepper = Ours.secrets["API_KEY_PEPPERS"].partition(":")
    made = fresh_keys(how_many)
    connection.execute("CREATE TEMPORARY TABLE fresh (n serial, public_id text, digest bytea)")
    with connection.cursor().copy("COPY fresh (public_id, digest) FROM STDIN") as copy:
        for key in made:
            copy.write_row((key.public_id, keys.digest(key, pepper)))
    multiply(
        connection,
        "apikeys_apikey",
        dealt(connection, "SELECT * FROM fresh"),
        id="gen_random_uuid()",
        team_id="teams.id",
        public_id="n.public_id",
        digest="n.digest",
        pepper_id=f"'{pepper_id}'",
    )
    connection.execute("DROP TABLE fresh")
    return [key.text for key in made]


def add_filler(connection: psycopg.Connection, start: int, how_many: int) -> None:
    """Keys that nobody knows, to make the table large: rows start … start + how_many."""
    multiply(
        connection,
        "apikeys_apikey",
        dealt(connection, f"SELECT generate_series({start}, {start + how_many - 1}) AS n"),
        id=uuid7("n.n"),
        team_id="teams.id",
        public_id="substr(translate(encode(sha256(n.n::text::bytea), 'base64'), '+/=', 'abc'), 1, 12)",
        digest="sha256(n.n::text::bytea)",
    )


def add_teams(connection: psycopg.Connection, how_many: int) -> None:
    """Teams without developers."""
    multiply(connection, "accounts_team", f"generate_series(1, {how_many}) AS n(n)", id=uuid7("n.n"))


def add_people(connection: psycopg.Connection, start: int, how_many: int, team: str = "") -> None:
    """End users start … start + how_many, of one team (its id) or dealt to all."""
    rows = f"SELECT generate_series({start}, {start + how_many - 1}) AS n"
    multiply(
        connection,
        "wearables_enduser",
        f"({rows}) AS n" if team else dealt(connection, rows),
        id=uuid7("n.n"),
        team_id=f"'{team}'::uuid" if team else "teams.id",
        email="'person-' || n.n || '@example.com'",
        external_user_id="'ext-' || n.n",
        created_at=f"now() - interval '1 second' * ({start + how_many} - n.n)",
    )


@contextmanager
def late_indexes(connection: psycopg.Connection, table: str) -> Iterator[None]:
    """Leave a table's indexes out, but the primary key, while it is filled; build them by sorting afterwards."""
    constraints = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'",
        [table],
    ).fetchall()
    for name, _ in constraints:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table],
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    connection.execute("SET maintenance_work_mem = '1GB'")
    for _, definition in indexes:
        connection.execute(definition)
    for name, definition in constraints:
        connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def dealt(connection: psycopg.Connection, rows: str) -> str:
    """SQL: the FROM item `rows`, with a column n, beside `teams` (of id), which take turns."""
    (count,) = connection.execute("SELECT count(*) FROM accounts_team").fetchone()
    numbered = "SELECT id, row_number() OVER (ORDER BY id) - 1 AS turn FROM accounts_team"
    return f"({rows}) AS n JOIN ({numbered}) AS teams ON teams.turn = n.n % {count}"
