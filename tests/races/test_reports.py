"""One leaked key reported by many at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.races.crowd import progress, rounds

pytestmark = pytest.mark.races

REPORTERS = 8


def report_together(server, key, source):
    """The statuses of simultaneous reports from one address, which no other test counts on."""
    together = threading.Barrier(REPORTERS, timeout=60)

    def report(_):
        line = server.line()
        line.connection.source_address = (source, 0)
        line.connection.connect()
        together.wait()
        status = line.call("POST", "/api-keys/report", {"key": key}).status
        line.close()
        return status

    with ThreadPoolExecutor(REPORTERS) as pool:
        return list(pool.map(report, range(REPORTERS)))


def test_of_many_reports_of_one_key_one_revokes_notes_and_tells(server, new_key):
    told = []
    for number in range(rounds(5, 50)):
        key = new_key()
        assert report_together(server, key["key"], f"127.0.9.{number + 1}") == [202] * REPORTERS
        events = server.sql("SELECT action FROM accounts_auditevent WHERE target_id = %s", server.key_of(key["id"]))
        assert sorted(action for (action,) in events) == ["api_key.issued", "api_key.reported", "api_key.revoked"]
        told.append(f"({key['key_prefix']}…)")
        progress(f"reports {number + 1}")
    ends = time.monotonic() + 20
    while time.monotonic() < ends and not all(prefix in server.logged() for prefix in told):
        time.sleep(0.1)
    time.sleep(1)  # for a second mail, if there is one
    assert [server.logged().count(prefix) for prefix in told] == [1] * len(told)
