"""SQLite with many writers: each waits for its turn, and nobody is told "database is locked"."""

import threading
import time

from tests.faults.callers import Callers, amount, slowest, statuses
from tests.faults.conftest import Ann

WRITERS = 50


def test_fifty_writers_and_the_commands_beside_them_all_get_their_turn(on_sqlite):
    server = on_sqlite()
    ann = Ann(server)
    done = threading.Event()
    commands = []

    def command():
        while not done.is_set():
            commands.append(server.manage("seal_audit", check=False))

    beside = threading.Thread(target=command)
    with Callers(
        server,
        (WRITERS - 10, ("POST", "/users", {"first_name": "Eve"}, ann.program)),
        (5, ("POST", "/api-keys", {"environment": "test"}, ann.hers)),
        (5, ("PATCH", "/auth/me", {"first_name": "Ann"}, ann.hers)),
    ) as callers:
        beside.start()
        time.sleep(amount(6, 120))
        done.set()
    beside.join()
    seen = statuses(callers.seen)
    print(f"{WRITERS} writers on SQLite: {seen}, slowest {slowest(callers.seen):.2f} s; {len(commands)} commands")
    assert set(seen) <= {200, 201, 409}, "409: the team has as many keys as it may"
    assert seen[201] > WRITERS * 2
    assert [one.stderr for one in commands if one.returncode] == []
    [(users,)] = server.sql("SELECT count(*) FROM wearables_enduser")
    assert users == sum(one.status == 201 and b"first_name" in one.answer.body for one in callers.seen)
    assert "database is locked" not in server.logged()
