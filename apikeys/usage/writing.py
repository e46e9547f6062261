"""One batch, one transaction: upserts that add. Rows in order of their keys, so that two processes can't deadlock."""

import uuid
from collections import Counter
from datetime import UTC, datetime

from django.db import connection, transaction

from apikeys.usage.totals import Totals
from apikeys.usage.watching import watch
from protocol.sql import as_stored

AT_ONCE = 500  # rows: far from the 1.6 s after which `protocol.postgresql` gives up on an answer
BATCH = "INSERT INTO apikeys_usagebatch (id, written_at) VALUES (%s, %s) ON CONFLICT (id) DO NOTHING"


def _adding(table: str, *whose: str) -> str:
    """An INSERT of counts that adds to what stands there."""
    names = ", ".join(whose)
    return (
        f"INSERT INTO {table} ({names}, count) VALUES {{}} "  # noqa: S608 - names of ours
        f"ON CONFLICT ({names}) DO UPDATE SET count = {table}.count + excluded.count"
    )


HOURS = _adding("apikeys_usagehour", "key_id", "hour", "outcome")
ENDPOINTS = _adding("apikeys_endpointday", "key_id", "day", "method", "route")
TEAM_HOURS = _adding("apikeys_teamhour", "team_id", "hour", "outcome")
TEAM_ENDPOINTS = _adding("apikeys_teamendpointday", "team_id", "day", "method", "route")
# Another process may have written a later use already.
USES = """
    INSERT INTO apikeys_lastuse (key_id, first_used_at, last_used_at, ip, user_agent) VALUES {}
    ON CONFLICT (key_id) DO UPDATE SET
        first_used_at = CASE WHEN excluded.first_used_at < apikeys_lastuse.first_used_at
                             THEN excluded.first_used_at ELSE apikeys_lastuse.first_used_at END,
        ip = CASE WHEN excluded.last_used_at >= apikeys_lastuse.last_used_at
                  THEN excluded.ip ELSE apikeys_lastuse.ip END,
        user_agent = CASE WHEN excluded.last_used_at >= apikeys_lastuse.last_used_at
                          THEN excluded.user_agent ELSE apikeys_lastuse.user_agent END,
        last_used_at = CASE WHEN excluded.last_used_at >= apikeys_lastuse.last_used_at
                            THEN excluded.last_used_at ELSE apikeys_lastuse.last_used_at END
"""
REQUESTS = """
    INSERT INTO apikeys_requestrecord
        (id, request_id, created_at, team_id, key_id, developer_id, method, route, status, code, failed_rule, ms, ip,
         user_agent)
    VALUES {} ON CONFLICT (id) DO NOTHING
"""


def write(batch: uuid.UUID, totals: Totals) -> None:
    """Write a batch. One that was written already, though the answer to its COMMIT was lost, changes nothing.

    Raises:
        django.db.Error: nothing of it was written, or all of it: try again with the same `batch`.
    """
    news = watch.news(totals.signs)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BATCH, as_stored((batch, datetime.now(UTC))))
        if cursor.rowcount != 1:
            return
        _insert(cursor, HOURS, _rows(totals.hours))
        _insert(cursor, ENDPOINTS, _rows(totals.endpoints))
        news.look_back()
        _insert(cursor, USES, [_use(key_id, totals.uses[key_id]) for key_id in sorted(totals.uses)])
        _insert(cursor, REQUESTS, [_record(seen) for seen in totals.requests])
        for key_id in sorted(totals.digests):
            totals.digests[key_id].write()
        news.write()
        # Last, for every process that serves a team waits for these rows until COMMIT.
        _insert(cursor, TEAM_HOURS, _rows(totals.of_teams(totals.hours)))
        _insert(cursor, TEAM_ENDPOINTS, _rows(totals.of_teams(totals.endpoints)))
    watch.remember(news)


def _insert(cursor, statement: str, rows: list[tuple]) -> None:
    """All rows in one statement, for each costs a round trip; a part at a time, for a server waits only so long.

    The rows of a part have different keys: no INSERT changes a row twice.
    """
    for begin in range(0, len(rows), AT_ONCE):
        part = rows[begin : begin + AT_ONCE]
        places = ", ".join([f"({', '.join(['%s'] * len(part[0]))})"] * len(part))
        cursor.execute(statement.format(places), [value for row in part for value in as_stored(row)])


def _rows(counts: Counter) -> list[tuple]:
    return sorted((*key, count) for key, count in counts.items())


def _use(key_id, use) -> tuple:
    return (key_id, _moment(use.first), _moment(use.last), use.ip, use.agent)


def _record(seen) -> tuple:
    owner = (seen.proved.team_id, seen.proved.key_id, seen.proved.developer_id) if seen.proved else (None, None, None)
    code, rule = seen.refusal
    asked = (seen.method[:10], seen.route, seen.status, code, rule[:200], seen.ms, seen.ip, seen.agent)
    return (seen.id, seen.request_id, _moment(seen.at), *owner, *asked)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
