"""Goal 14: the chart of 90 days for 20 keys, from the table by the day beside a table with a row for each request.

Both tables hold 10⁶ rows (quick: 10⁵), both are read by the index that fits, and both answers are the same size: a
count for each day and outcome.
"""

import time

import psycopg

from benchmarks.bench import Bench
from benchmarks.databases import filling
from benchmarks.figures import Figure, at_least
from benchmarks.load import spread

GOALS = (14,)
SECONDS = (6, 30)
SERVERS = ()
KEYS, DAYS = 20, 90
OUTCOMES = "(ARRAY['2xx', '403'])[{}]"
KEY = "md5(({})::text)::uuid"

ROLLED = """
    SELECT day, outcome, sum(count) FROM apikeys_usageday
    WHERE key_id = ANY(%s) AND day > current_date - 90 GROUP BY day, outcome"""
RAW = """
    SELECT (at AT TIME ZONE 'UTC')::date AS day, outcome, count(*) FROM raw_request
    WHERE key_id = ANY(%s) AND at > current_date - 89 GROUP BY 1, outcome"""


def fill(connection: psycopg.Connection, rows: int) -> None:
    """`rows` rows in either table; all raw requests are of the twenty keys, the days of as many as it takes."""
    others = rows // (DAYS * 2)
    connection.execute(
        f"INSERT INTO apikeys_usageday (key_id, day, outcome, count) SELECT {KEY.format('key')}, current_date - day,"
        f" {OUTCOMES.format('outcome')}, 100 FROM generate_series(1, {others}) AS key,"
        f" generate_series(0, {DAYS - 1}) AS day, generate_series(1, 2) AS outcome"
    )
    connection.execute("CREATE TABLE raw_request (id bigserial PRIMARY KEY, key_id uuid, at timestamptz, outcome text)")
    connection.execute(
        f"INSERT INTO raw_request (key_id, at, outcome) SELECT {KEY.format(f'1 + n % {KEYS}')},"
        f" current_date + interval '1 hour' - interval '1 second' * (n::bigint * {(DAYS - 1) * 86400} / {rows}),"
        f" {OUTCOMES.format('1 + (n % 7 = 0)::int')} FROM generate_series(1, {rows}) AS n"
    )
    connection.execute("CREATE INDEX ON raw_request (key_id, at) INCLUDE (outcome)")


def seconds_of(connection: psycopg.Connection, query: str) -> tuple[float, int]:
    """(time of one run in seconds, how many rows it answered)."""
    keys = connection.execute(f"SELECT array_agg({KEY.format('n')}) FROM generate_series(1, {KEYS}) AS n").fetchone()[0]
    began = time.perf_counter()
    answered = len(connection.execute(query, [keys]).fetchall())
    return time.perf_counter() - began, answered


def measure(bench: Bench) -> list[Figure]:
    """The time over raw requests over the time over the table by the day."""
    rows = 100_000 if bench.quick else 1_000_000
    bench.tick(f"filling {rows} days and {rows} raw requests")
    database = bench.databases.make("chart", template=bench.migrated)
    with filling(database) as connection:
        fill(connection, rows)
    bench.tick("asking for 90 days of 20 keys")
    times = {ROLLED: [], RAW: []}
    with psycopg.connect(database, autocommit=True) as connection:
        for _ in range(10 * bench.few):
            for query, found in times.items():
                found.append(seconds_of(connection, query))
    answered = {row for found in times.values() for _, row in found}
    assert len(answered) == 1 and min(answered) >= DAYS, f"the two queries answer differently: {answered}"
    times = {query: [seconds for seconds, _ in found] for query, found in times.items()}
    ratios = spread([raw / rolled for rolled, raw in zip(times[ROLLED], times[RAW], strict=True)])
    rolled = spread(times[ROLLED]).median * 1000
    means = f"{rolled:.1f} ms against {spread(times[RAW]).median * 1000:.1f} ms, in the database"
    return [at_least(14, f"90 days of 20 keys: {rows:,} raw requests / days", ratios, 10, means)]
