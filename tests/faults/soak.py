"""A long run under load, with faults in turn: who calls, what breaks when, and which answer that explains."""

import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.callers import Seen, timed
from tests.faults.conftest import Ann
from tests.live import PASSWORD, Line

GRACE = 2.0  # seconds after a fault until everything is as before
SLOWEST = 2.5  # seconds of an answer, whatever is broken
HASH_TURN = 2.0  # seconds that a sign-in may wait more, for its password's turn to be hashed
STALLED = 0.4  # seconds that one row takes to be written, past any proxy, when this machine itself can't keep up
LIMIT = 20  # calls of a key whose limit is tried


@dataclass
class Fault:
    """Something that was broken, and when (time.monotonic)."""

    part: str
    began: float
    ended: float = float("inf")

    def touches(self, began: float, ended: float) -> bool:
        return began < self.ended + GRACE and ended > self.began


class Soak:
    """The server, its faults so far, and everything that was not as it must be."""

    def __init__(self, server, pace: float):
        self.server, self.pace = server, pace
        self.ann = Ann(server)
        self.faults: list[Fault] = []
        self.wrong: list[str] = []
        self.seen: Counter = Counter()
        self.of_ann: Counter = Counter()  # the answers to her key, which usage must agree with
        self.users: list[str] = []  # acknowledged
        self.tried: Counter = Counter()
        self.might_be_lost = 0
        self._lately: list[Seen] = []
        self._done = threading.Event()
        server.sql("CREATE TABLE soak_pulse (at timestamptz DEFAULT now())")
        each = ((4, self.read), (3, self.write), (2, self.revoke), (2, self.refresh), (1, self.limit), (1, self.pulse))
        self._threads = [
            threading.Thread(target=self._guard, args=(act,), daemon=True) for count, act in each for _ in range(count)
        ]

    def note(self, what: str):
        """Something was not as it must be; with the last fault that was made before it."""
        last = next((fault for fault in reversed(self.faults) if fault.part != "machine"), None)
        self.wrong.append(f"{what} ({last.part}, {time.monotonic() - last.began:.1f} s ago)" if last else what)

    # --- what breaks ---

    @contextmanager
    def fault(self, part: str):
        """Note that `part` is broken within."""
        fault = Fault(part, time.monotonic())
        self.faults.append(fault)
        yield
        fault.ended = time.monotonic()

    def hit_by(self, part: str, began: float, ended: float) -> bool:
        return any(fault.part == part and fault.touches(began, ended) for fault in list(self.faults))

    def kill_a_worker(self, flush: float):
        """SIGKILL; notes how many of Ann's calls it may have taken along."""
        with self.fault("worker"):
            killed = time.monotonic()
            self.server.kill(self.server.pids()[0])
            self.server.wait()
        self.might_be_lost += sum(one.at > killed - flush for one in self._lately[-5000:])

    # --- who calls ---

    def call(self, method, path, body=None, **headers) -> Seen:
        """One call on a connection of its own; a status that nothing explains is noted."""
        line = Line(self.server, Connection="close")
        one = timed(lambda: line.call(method, path, body, **headers))
        line.close()
        self.seen[one.status] += 1
        ended = one.at + one.seconds
        fair = (
            one.status in (200, 201, 429)
            or (one.status == 503 and self.hit_by("database", one.at, ended))
            or (one.status == 503 and self.hit_by("machine", one.at, ended))
            or (one.status == 0 and self.hit_by("worker", one.at, ended))
        )
        if not fair:
            self.note(f"{method} {path}: {one}")
        may_take = SLOWEST + HASH_TURN * (path == "/auth/login")
        # gunicorn ends the old workers as soon as it has started new ones, and those import Django first: callers wait.
        excused = any(self.hit_by(part, one.at, ended) for part in ("worker", "deploy", "machine"))
        if one.seconds > may_take and not excused:
            self.note(f"{method} {path} took {one.seconds:.1f} s: {one.status}")
        return one

    def read(self):
        """Ann's key reads."""
        one = self.call("GET", "/users?limit=1", **self.ann.program)
        self.of_ann[one.status] += 1
        self._lately.append(one)

    def write(self):
        """Somebody is made; what was acknowledged must be there at the end."""
        one = self.call("POST", "/users?environment=test", {"first_name": "Eve"}, **self.ann.hers)
        if one.status == 201:
            self.users.append(one.answer.json()["id"])

    def revoke(self):
        """A key is made and revoked: after the answer nobody accepts it."""
        made = self.call("POST", "/api-keys", {"environment": "test"}, **self.ann.hers)
        if made.status != 201:
            return
        key = made.answer.json()
        gone = self.call("DELETE", f"/api-keys/{key['id']}", **self.ann.hers)
        if gone.status != 200:
            return
        self.tried["revoked"] += 1
        for _ in range(4):
            line = Line(self.server, Connection="close")
            late = timed(lambda line=line: line.call("GET", "/users", **{"X-API-Key": key["key"]}))
            line.close()
            if late.status not in (401, 429, 503, 0):
                self.note(f"a revoked key was accepted: {late}")

    def refresh(self):
        """A session is refreshed again and again; a lost answer is asked for once more, and is no logout."""
        signed_in = self.call("POST", "/auth/login", {"username": self.ann.email, "password": PASSWORD})
        if signed_in.status != 200:
            return
        token = signed_in.answer.json()["refresh_token"]
        for _ in range(20):
            one = self.call("POST", "/token/refresh", {"refresh_token": token})
            if one.status == 200:
                token = one.answer.json()["refresh_token"]
                self.tried["refreshed"] += 1
            if self._done.wait(self.pace):
                return

    def limit(self):
        """A fresh key is called by four at once, past its limit."""
        made = self.call(
            "POST",
            "/api-keys",
            {"environment": "test", "rate_limit": {"limit": LIMIT, "per_seconds": 3600}},
            **self.ann.hers,
        )
        if made.status != 201:
            return
        key, found = made.answer.json(), []

        def hammer():
            for _ in range(LIMIT // 2):
                found.append(self.call("GET", "/users?limit=1", **{"X-API-Key": key["key"]}))

        four = [threading.Thread(target=hammer) for _ in range(4)]
        for thread in four:
            thread.start()
        for thread in four:
            thread.join()
        passed = [one for one in found if one.status == 200]
        alone = any("ratelimit" not in one.answer.headers for one in passed)  # a process that held its share by itself
        self.tried["limited alone" if alone else "limited"] += 1
        if len(passed) > (2 * LIMIT if alone else LIMIT):  # what Redis had counted before is not known to it
            self.note(f"{len(passed)} calls passed a limit of {LIMIT}")
        self.call("DELETE", f"/api-keys/{key['id']}", **self.ann.hers)

    def pulse(self):
        """Notes when this machine stalls: PostgreSQL itself, without any proxy, takes long for nothing."""
        began = time.monotonic()
        self.server.sql("INSERT INTO soak_pulse DEFAULT VALUES")
        ended = time.monotonic()
        if ended - began > STALLED:
            self.faults.append(Fault("machine", began, ended))
        self._done.wait(0.1)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self._done.set()
        for thread in self._threads:
            thread.join(60)

    def _guard(self, act):
        while not self._done.wait(self.pace):
            try:
                act()
            except Exception as error:
                self.note(f"{act.__name__}: {error!r}")


def memory(pids) -> dict[int, float]:
    """Resident megabytes of each process, the least in two seconds: while it hashes a password it takes 19 MiB more."""
    found = dict.fromkeys(pids, float("inf"))
    for _ in range(40):
        for pid in found:
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            found[pid] = min(found[pid], pages * 4096 / 1e6)
        time.sleep(0.05)
    return found
