"""The same product over a small database and over a large one; `bench` is the run they belong to."""

from dataclasses import dataclass

import psycopg

from benchmarks.databases import filling
from benchmarks.filling import add_filler, add_keys, add_people, add_teams, late_indexes
from benchmarks.servers import Ours

SMALL = 1000
TEAMS = 1000
CHUNKS = 10
ASKED = 2000  # ids of people that are asked for in turn


@dataclass(frozen=True)
class Sized:
    """A server, and how to ask it.

    Args:
        keys: good keys from everywhere in the table.
        crowded, usual: (a key, ids of its team's people) of a team that holds nearly all people, or a usual number.
    """

    server: Ours
    database: str
    keys: list[str]
    crowded: tuple[str, list[str]]
    usual: tuple[str, list[str]]


def small(bench) -> Sized:
    """A thousand keys and a thousand people, in one team."""
    bench.tick("filling the small database")
    return _sized(bench, "small", teams=0, keys=SMALL, known=SMALL, crowd=SMALL, others=0)


def large(bench) -> Sized:
    """10⁷ keys (quick: 10⁵), 10⁶ people (10⁵) in one team and as many dealt to a thousand others."""
    people = 100_000 if bench.quick else 1_000_000
    keys = 100_000 if bench.quick else 10_000_000
    bench.tick(f"filling the large database: {keys} keys, {2 * people} people")
    return _sized(bench, "large", teams=TEAMS, keys=keys, known=50_000, crowd=people, others=people)


def _sized(bench, name: str, *, teams: int, keys: int, known: int, crowd: int, others: int) -> Sized:
    database = bench.databases.make(name, template=bench.migrated)
    caster = Ours(database, bench.redis)
    cast = caster.cast(2, 2)
    caster.stop()
    crowded, usual = cast["teams"]
    texts = []
    with filling(database) as connection:
        add_teams(connection, teams)
        with late_indexes(connection, "apikeys_apikey"):
            for number in range(CHUNKS):
                texts += add_keys(connection, known // CHUNKS)
                rows = (keys - known) // CHUNKS
                add_filler(connection, number * rows, rows)
        with late_indexes(connection, "wearables_enduser"):
            add_people(connection, 0, crowd, crowded)
            add_people(connection, crowd, others)
    server = bench.run_ours(name, database)
    return Sized(
        server,
        database,
        texts,
        (cast["keys"][0], _some_people(database, crowded)),
        (cast["keys"][1], _some_people(database, usual)),
    )


def _some_people(database: str, team: str) -> list[str]:
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT id FROM wearables_enduser WHERE team_id = %s ORDER BY md5(id::text) LIMIT %s", [team, ASKED]
        )
        return [str(ident) for (ident,) in rows]
