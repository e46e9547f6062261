"""Goal 9: access that was withdrawn by one worker is refused by every worker at once, 1,000 times.

Each time both workers answer 200 first, so that a cache would know; then one of them revokes, disables or narrows the
key or ends the session; then both are asked as soon as that answer came.
"""

from benchmarks.bench import NOTHING, Bench
from benchmarks.figures import Figure, at_most
from benchmarks.servers import PASSWORD, Answer, Line

GOALS = (9,)
SECONDS = (8, 50)
SERVERS = ("ours", "peers")
PATH = NOTHING.removeprefix("/api/v1")


def measure(bench: Bench) -> list[Figure]:
    """How many of the withdrawals were not heard by some worker."""
    ours, email = bench.ours, bench.cast["emails"][0]
    lines = ours.a_line_to_each_worker()
    rounds = 100 if bench.quick else 1000
    late = 0
    hers = _bearer(_sign_in(lines[0], email))
    for number in range(rounds):
        if number % 50 == 0:
            bench.tick(f"withdrawal {number + 1} of {rounds}")
        act = ACTS[number % len(ACTS)]
        late += act(lines if number % 2 else lines[::-1], email, hers)
    for line in lines:
        line.close()
    means = f"revoked, disabled, narrowed and signed out in turn; over {ours.workers} workers"
    return [at_most(9, f"of {rounds} withdrawals, accepted afterwards", late, 0, means, "")]


def _revoke(lines, email, hers) -> bool:
    key = _new_key(lines, hers)
    _ok(lines[0].call("DELETE", f"/api-keys/{key['id']}", **hers))
    return _accepted(lines, {"X-API-Key": key["key"]})


def _disable(lines, email, hers) -> bool:
    return _changed(lines, hers, {"enabled": False})


def _narrow(lines, email, hers) -> bool:
    return _changed(lines, hers, {"scopes": ["data:read"]})


def _changed(lines, hers, change) -> bool:
    key = _new_key(lines, hers)
    _ok(lines[0].call("PATCH", f"/api-keys/{key['id']}", change, **hers))
    late = _accepted(lines, {"X-API-Key": key["key"]})
    _ok(lines[0].call("DELETE", f"/api-keys/{key['id']}", **hers))
    return late


def _sign_out(lines, email, hers) -> bool:
    his = _bearer(_sign_in(lines[0], email))
    assert _accepted(lines, his)
    _ok(lines[0].call("POST", "/auth/logout", **his))
    return _accepted(lines, his)


ACTS = (_revoke, _disable, _narrow, _sign_out)


def _accepted(lines: list[Line], carried: dict[str, str]) -> bool:
    """Whether any worker lets it pass; those that did nothing are asked first."""
    return any([line.call("GET", PATH, **carried).status == 200 for line in reversed(lines)])


def _new_key(lines: list[Line], hers: dict[str, str]) -> dict:
    key = _ok(lines[0].call("POST", "/api-keys", {"environment": "test"}, **hers)).json()
    for line in lines:
        _ok(line.call("GET", PATH, **{"X-API-Key": key["key"]}))
    return key


def _sign_in(line: Line, email: str) -> str:
    return _ok(line.call("POST", "/auth/login", {"username": email, "password": PASSWORD})).json()["access_token"]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _ok(answer: Answer) -> Answer:
    assert answer.status < 300, answer
    return answer
