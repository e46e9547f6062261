"""A deploy: HUP under load drops no request, and what was given out before stays good."""

import threading
import time

from tests.live import Line


def test_a_reload_under_load_drops_no_request(server):
    email = server.new_developer()
    line = server.as_developer(email)
    key = line.call("POST", "/api-keys", {"environment": "test"}).json()["key"]
    line.close()
    before, statuses, failures, done = set(server.pids()), [], [], threading.Event()

    def work():
        while not done.is_set():
            mine = Line(server, **{"X-API-Key": key, "Connection": "close"})
            try:
                statuses.append(mine.call("GET", "/users").status)
            except Exception as error:
                failures.append(error)
            finally:
                mine.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    server.reload()
    ends = time.monotonic() + 30
    while time.monotonic() < ends and set(server.pids()) & before:
        time.sleep(0.1)
    time.sleep(0.5)
    done.set()
    for thread in threads:
        thread.join()
    assert not set(server.pids()) & before, "the old workers went"
    assert not failures
    assert set(statuses) == {200}
