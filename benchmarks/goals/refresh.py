"""Goal 6: a refresh over HTTP, and what it leaves behind, beside SimpleJWT with rotation and token_blacklist.

Each token is exchanged for its successor, which is exchanged in turn. Bytes are those of the tables of sessions, tokens
and audit with their indexes, after VACUUM FULL; should any other table grow with the refreshes, the figure names it.
"""

import time

import psycopg

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_least, at_most, told
from benchmarks.load import RefreshLoad, interleave, ratio

GOALS = (6,)
SECONDS = (16, 60)
SERVERS = ("ours", "peers")
WRITTEN = ("accounts_session", "accounts_auditevent")
WRITTEN += ("token_blacklist_outstandingtoken", "token_blacklist_blacklistedtoken")
OURS, PEER = "ours, refresh", "SimpleJWT refresh, rotation + blacklist"


def rows_of(connection: psycopg.Connection) -> dict[str, int]:
    """How many rows each table holds."""
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables}


def kept(database: str) -> tuple[int, dict[str, int]]:
    """(bytes of the tables that a refresh writes, rows of all tables), without slack."""
    with psycopg.connect(database, autocommit=True) as connection:
        rows = rows_of(connection)
        written = [name for name in WRITTEN if name in rows]
        wait_until_quiet(connection)
        connection.execute(f"VACUUM FULL {', '.join(written)}")
        total = "SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest(%s::text[]) AS name"
        return connection.execute(total, [written]).fetchone()[0], rows


def wait_until_quiet(connection: psycopg.Connection) -> None:
    """Wait until nobody else reads or writes the database, ten seconds at most: an old snapshot keeps dead rows."""
    busy = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)"
    )
    ends = time.monotonic() + 10
    while connection.execute(busy).fetchone()[0] and time.monotonic() < ends:
        time.sleep(0.05)


def measure(bench: Bench) -> list[Figure]:
    """The ratio of throughputs, and bytes kept per refresh on both sides."""
    ours, peers = bench.ours, bench.peers
    databases = {OURS: bench.database, PEER: bench.databases.url("peers")}
    loads = {
        OURS: RefreshLoad(ours, "/api/v1/token/refresh", "refresh_token", bench.cast["refresh"]),
        PEER: RefreshLoad(peers, "/refresh", "refresh", bench.peer_cast["refresh"]),
    }
    bench.tick("measuring tables")
    before = {name: kept(database) for name, database in databases.items()}
    found = interleave(loads, rounds=bench.few, seconds=bench.seconds, tick=bench.tick)
    bench.bursts |= found
    left = {}
    for name, database in databases.items():
        (size, rows), (old_size, old_rows) = kept(database), before[name]
        count = sum(burst.requests for burst in found[name])
        more = {table: now - old_rows[table] for table, now in rows.items()}
        grown = [f"{table} +{added}" for table, added in more.items() if added > count / 10]
        means = f"{count} refreshes; rows: {', '.join(grown) or 'none more'}"
        # A page more or less of what was there before is not the refreshes'.
        left[name] = (max(0, size - old_size) / count, means)
    return [
        at_least(6, f"{OURS} / {PEER}", ratio(found[OURS], found[PEER]), 5, "exchanges a second over HTTP"),
        at_most(6, f"bytes kept per refresh: {OURS}", left[OURS][0], 0, left[OURS][1], "bytes"),
        told(6, f"bytes kept per refresh: {PEER}", *left[PEER], "bytes"),
    ]
