"""A lock that somebody holds, connections used up: 503 within the lock's time-out, and nobody waits behind it."""

import os
import secrets
import time

import pytest

from tests.faults.callers import Callers, amount, slowest, statuses, until
from tests.faults.conftest import Ann
from tests.faults.test_database_away import is_away, once

WITHIN = 2.0  # seconds
LOCK_TIMEOUT = 1.1  # seconds; openwearables/connections.py
CONNECTIONS = 6


def test_a_lock_that_is_held_costs_503_in_time_and_holds_up_nobody_else(fragile, ann):
    other = Ann(fragile)
    with fragile.connect() as holder:
        holder.execute("BEGIN")
        holder.execute("SELECT 1 FROM apikeys_apikey WHERE id = %s FOR UPDATE", [ann.key["id"]])
        key = f"/api-keys/{ann.key['id']}"
        for call in (
            ("PATCH", key, {"name": "Other"}, ann.hers),
            ("POST", f"{key}/rotate", {}, ann.hers),
            ("DELETE", key, None, ann.hers),
        ):
            assert is_away(once(fragile, *call)), call
        with Callers(
            fragile,
            (20, ("DELETE", key, None, ann.hers)),
            (4, ("GET", "/users", None, ann.program)),
            (4, ("POST", "/users", {"first_name": "Eve"}, other.program)),
            rest=0.05,
        ) as callers:
            time.sleep(amount(3, 30))
        refused = [one for one in callers.seen if one.status != 200 and one.status != 201]
        served = [one for one in callers.seen if one.status in (200, 201)]
        print(
            f"{statuses(callers.seen)}, slowest refusal {slowest(refused):.2f} s, slowest 2xx {slowest(served):.2f} s"
        )
        assert set(statuses(callers.seen)) == {200, 201, 503}
        assert slowest(callers.seen) < WITHIN
        assert sorted(one.seconds for one in served)[len(served) // 2] < 0.5, "who needs no lock isn't held up"
        holder.rollback()
    assert once(fragile, "GET", "/users", None, ann.program).status == 200, (
        "a revocation that was refused didn't happen"
    )
    assert once(fragile, "DELETE", key, None, ann.hers).status == 200


def test_a_whole_table_that_is_locked_costs_503_in_time_and_the_wait_does_not_grow(fragile, ann):
    """As by a migration, or VACUUM FULL. Who finds no thread free waits for one: so many rounds, and no more."""
    with fragile.connect() as holder:
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE wearables_enduser, accounts_session IN ACCESS EXCLUSIVE MODE")
        call = ("GET", "/users", None, ann.program)
        for callers, within in ((8, WITHIN), (50, 4 * LOCK_TIMEOUT)):
            with Callers(fragile, (callers, call), rest=0.1) as calling:
                time.sleep(amount(4, 20))
            assert set(statuses(calling.seen)) == {503}
            print(f"{callers} callers: {statuses(calling.seen)}, slowest {slowest(calling.seen):.2f} s")
            assert slowest(calling.seen) < within
        assert is_away(once(fragile, "GET", "/auth/me", None, ann.hers))
        holder.rollback()
    until(lambda: once(fragile, "GET", "/users", None, ann.program).status == 200, WITHIN)


@pytest.fixture
def tight(new_fragile):
    """A server whose role may open six connections, for thirty-two threads."""
    server = new_fragile(workers=2)
    role = f"faults_{os.getpid()}_{secrets.token_hex(3)}"
    server.manage("migrate", "--noinput", "--verbosity", "0")
    server.in_postgres(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT {CONNECTIONS}")
    server.sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    server.sql(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}")
    server.only_served["DATABASE_URL"] = server.database_way.url.replace("//postgres@", f"//{role}@")
    yield server.start(migrate=False)
    server.sql(f"DROP OWNED BY {role}")
    server.in_postgres(f"DROP ROLE {role}")


def test_connections_used_up_are_503_at_once_and_those_who_have_one_go_on(tight):
    ann = Ann(tight)
    with Callers(tight, (50, ("GET", "/users", None, ann.program)), rest=0.02) as callers:
        time.sleep(amount(3, 30))
    seen = statuses(callers.seen)
    print(f"{CONNECTIONS} connections, 50 callers: {seen}, slowest {slowest(callers.seen):.2f} s")
    assert set(seen) == {200, 503}
    assert seen[200] > CONNECTIONS * 3, "the connections there are do work"
    assert slowest(callers.seen) < WITHIN
    assert all(is_away(one) for one in callers.seen if one.status == 503)
